package organization

import (
	"context"
	"fmt"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Add adds an organization under a new id; one is made up if id is empty. The receipt's Organization is the id. It needs org.create
// on the whole instance.
func (s *Service) Add(ctx context.Context, caller *permission.Caller, id, name string) (command.Receipt, error) {
	if err := check(opAdd, caller, ""); err != nil {
		return command.Receipt{}, err
	}
	name, err := parseName(name)
	if err != nil {
		return command.Receipt{}, err
	}
	call := command.CallBy[State](caller, id)
	if call.Fresh = id == ""; call.Fresh {
		call.ID = s.rt.NewID().String()
	}
	if !command.ValidID(call.ID) {
		return command.Receipt{}, ErrInvalid
	}
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: call.ID}
		if snap.State.Lifecycle != Absent {
			return d, ErrExists
		}
		s.record(&d, &eventv1.OrganizationAdded{Name: name})
		return d, nil
	}
	receipt, _, err := s.organizations.Execute(ctx, call)
	return receipt, err
}

// Rename gives an organization another name. The same name again is no change.
func (s *Service) Rename(ctx context.Context, caller *permission.Caller, id, name string) (command.Receipt, error) {
	if err := check(opRename, caller, id); err != nil {
		return command.Receipt{}, err
	}
	name, err := parseName(name)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, order{opRename, caller, id}, func(_ context.Context, state *State, d *command.Decision) error {
		if state.Name != name {
			s.record(d, &eventv1.OrganizationRenamed{Name: name})
		}
		return nil
	})
}

// Deactivate shuts everybody of an organization out until Activate.
func (s *Service) Deactivate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, order{opDeactivate, caller, id}, func(_ context.Context, state *State, d *command.Decision) error {
		if state.Lifecycle == Inactive {
			return ErrInactive
		}
		s.record(d, &eventv1.OrganizationDeactivated{})
		return nil
	})
}

// Activate lets the people of an inactive organization in again.
func (s *Service) Activate(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, order{opActivate, caller, id}, func(_ context.Context, state *State, d *command.Decision) error {
		if state.Lifecycle == Active {
			return ErrActive
		}
		s.record(d, &eventv1.OrganizationActivated{})
		return nil
	})
}

// Remove ends an organization for good. Its domains are free with the same append; its users are removed by Clearing.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	return s.change(ctx, order{opRemove, caller, id}, func(ctx context.Context, state *State, d *command.Decision) error {
		if id == caller.Organization && !caller.May(permission.OrganizationDelete, "") {
			return ErrOwn
		}
		first, err := s.defaults.DefaultOrganization(ctx, caller.Tenant)
		if err != nil {
			return fmt.Errorf("organization: default organization: %w", err)
		}
		if id == first {
			return ErrDefault
		}
		for domain := range state.Domains {
			if err := s.release(ctx, d, caller.Tenant, state, domain); err != nil {
				return err
			}
		}
		s.record(d, &eventv1.OrganizationRemoved{})
		return nil
	})
}
