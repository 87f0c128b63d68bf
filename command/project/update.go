package project

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Update changes a project. What is nil stays.
type Update struct {
	ID   string
	Name *string

	RoleAssertion         *bool
	AuthorizationRequired *bool
	AccessRequired        *bool
	Labeling              *eventv1.ProjectLabeling
}

// Update changes a project. What is there already is no change.
func (s *Service) Update(ctx context.Context, caller *permission.Caller, req Update) (command.Receipt, error) {
	g, err := newGuard(opUpdate, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.check(); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, req.ID, func(ctx context.Context, state *State, d *command.Decision) error {
		changed := req.event(state)
		if proto.Equal(changed, &eventv1.ProjectChanged{}) {
			return nil
		}
		if changed.Name != nil {
			if err := s.rename(ctx, g, d, state, changed.GetName()); err != nil {
				return err
			}
		}
		d.Add(s.rt.NewID(), changed)
		return nil
	})
}

// rename claims the new name and gives the old one up.
func (s *Service) rename(ctx context.Context, g guard, d *command.Decision, state *State, name string) error {
	taken, err := s.nameClaim(ctx, g.caller.Tenant, state.Organization, name)
	if err != nil {
		return err
	}
	given, err := s.nameClaim(ctx, g.caller.Tenant, state.Organization, state.Name)
	if err != nil {
		return err
	}
	d.Claims, d.Releases = []eventstore.Claim{taken}, []eventstore.Claim{given}
	return nil
}

// check brings the name into its kept form and refuses what cannot be kept.
func (r *Update) check() error {
	if r.Name != nil {
		name, possible := parseName(*r.Name)
		if !possible {
			return ErrName
		}
		r.Name = &name
	}
	if r.Labeling != nil {
		if _, known := eventv1.ProjectLabeling_name[int32(*r.Labeling)]; !known {
			return ErrLabeling
		}
	}
	return nil
}

// event says what is new.
func (r *Update) event(state *State) *eventv1.ProjectChanged {
	return &eventv1.ProjectChanged{
		Name:                  changed(r.Name, state.Name),
		RoleAssertion:         changed(r.RoleAssertion, state.settings.roleAssertion),
		AuthorizationRequired: changed(r.AuthorizationRequired, state.settings.authorizationRequired),
		AccessRequired:        changed(r.AccessRequired, state.settings.accessRequired),
		Labeling:              changed(r.Labeling, state.settings.labeling),
	}
}

// changed returns a value that was asked for and is not there already.
func changed[T comparable](wanted *T, have T) *T {
	if wanted == nil || *wanted == have {
		return nil
	}
	return wanted
}
