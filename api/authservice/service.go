package authservice

import (
	"time"

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/gen/signet/auth/v1/authv1connect"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/session"
	commands "github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/query/authorization"
	"github.com/signet-iam/signet/query/history"
	"github.com/signet-iam/signet/query/member"
	"github.com/signet-iam/signet/query/organization"
	sessionqueries "github.com/signet-iam/signet/query/session"
	queries "github.com/signet-iam/signet/query/user"
)

// Config is what the service stands on. All fields are needed.
type Config struct {
	Users       *commands.Service
	UserQueries *queries.Queries
	Policies    *policy.Service
	Avatars     avatar.Addresses

	Sessions       *session.Service
	SessionQueries *sessionqueries.Queries
	Organizations  *organization.Queries
	Authorizations *authorization.Queries
	Members        *member.Queries
	History        *history.Queries
	Now            func() time.Time

	// PasskeyPage is the address of the page on which a person registers a passkey by a link: absolute, http or https, without
	// fragment. Links add userID, orgID, codeID and code to its query.
	PasskeyPage string
}

// Service implements the API of one's own account.
type Service struct {
	authv1connect.UnimplementedAuthServiceHandler

	users       *commands.Service
	userQueries *queries.Queries
	policies    *policy.Service
	avatars     avatar.Addresses
	passkeyPage string

	sessions       *session.Service
	sessionQueries *sessionqueries.Queries
	organizations  *organization.Queries
	authorizations *authorization.Queries
	members        *member.Queries
	history        *history.Queries
	now            func() time.Time
}

// New returns the service on top of its commands and queries.
func New(c Config) *Service {
	return &Service{
		users: c.Users, userQueries: c.UserQueries, policies: c.Policies, avatars: c.Avatars,
		passkeyPage: c.PasskeyPage, sessions: c.Sessions, sessionQueries: c.SessionQueries, organizations: c.Organizations,
		authorizations: c.Authorizations, members: c.Members, history: c.History, now: c.Now,
	}
}
