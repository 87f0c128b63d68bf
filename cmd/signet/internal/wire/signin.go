package wire

import (
	"github.com/signet-iam/signet/api"
	"github.com/signet-iam/signet/api/accountsservice"
	"github.com/signet-iam/signet/api/authenticationservice"
	"github.com/signet-iam/signet/api/jwks"
	"github.com/signet-iam/signet/api/sessionservice"
	"github.com/signet-iam/signet/api/testservice"
	"github.com/signet-iam/signet/api/tokensservice"
	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/tokenuse"
	"github.com/signet-iam/signet/query/provider"
	sessions "github.com/signet-iam/signet/query/session"
	"github.com/signet-iam/signet/query/user"
)

// newSignIn adds what signs people in and knows them again.
func (d *domain) newSignIn(c *Core, cfg *config.Server) error {
	rt := c.Runtime()
	keys, err := accesstoken.NewExecutor(rt)
	if err != nil {
		return err
	}
	d.tokens = accesstoken.New(accesstoken.Dependencies{
		Runtime: rt, Keys: keys, Tenant: Tenant, Issuer: cfg.Issuer(), Life: cfg.SignIn.AccessLife, Rotate: cfg.SignIn.KeyLife,
	})
	d.sessions = session.New(session.Dependencies{
		Runtime: rt, Sessions: d.sessionStates, UserStates: d.userStates, Users: d.users, Intents: d.intents,
		Life: session.Life{Session: cfg.SignIn.SessionLife, Longest: cfg.SignIn.Longest(), Refresh: cfg.SignIn.RefreshLife},
	})
	d.signin = signin.New(signin.Dependencies{
		Runtime: rt, Tenant: Tenant, Users: d.users, UserStates: d.userStates, Sessions: d.sessions, Tokens: d.tokens,
		Limiter: d.limiter, Directory: user.New(c.Pool, c.Store),
		Settings: signin.Settings{Register: cfg.SignIn.SelfRegistration, Organization: instance.DefaultOrganization},
	})
	d.uses = tokenuse.New(c.Store, rt.Now)
	d.access = access.New(access.Dependencies{
		Runtime: rt, Users: d.userStates, Sessions: d.sessionStates, Instances: d.instanceStates, Tokens: d.tokens,
		Uses: d.uses, Tenant: Tenant,
	})
	return nil
}

// mountSignIn adds the services that sign people in.
func (n *Node) mountSignIn(c *api.Config, d *domain) {
	signs := &n.cfg.SignIn
	c.Sessions = sessionservice.New(d.sessions, sessions.New(n.Pool, n.Store))
	c.Authentication = authenticationservice.New(authenticationservice.Dependencies{
		SignIn: d.signin, Sessions: d.sessions, Providers: provider.New(n.Pool, n.Store), Viewer: permission.System(Tenant),
		Config: authenticationservice.Config{
			Name: n.cfg.Application, LogoURL: signs.LogoURL, Register: signs.SelfRegistration, Organization: instance.DefaultOrganization,
		},
	})
	c.Accounts, c.PublicAccounts = accountsservice.New(d.signin), accountsservice.NewPublic(d.signin)
	c.TokenService = tokensservice.New(d.users, user.New(n.Pool, n.Store))
	c.TestAuth, c.TestNoAuth = testservice.Auth{}, testservice.NoAuth{}
	c.KeySet = jwks.New(d.tokens, n.log)
}
