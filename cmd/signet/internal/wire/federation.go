package wire

import (
	"crypto/rand"
	"time"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/provider"
)

func newProviders(rt command.Runtime, cfg *config.Server, organizations *organization.Service) (*provider.Service, error) {
	states, err := provider.NewExecutor(rt)
	if err != nil {
		return nil, err
	}
	private, err := cfg.PrivateNetworks()
	if err != nil {
		return nil, err
	}
	return provider.New(provider.Dependencies{
		Runtime: rt, Providers: states, Organizations: organizations, ExternalURL: cfg.External(),
		Federation: federation.New(federation.Options{Now: time.Now, Random: rand.Reader, AllowPrivate: private}),
	}), nil
}

func newIntents(rt command.Runtime, cfg *config.Server, providers *provider.Service, log zerolog.Logger) (*intent.Service, error) {
	states, err := intent.NewExecutor(rt)
	if err != nil {
		return nil, err
	}
	redirects, err := cfg.Redirects()
	if err != nil {
		return nil, err
	}
	return intent.New(intent.Dependencies{
		Runtime: rt, Intents: states, Providers: providers, Redirects: redirects, Tenant: Tenant,
		Logger: log,
	}), nil
}
