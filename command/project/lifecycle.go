package project

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Deactivate takes a project out of use until Activate. Roles, grants and authorizations stay.
func (s *Service) Deactivate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	g, err := newGuard(opDeactivate, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, id, func(_ context.Context, state *State, d *command.Decision) error {
		if !state.Active() {
			return ErrInactive
		}
		d.Add(s.rt.NewID(), &eventv1.ProjectDeactivated{})
		return nil
	})
}

// Activate brings a project back into use.
func (s *Service) Activate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	g, err := newGuard(opActivate, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, id, func(_ context.Context, state *State, d *command.Decision) error {
		if state.Active() {
			return ErrActive
		}
		d.Add(s.rt.NewID(), &eventv1.ProjectActivated{})
		return nil
	})
}

// Remove ends a project, with its roles and grants and the authorizations on it. Its name is free with the same append, its id
// never.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	g, err := newGuard(opRemove, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, id, func(ctx context.Context, state *State, d *command.Decision) error {
		name, err := s.nameClaim(ctx, caller.Tenant, state.Organization, state.Name)
		if err != nil {
			return err
		}
		d.Releases = []eventstore.Claim{name}
		d.Add(s.rt.NewID(), &eventv1.ProjectRemoved{})
		return nil
	})
}
