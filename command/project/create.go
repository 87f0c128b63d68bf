package project

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Create makes a project of an organization.
type Create struct {
	ID           string // empty: a new one
	Organization string
	Name         string

	RoleAssertion         bool // roles stand in the tokens of the project's applications
	AuthorizationRequired bool // only who has an authorization signs in
	AccessRequired        bool // only users of the owner and of organizations it is granted to sign in
	Labeling              eventv1.ProjectLabeling
}

// Created is the answer of Create.
type Created struct {
	ID      string
	Receipt command.Receipt
}

// Create makes an active project without roles and grants.
func (s *Service) Create(ctx context.Context, caller *permission.Caller, req Create) (Created, error) {
	g, err := newGuard(opCreate, caller)
	if err != nil {
		return Created{}, err
	}
	if err := req.check(); err != nil {
		return Created{}, err
	}
	if err := g.check(permission.Scope{Organization: req.Organization}); err != nil {
		return Created{}, err
	}
	if err := s.organization(ctx, g, req.Organization, ErrOrganizationNotFound); err != nil {
		return Created{}, err
	}
	name, err := s.nameClaim(ctx, caller.Tenant, req.Organization, req.Name)
	if err != nil {
		return Created{}, err
	}
	fresh := req.ID == ""
	if fresh {
		req.ID = s.rt.NewID().String()
	}
	call := command.CallBy[State](caller, req.ID)
	call.Fresh = fresh
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		if snap.State.Lifecycle != Unknown {
			return command.Decision{}, ErrExists
		}
		d := command.Decision{Owner: req.Organization, Claims: []eventstore.Claim{name}}
		d.Add(s.rt.NewID(), req.event())
		return d, nil
	}
	receipt, _, err := s.projects.Execute(ctx, call)
	if err != nil {
		return Created{}, nameTaken(err)
	}
	return Created{ID: req.ID, Receipt: receipt}, nil
}

// check brings the name into its kept form and refuses what cannot be kept.
func (r *Create) check() error {
	name, possible := parseName(r.Name)
	_, known := eventv1.ProjectLabeling_name[int32(r.Labeling)]
	switch {
	case r.ID != "" && !command.ValidID(r.ID):
		return ErrID
	case !possible:
		return ErrName
	case !known:
		return ErrLabeling
	}
	r.Name = name
	return nil
}

func (r *Create) event() *eventv1.ProjectAdded {
	return &eventv1.ProjectAdded{
		OrganizationId: r.Organization, Name: r.Name, RoleAssertion: r.RoleAssertion,
		AuthorizationRequired: r.AuthorizationRequired, AccessRequired: r.AccessRequired, Labeling: r.Labeling,
	}
}
