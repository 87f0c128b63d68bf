package project

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// AddGrant lets an organization give its own users roles of a project.
type AddGrant struct {
	ProjectID    string
	Organization string
	Roles        []string // keys; one that is named twice is granted once
}

// AddGrant grants a project to an organization.
func (s *Service) AddGrant(ctx context.Context, caller *permission.Caller, req AddGrant) (command.Receipt, error) {
	g, err := newGuard(opAddGrant, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	roles, err := parseRoles(req.Roles)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, req.ProjectID, func(ctx context.Context, state *State, d *command.Decision) error {
		if req.Organization == state.Organization {
			return ErrGrantToOwner
		}
		if err := s.organization(ctx, g, req.Organization, ErrOrganizationNotFound); err != nil {
			return err
		}
		if _, granted := state.Grant(req.Organization); granted {
			return ErrGrantExists
		}
		if state.grants.size >= maxGrants {
			return ErrGrants
		}
		if !state.hasRoles(roles) {
			return ErrRoleUnknown
		}
		d.Add(s.rt.NewID(), &eventv1.ProjectGrantAdded{OrganizationId: req.Organization, RoleKeys: roles})
		return nil
	})
}

// UpdateGrant replaces the roles of a grant.
type UpdateGrant struct {
	ProjectID    string
	Organization string
	Roles        []string // keys; one that is named twice is granted once
}

// UpdateGrant replaces the roles of a grant. Those that are not granted any more are gone from the authorizations under it. The
// same roles again are no change.
func (s *Service) UpdateGrant(ctx context.Context, caller *permission.Caller, req UpdateGrant) (command.Receipt, error) {
	g, err := newGuard(opUpdateGrant, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	roles, err := parseRoles(req.Roles)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.changeGrant(ctx, g, target{req.ProjectID, req.Organization}, func(state *State, grant Grant) (proto.Message, error) {
		switch {
		case !state.hasRoles(roles):
			return nil, ErrRoleUnknown
		case same(roles, grant.Roles):
			return nil, nil
		}
		return &eventv1.ProjectGrantChanged{OrganizationId: req.Organization, RoleKeys: roles}, nil
	})
}

// DeactivateGrant takes a grant out of use until ActivateGrant. Roles and authorizations stay.
func (s *Service) DeactivateGrant(ctx context.Context, caller *permission.Caller, projectID, organization string) (command.Receipt, error) {
	g, err := newGuard(opDeactivateGrant, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.changeGrant(ctx, g, target{projectID, organization}, func(_ *State, grant Grant) (proto.Message, error) {
		if !grant.Active {
			return nil, ErrGrantInactive
		}
		return &eventv1.ProjectGrantDeactivated{OrganizationId: organization}, nil
	})
}

// ActivateGrant brings a grant back into use.
func (s *Service) ActivateGrant(ctx context.Context, caller *permission.Caller, projectID, organization string) (command.Receipt, error) {
	g, err := newGuard(opActivateGrant, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.changeGrant(ctx, g, target{projectID, organization}, func(_ *State, grant Grant) (proto.Message, error) {
		if grant.Active {
			return nil, ErrGrantActive
		}
		return &eventv1.ProjectGrantActivated{OrganizationId: organization}, nil
	})
}

// RemoveGrant ends a grant, with the authorizations under it.
func (s *Service) RemoveGrant(ctx context.Context, caller *permission.Caller, projectID, organization string) (command.Receipt, error) {
	g, err := newGuard(opRemoveGrant, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.changeGrant(ctx, g, target{projectID, organization}, func(*State, Grant) (proto.Message, error) {
		return &eventv1.ProjectGrantRemoved{OrganizationId: organization}, nil
	})
}

// target is a project as it was granted to an organization.
type target struct {
	project, organization string
}

// changeGrant runs a command on a grant that exists. One to an organization that is gone went with it.
func (s *Service) changeGrant(
	ctx context.Context, g guard, of target, decide func(*State, Grant) (proto.Message, error),
) (command.Receipt, error) {
	return s.change(ctx, g, of.project, func(ctx context.Context, state *State, d *command.Decision) error {
		grant, exists := state.Grant(of.organization)
		if !exists {
			return ErrGrantNotFound
		}
		if err := s.organization(ctx, g, of.organization, ErrGrantNotFound); err != nil {
			return err
		}
		msg, err := decide(state, grant)
		if err != nil || msg == nil {
			return err
		}
		d.Add(s.rt.NewID(), msg)
		return nil
	})
}

// parseRoles returns keys without those that are named again.
func parseRoles(keys []string) ([]string, error) {
	if len(keys) > maxRoles {
		return nil, ErrRoleKeys
	}
	seen := make(map[string]struct{}, len(keys))
	var once []string
	for _, key := range keys {
		if _, twice := seen[key]; !twice {
			seen[key] = struct{}{}
			once = append(once, key)
		}
	}
	return once, nil
}

func (s *State) hasRoles(keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { return !s.HasRole(key) })
}

// same reports whether both hold the same roles. Neither names one twice.
func same(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
