package provider

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Update replaces a provider's settings.
type Update struct {
	ID          string
	Settings    *eventv1.IdentityProvider
	Credentials *eventv1.ProviderCredentials // what is empty stays as it is
}

// Update replaces the settings whole. The same settings again are no change.
func (s *Service) Update(ctx context.Context, caller *permission.Caller, req Update) (command.Receipt, error) {
	g, err := newGuard(opUpdate, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := check(req.Settings, req.Credentials); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, req.ID, func(state *State, d *command.Decision) error {
		if kindOf(state.Settings) != kindOf(req.Settings) {
			return ErrKindChanged
		}
		made, err := s.prepare(req.ID, keepCertificate(req.Settings, state.Settings), merged(state.Credentials, req.Credentials))
		if err != nil {
			return err
		}
		if proto.Equal(made.settings, state.Settings) && proto.Equal(made.credentials, state.Credentials) {
			return nil
		}
		d.Add(s.rt.NewID(), &eventv1.IDPChanged{Provider: made.settings, Credentials: made.credentials})
		return nil
	})
}

// merged returns credentials with the new ones where there are any.
func merged(before, after *eventv1.ProviderCredentials) *eventv1.ProviderCredentials {
	both := &eventv1.ProviderCredentials{}
	proto.Merge(both, before)
	proto.Merge(both, after)
	return both
}

// keepCertificate returns settings with the certificate of those before: a SAML provider knows the platform by it.
func keepCertificate(after, before *eventv1.IdentityProvider) *eventv1.IdentityProvider {
	if before.GetSaml() == nil {
		return after
	}
	after = proto.CloneOf(after)
	after.Saml.Certificate = before.GetSaml().GetCertificate()
	return after
}

// Remove ends a provider. Links of users to it stay, and open nothing.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller, id string) (command.Receipt, error) {
	g, err := newGuard(opRemove, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, id, func(_ *State, d *command.Decision) error {
		d.Add(s.rt.NewID(), &eventv1.IDPRemoved{})
		return nil
	})
}

// change runs a command on a provider that exists, by order of a caller who may.
func (s *Service) change(ctx context.Context, g guard, id string, decide func(*State, *command.Decision) error) (command.Receipt, error) {
	call := command.CallBy[State](g.caller, id)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(id)}
		if err := g.check(snap.State.Organization); err != nil {
			return d, err
		}
		if !snap.State.Exists() {
			return d, ErrNotFound
		}
		err := decide(&snap.State, &d)
		return d, err
	}
	receipt, _, err := s.providers.Execute(ctx, call)
	return receipt, err
}
