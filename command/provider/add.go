package provider

import (
	"context"
	"fmt"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Add adds a provider.
type Add struct {
	Organization string // empty: for the whole instance
	Settings     *eventv1.IdentityProvider
	Credentials  *eventv1.ProviderCredentials // nil: none
}

// Added is the answer of Add.
type Added struct {
	ID          string
	CallbackURL string // where the provider has to send browsers back to; empty for directories
	Receipt     command.Receipt
}

// Add adds a provider under a new id. The provider itself is not asked.
func (s *Service) Add(ctx context.Context, caller *permission.Caller, req Add) (Added, error) {
	g, err := newGuard(opAdd, caller)
	if err != nil {
		return Added{}, err
	}
	id := s.rt.NewID().String()
	if err := check(req.Settings, req.Credentials); err != nil {
		return Added{}, err
	}
	if err := s.home(ctx, g, req.Organization); err != nil {
		return Added{}, err
	}
	made, err := s.prepare(id, req.Settings, req.Credentials)
	if err != nil {
		return Added{}, err
	}
	if err := s.equip(made); err != nil {
		return Added{}, err
	}
	call := command.CallBy[State](caller, id)
	call.Fresh = true
	call.Decide = func(context.Context, *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: req.Organization, Subject: subject(id)}
		d.Add(s.rt.NewID(), &eventv1.IDPAdded{
			OrganizationId: req.Organization, Provider: made.settings, Credentials: made.credentials,
		})
		return d, nil
	}
	receipt, _, err := s.providers.Execute(ctx, call)
	if err != nil {
		return Added{}, err
	}
	return Added{ID: id, CallbackURL: s.CallbackURL(id, made.settings), Receipt: receipt}, nil
}

// home refuses an organization that the caller may not add providers to, or that is not there.
func (s *Service) home(ctx context.Context, g guard, organization string) error {
	if err := g.check(organization); err != nil || organization == "" {
		return err
	}
	exists, err := s.organizations.Exists(ctx, g.caller.Tenant, organization)
	if err != nil {
		return fmt.Errorf("provider: look for an organization: %w", err)
	}
	if !exists {
		return ErrOrganizationNotFound
	}
	return nil
}
