package wire

import (
	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/user"
)

// tenancy is the write side of one tenant: what knows its name, or the URLs under which it is reached.
type tenancy struct {
	*domain
	name          string
	cfg           *config.Server // as it holds for this tenant
	users         *user.Service
	organizations *organization.Service
	providers     *provider.Service
	intents       *intent.Service
	sessions      *session.Service
	tokens        *accesstoken.Service
	signin        *signin.Service
	instance      *instance.Service
	access        *access.Authenticator
}

// newTenancy returns the tenant of a name under the URLs of its own settings (config.Server.ForHost). It reads and starts nothing.
func (d *domain) newTenancy(name string, cfg *config.Server) (t *tenancy, err error) {
	t = &tenancy{domain: d, name: name, cfg: cfg}
	t.providers = provider.New(provider.Dependencies{
		Runtime: d.rt, Providers: d.providerStates, Organizations: d.directory, ExternalURL: cfg.External(), Federation: d.outside,
	})
	if t.intents, err = t.newIntents(); err != nil {
		return nil, err
	}
	if t.users, err = t.newUsers(); err != nil {
		return nil, err
	}
	t.organizations = organization.New(organization.Dependencies{
		Runtime: d.rt, Organizations: d.organizationStates, Defaults: instance.NewDirectory(d.instanceStates), Network: d.outside,
		Users: t.users, Members: d.members, Policies: d.policies,
	})
	t.instance = instance.New(instance.Dependencies{
		Runtime: d.rt, Instances: d.instanceStates, UserStates: d.userStates, Users: t.users, Organizations: t.organizations,
	})
	t.newSignIn()
	return t, nil
}

func (t *tenancy) newUsers() (*user.Service, error) {
	party, err := t.cfg.RelyingParty()
	if err != nil {
		return nil, err
	}
	return user.New(user.Dependencies{
		Runtime: t.rt, Users: t.userStates, Organizations: t.directory, Providers: t.providers, Passwords: t.passwords,
		Policies: t.policies, RelyingParty: party, Limiter: t.limiter, Issuer: t.cfg.Application,
	}), nil
}

func (t *tenancy) newIntents() (*intent.Service, error) {
	redirects, err := t.cfg.Redirects()
	if err != nil {
		return nil, err
	}
	return intent.New(intent.Dependencies{
		Runtime: t.rt, Intents: t.intentStates, Providers: t.providers, Redirects: redirects, Tenant: t.name, Logger: t.log,
	}), nil
}

// newSignIn adds what signs people in and knows them again.
func (t *tenancy) newSignIn() {
	settings := &t.cfg.SignIn
	t.tokens = accesstoken.New(accesstoken.Dependencies{
		Runtime: t.rt, Keys: t.keyStates, Tenant: t.name, Issuer: t.cfg.Issuer(), Life: settings.AccessLife, Rotate: settings.KeyLife,
	})
	t.sessions = session.New(session.Dependencies{
		Runtime: t.rt, Sessions: t.sessionStates, UserStates: t.userStates, Users: t.users, Intents: t.intents,
		Policies: t.policies, Organizations: t.directory,
		Life: session.Life{Session: settings.SessionLife, Longest: settings.Longest(), Refresh: settings.RefreshLife},
	})
	t.signin = signin.New(signin.Dependencies{
		Runtime: t.rt, Tenant: t.name, Users: t.users, UserStates: t.userStates, Sessions: t.sessions, Tokens: t.tokens,
		Limiter: t.limiter, Directory: t.people,
		Policies: t.policies, Settings: signin.Settings{Organization: instance.DefaultOrganization},
	})
	t.access = access.New(access.Dependencies{
		Runtime: t.rt, Users: t.userStates, Sessions: t.sessionStates, Instances: t.instanceStates, Tokens: t.tokens,
		Policies: t.policies, Members: t.memberStates, Organizations: t.directory, Projects: t.projects, Uses: t.uses, Tenant: t.name,
	})
}
