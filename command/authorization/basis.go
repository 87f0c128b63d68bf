package authorization

import (
	"context"
	"fmt"
	"slices"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/eventstore"
)

// basis is what authorizations on a project in an organization stand on.
type basis struct {
	project      string
	organization string
	state        *project.State
	grant        project.Grant // the zero Grant in the organization that owns the project
	exists       bool
}

// look finds the basis of authorizations. It ends with the project, the grant, and either organization.
func (s *Service) look(ctx context.Context, tenant, projectID, organizationID string) (*basis, error) {
	state, err := s.projects.Project(ctx, tenant, projectID)
	if err != nil {
		return nil, fmt.Errorf("authorization: look for a project: %w", err)
	}
	b := &basis{project: projectID, organization: organizationID, state: state, exists: state.Exists()}
	if !b.owned() {
		var granted bool
		b.grant, granted = state.Grant(organizationID)
		b.exists = b.exists && granted
	}
	for _, id := range slices.Compact([]string{state.Organization, organizationID}) {
		if !b.exists {
			break
		}
		if b.exists, err = s.organizations.Exists(ctx, tenant, id); err != nil {
			return nil, fmt.Errorf("authorization: look for an organization: %w", err)
		}
	}
	return b, nil
}

// owned reports whether the organization is the one that owns the project.
func (b *basis) owned() bool { return b.state.Organization == b.organization }

// scope is where permissions on the authorizations are held. Those under a grant are the business of the organization that the
// project was granted to, not of the one that owns it.
func (b *basis) scope() permission.Scope {
	if b.owned() {
		return permission.Scope{Organization: b.organization, Project: b.project}
	}
	return permission.Scope{Organization: b.organization, Project: b.project, Granted: b.organization}
}

// bears reports whether an authorization of a user, whose present life began at since, still stands.
func (b *basis) bears(e *entry, since eventstore.Position) bool {
	return b.exists && e.added >= since && e.added >= b.grant.Since
}

// allows reports whether roles can be given.
func (b *basis) allows(roles []string) bool {
	return !slices.ContainsFunc(roles, func(key string) bool {
		return !b.state.HasRole(key) || !b.owned() && !slices.Contains(b.grant.Roles, key)
	})
}
