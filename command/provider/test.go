package provider

import (
	"context"

	"github.com/signet-iam/signet/command/permission"
)

// Test asks a provider whether it works with its settings: discovery, metadata, or the connection to the directory. It
// records nothing.
func (s *Service) Test(ctx context.Context, caller *permission.Caller, id string) error {
	g, err := newGuard(opTest, caller)
	if err != nil {
		return err
	}
	state, err := s.Find(ctx, caller.Tenant, id)
	if err != nil {
		return err
	}
	if err := g.check(state.Organization); err != nil {
		return err
	}
	if !state.Exists() {
		return ErrNotFound
	}
	client, err := s.client(id, state.Settings, state.Credentials)
	if err != nil {
		return refusal(err)
	}
	return refusal(client.Test(ctx))
}
