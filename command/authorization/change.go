package authorization

import (
	"context"
	"slices"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Update replaces the roles of an authorization.
type Update struct {
	ID    string
	Roles []string // keys; one that is named twice is given once
}

// Update gives the user exactly these roles. The same again are no change.
func (s *Service) Update(ctx context.Context, caller *permission.Caller, req Update) (command.Receipt, error) {
	if caller.Authenticated() && len(req.Roles) > mostRoles {
		return command.Receipt{}, ErrRoles
	}
	roles := sorted(req.Roles)
	return s.change(ctx, caller, order{opUpdate, req.ID}, func(_ context.Context, b *basis, e *entry, d *command.Decision) error {
		if !b.allows(roles) {
			return ErrRoleUnknown
		}
		// Since a role was last taken away from the project or a grant, this one may have less than was recorded.
		if slices.Equal(e.roles, roles) && e.changed > b.state.Narrowed {
			return nil
		}
		d.Add(s.rt.NewID(), &eventv1.AuthorizationChanged{Id: req.ID, RoleKeys: roles})
		return nil
	})
}

// Activate makes an authorization count again. An active one stays as it is.
func (s *Service) Activate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, caller, order{opActivate, id}, func(_ context.Context, _ *basis, e *entry, d *command.Decision) error {
		if !e.active {
			d.Add(s.rt.NewID(), &eventv1.AuthorizationActivated{Id: id})
		}
		return nil
	})
}

// Deactivate makes an authorization count for nothing until Activate. An inactive one stays as it is.
func (s *Service) Deactivate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, caller, order{opDeactivate, id}, func(_ context.Context, _ *basis, e *entry, d *command.Decision) error {
		if e.active {
			d.Add(s.rt.NewID(), &eventv1.AuthorizationDeactivated{Id: id})
		}
		return nil
	})
}

// Remove ends an authorization.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, caller, order{opRemove, id}, func(ctx context.Context, _ *basis, _ *entry, d *command.Decision) error {
		return s.remove(ctx, caller.Tenant, id, d)
	})
}

// order is a command on one authorization.
type order struct {
	op operation
	id string
}

// decide adds to a decision what is to happen to an authorization that stands.
type decide func(ctx context.Context, b *basis, e *entry, d *command.Decision) error

// change runs a command on an authorization that stands, by order of a caller who may.
func (s *Service) change(ctx context.Context, caller *permission.Caller, o order, decide decide) (command.Receipt, error) {
	if !caller.Authenticated() {
		return command.Receipt{}, permission.ErrUnauthenticated
	}
	userID, err := s.holder(ctx, caller.Tenant, o.id)
	if err != nil {
		return command.Receipt{}, err
	}
	holder, err := s.users.Load(ctx, caller.Tenant, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	var organization string
	call := command.CallBy[State](caller, userID)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		var d command.Decision
		e, _ := snap.State.find(o.id)
		b, err := s.look(ctx, caller.Tenant, e.project, e.organization)
		if err != nil {
			return d, err
		}
		if err := check(o.op, caller, b); err != nil {
			return d, err
		}
		if !holder.State.Exists() || !b.bears(&e, holder.State.Added) {
			return d, ErrNotFound
		}
		organization = e.organization
		err = decide(ctx, b, &e, &d)
		return d, err
	}
	receipt, after, err := s.authorizations.Execute(ctx, call)
	if err != nil {
		return command.Receipt{}, err
	}
	receipt.Organization = organization
	if e, still := after.find(o.id); still {
		receipt.ChangedAt = e.changedAt.UTC()
	}
	return receipt, nil
}
