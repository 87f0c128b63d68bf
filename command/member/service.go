package member

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime       command.Runtime
	Members       *command.Executor[State]
	Instances     *command.Executor[instance.State]
	Users         *command.Executor[user.State]
	Organizations *organization.Directory
	Projects      *project.Directory
}

// Service runs the commands on memberships. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	members       *command.Executor[State]
	instances     *command.Executor[instance.State]
	users         *command.Executor[user.State]
	organizations *organization.Directory
	projects      *project.Directory
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, members: d.Members, instances: d.Instances, users: d.Users, organizations: d.Organizations, projects: d.Projects,
	}
}

// place is a resource as it is.
type place struct {
	on     Resource // with the owner of a project
	level  permission.Level
	exists bool
	since  eventstore.Position // where the present life of a grant began
}

// look finds a resource.
func (s *Service) look(ctx context.Context, tenant string, r Resource) (*place, error) {
	level, valid := r.level()
	if !valid {
		return nil, ErrResource
	}
	at := &place{on: r, level: level}
	var err error
	switch level {
	case permission.OnInstance:
		at.exists = true
	case permission.OnOrganization:
		at.exists, err = s.organizations.Exists(ctx, tenant, r.Organization)
	default:
		err = s.lookProject(ctx, tenant, at)
	}
	if err != nil {
		return nil, fmt.Errorf("member: look for a resource: %w", err)
	}
	return at, nil
}

// lookProject finds a project, or a grant of it. They end with the organizations they stand on.
func (s *Service) lookProject(ctx context.Context, tenant string, at *place) error {
	state, err := s.projects.Project(ctx, tenant, at.on.Project)
	if err != nil {
		return err
	}
	at.on.Organization, at.exists = state.Organization, state.Exists()
	needed := []string{state.Organization}
	if at.level == permission.OnProjectGrant {
		grant, granted := state.Grant(at.on.Granted)
		at.exists, at.since = at.exists && granted, grant.Since
		needed = append(needed, at.on.Granted)
	}
	for _, id := range needed {
		if !at.exists {
			return nil
		}
		if at.exists, err = s.organizations.Exists(ctx, tenant, id); err != nil {
			return err
		}
	}
	return nil
}
