package authorization

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Create gives a user roles of a project.
type Create struct {
	UserID       string
	Project      string
	Organization string   // in which the user acts: it owns the project or was granted it
	Roles        []string // keys; one that is named twice is given once
}

// Created is the answer of Create.
type Created struct {
	ID      string
	Receipt command.Receipt
}

// Create adds an authorization under a new id.
func (s *Service) Create(ctx context.Context, caller *permission.Caller, req Create) (Created, error) {
	if !caller.Authenticated() {
		return Created{}, permission.ErrUnauthenticated
	}
	if len(req.Roles) > mostRoles {
		return Created{}, ErrRoles
	}
	b, err := s.look(ctx, caller.Tenant, req.Project, req.Organization)
	if err != nil {
		return Created{}, err
	}
	if err := check(opCreate, caller, b); err != nil {
		return Created{}, err
	}
	if !b.exists {
		return Created{}, ErrProjectNotFound
	}
	holder, err := s.users.Load(ctx, caller.Tenant, req.UserID)
	switch {
	case err != nil:
		return Created{}, err
	case !holder.State.Exists() || !caller.Knows(holder.State.Organization, b.organization):
		return Created{}, user.ErrNotFound
	case !b.owned() && !b.grant.Active:
		return Created{}, ErrGrantInactive
	case !b.allows(req.Roles):
		return Created{}, ErrRoleUnknown
	}
	return s.add(ctx, caller, &addition{
		user: req.UserID, holder: &holder.State, basis: b, id: s.rt.NewID().String(), roles: sorted(req.Roles),
	})
}

// addition is an authorization that may be added.
type addition struct {
	user   string
	holder *user.State
	basis  *basis
	id     string
	roles  []string
}

func (s *Service) add(ctx context.Context, caller *permission.Caller, a *addition) (Created, error) {
	claim, err := s.claim(ctx, caller.Tenant, a.id)
	if err != nil {
		return Created{}, err
	}
	call := command.CallBy[State](caller, a.user)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: a.holder.Organization, Claims: []eventstore.Claim{claim}}
		for i := range snap.State.entries {
			e := &snap.State.entries[i]
			if e.project == a.basis.project && e.organization == a.basis.organization && a.basis.bears(e, a.holder.Added) {
				return d, ErrExists
			}
		}
		if len(snap.State.entries) >= most {
			if err := s.clear(ctx, caller.Tenant, a.holder, &snap.State, &d); err != nil {
				return d, err
			}
		}
		d.Add(s.rt.NewID(), &eventv1.AuthorizationAdded{
			Id: a.id, ProjectId: a.basis.project, OrganizationId: a.basis.organization, RoleKeys: a.roles,
		})
		return d, nil
	}
	receipt, _, err := s.authorizations.Execute(ctx, call)
	if err != nil {
		return Created{}, err
	}
	receipt.Organization = a.basis.organization
	return Created{ID: a.id, Receipt: receipt}, nil
}

// clearMost is how many authorizations that have ended are cleared away at once.
const clearMost = 100

// clear removes authorizations that have ended, so that they leave room for others. It refuses if there are none.
func (s *Service) clear(ctx context.Context, tenant string, holder *user.State, state *State, d *command.Decision) error {
	for i := range state.entries {
		e := &state.entries[i]
		b, err := s.look(ctx, tenant, e.project, e.organization)
		if err != nil {
			return err
		}
		if b.bears(e, holder.Added) {
			continue
		}
		if err := s.remove(ctx, tenant, e.id, d); err != nil {
			return err
		}
		if len(d.Events) == clearMost {
			break
		}
	}
	if len(d.Events) == 0 {
		return ErrTooMany
	}
	return nil
}

// remove adds the end of an authorization to a decision.
func (s *Service) remove(ctx context.Context, tenant, id string, d *command.Decision) error {
	claim, err := s.claim(ctx, tenant, id)
	if err != nil {
		return err
	}
	d.Releases = append(d.Releases, claim)
	d.Add(s.rt.NewID(), &eventv1.AuthorizationRemoved{Id: id})
	return nil
}
