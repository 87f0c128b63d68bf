package wire

import (
	"github.com/signet-iam/signet/api"
	"github.com/signet-iam/signet/api/accountsservice"
	"github.com/signet-iam/signet/api/authenticationservice"
	"github.com/signet-iam/signet/api/jwks"
	"github.com/signet-iam/signet/api/sessionservice"
	"github.com/signet-iam/signet/api/testservice"
	"github.com/signet-iam/signet/api/tokensservice"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/query/provider"
	sessions "github.com/signet-iam/signet/query/session"
)

// mountSignIn adds the services that sign people in.
func (n *Node) mountSignIn(c *api.Config, t *tenancy) {
	signs := &t.cfg.SignIn
	c.Sessions = sessionservice.New(t.sessions, sessions.New(n.Pool, n.Store))
	c.Authentication = authenticationservice.New(authenticationservice.Dependencies{
		SignIn: t.signin, Sessions: t.sessions, Providers: provider.New(n.Pool, n.Store), Viewer: permission.System(t.name),
		Config: authenticationservice.Config{
			Name: t.cfg.Application, LogoURL: signs.LogoURL, Organization: instance.DefaultOrganization,
		},
	})
	c.Accounts, c.PublicAccounts = accountsservice.New(t.signin), accountsservice.NewPublic(t.signin)
	c.TokenService = tokensservice.New(t.users, t.people)
	c.TestAuth, c.TestNoAuth = testservice.Auth{}, testservice.NoAuth{}
	c.KeySet = jwks.New(t.tokens, n.log)
}
