package provider

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation"
)

// Organizations tells which organizations there are.
type Organizations interface {
	Exists(ctx context.Context, tenant, id string) (bool, error)
}

// Dependencies of a Service. All fields are needed unless said otherwise.
type Dependencies struct {
	Runtime       command.Runtime
	Providers     *command.Executor[State]
	Organizations Organizations
	Federation    *federation.Client
	// ExternalURL is where browsers reach this installation, without a slash at the end.
	ExternalURL string
}

// Service runs the commands on providers. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	providers     *command.Executor[State]
	organizations Organizations
	federation    *federation.Client
	externalURL   string
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, providers: d.Providers, organizations: d.Organizations, federation: d.Federation,
		externalURL: d.ExternalURL,
	}
}

// Find returns a provider as the log has it, secrets included: it is for what signs people in, and asks for no permission.
// The state of a provider that does not exist says so itself.
func (s *Service) Find(ctx context.Context, tenant, id string) (*State, error) {
	snap, err := s.providers.Load(ctx, tenant, id)
	if err != nil {
		return nil, fmt.Errorf("provider: find: %w", err)
	}
	return &snap.State, nil
}

// Linkable reports whether users of an organization may be linked with their accounts at a provider.
func (s *Service) Linkable(ctx context.Context, tenant, id, organization string) (bool, error) {
	state, err := s.Find(ctx, tenant, id)
	if err != nil {
		return false, err
	}
	return state.serves(organization) && state.Settings.GetLinkingAllowed(), nil
}
