package wire

import (
	"net/http"

	"github.com/signet-iam/signet/api"
	"github.com/signet-iam/signet/api/authorizationservice"
	"github.com/signet-iam/signet/api/authservice"
	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/memberservice"
	"github.com/signet-iam/signet/api/orgservice"
	"github.com/signet-iam/signet/api/projectservice"
	"github.com/signet-iam/signet/api/settingsservice"
	"github.com/signet-iam/signet/command/authorization"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/project"
	authorizations "github.com/signet-iam/signet/query/authorization"
	"github.com/signet-iam/signet/query/history"
	members "github.com/signet-iam/signet/query/member"
	organizations "github.com/signet-iam/signet/query/organization"
	projects "github.com/signet-iam/signet/query/project"
	"github.com/signet-iam/signet/query/provider"
	sessions "github.com/signet-iam/signet/query/session"
)

// passkeyPage is where, below the external URL, clients of the own account expect the page that registers a passkey by a link.
const passkeyPage = "/ui/login/login/passwordless/init"

// mountOrganizations adds the services of organizations and what hangs on them, and that of the own account.
func (n *Node) mountOrganizations(services *api.Config, t *tenancy) {
	organizationQueries, memberQueries := organizations.New(n.Pool, n.Store), members.New(n.Pool, n.Store)
	authorizationQueries := authorizations.New(n.Pool, n.Store)
	services.Organizations = orgservice.New(t.organizations, organizationQueries)
	services.Projects = projectservice.New(project.New(project.Dependencies{
		Runtime: t.rt, Projects: t.projectStates, Organizations: t.directory,
	}), projects.New(n.Pool, n.Store))
	addresses := avatar.NewAddresses(t.cfg.External())
	services.Authorizations = authorizationservice.New(authorization.New(authorization.Dependencies{
		Runtime: t.rt, Authorizations: t.authorizationStates, Users: t.userStates, Organizations: t.directory, Projects: t.projects,
	}), authorizationQueries, addresses)
	services.Members = memberservice.New(t.members, memberQueries)
	services.Settings = settingsservice.New(settingsservice.Dependencies{
		Policies: t.policies, Defaults: instance.NewDirectory(t.instanceStates), Providers: provider.New(n.Pool, n.Store),
	})
	services.OwnAccount = authservice.New(authservice.Config{
		Users: t.users, UserQueries: t.people, Policies: t.policies, Avatars: addresses,
		Sessions: t.sessions, SessionQueries: sessions.New(n.Pool, n.Store),
		Organizations: organizationQueries, Authorizations: authorizationQueries, Members: memberQueries,
		History: history.New(n.Pool, n.Store), Now: t.rt.Now, PasskeyPage: t.cfg.External() + passkeyPage,
	})
	services.Avatars = avatar.New(avatar.Config{
		Users: t.users, Addresses: addresses, Tenant: func(*http.Request) string { return t.name }, Logger: n.log,
	})
}
