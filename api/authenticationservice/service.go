package authenticationservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/provider"
)

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	SignIn    *signin.Service
	Sessions  *session.Service
	Providers *provider.Queries
	Viewer    query.Viewer // the platform: sees the providers that GetAuthConfig shows to everybody
	Config    Config
}

// Config is what GetAuthConfig tells about the installation.
type Config struct {
	Name         string
	LogoURL      string // empty: none
	Organization string // of users who register themselves: its providers are shown beside those of the whole installation
}

// Service implements the authentication API.
type Service struct {
	signin    *signin.Service
	sessions  *session.Service
	providers *provider.Queries
	viewer    query.Viewer
	config    Config
}

// New returns the service on top of its commands and queries.
func New(d Dependencies) *Service {
	return &Service{signin: d.SignIn, sessions: d.Sessions, providers: d.Providers, viewer: d.Viewer, config: d.Config}
}

// origin returns the context in which commands run for somebody who is not signed in.
func origin(ctx context.Context) context.Context {
	return command.WithOrigin(ctx, call.From(ctx).Origin)
}

func identifier(i *authenticationv1.UserIdentifier) signin.Identifier {
	return signin.Identifier{Username: i.GetUsername(), Email: i.GetEmail(), Phone: i.GetPhoneNumber()}
}

func credentials(p *authenticationv1.UserPassword) signin.Credentials {
	return signin.Credentials{Identifier: identifier(p.GetIdentifier()), Password: p.GetPassword()}
}

func token(in *signin.SignedIn) *authenticationv1.Token {
	return &authenticationv1.Token{AccessToken: in.AccessToken, RefreshToken: in.RefreshToken}
}

func userInfo(p *signin.Profile) *authenticationv1.UserInfo {
	return &authenticationv1.UserInfo{
		Email: p.Email, Username: p.Username, PhoneNumber: p.Phone, CreatedAt: timestamppb.New(p.AddedAt),
	}
}
