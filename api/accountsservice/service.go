package accountsservice

import (
	"context"
	"net/http"

	"connectrpc.com/connect"

	"github.com/signet-iam/signet/api/gen/signet/accounts/v1/accountsv1connect"
	"github.com/signet-iam/signet/api/interceptor"
	"github.com/signet-iam/signet/command/signin"
)

// Public implements what strangers do.
type Public struct {
	accountsv1connect.UnimplementedPublicAccountsServiceHandler

	signin *signin.Service
}

// NewPublic returns the service on top of its commands.
func NewPublic(s *signin.Service) *Public { return &Public{signin: s} }

// Service implements what somebody who is signed in does.
type Service struct {
	accountsv1connect.UnimplementedAccountsServiceHandler

	signin *signin.Service
}

// New returns the service on top of its commands.
func New(s *signin.Service) *Service { return &Service{signin: s} }

// carry puts a new session into the headers of the answer.
func carry(ctx context.Context, s *signin.SignedIn) {
	carryAccess(ctx, s.AccessToken)
	set(ctx, interceptor.HeaderSession, s.SessionToken)
	cookie := http.Cookie{
		Name: interceptor.CookieSession, Value: s.SessionToken, Path: "/",
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	set(ctx, "Set-Cookie", cookie.String())
}

// carryAccess puts an access token into the headers of the answer.
func carryAccess(ctx context.Context, token string) {
	set(ctx, "Authorization", "Bearer "+token)
}

func set(ctx context.Context, header, value string) {
	if info, ok := connect.CallInfoForHandlerContext(ctx); ok {
		info.ResponseHeader().Set(header, value)
	}
}
