package accountsservice

import (
	"context"
	"strings"

	"github.com/signet-iam/signet/api/call"
	accountsv1 "github.com/signet-iam/signet/api/gen/signet/accounts/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/signin"
)

// IsEmailVerified tells whether the caller's email address is verified.
func (s *Service) IsEmailVerified(
	ctx context.Context, r *accountsv1.IsEmailVerifiedRequest,
) (*accountsv1.IsEmailVerifiedResponse, error) {
	ctx, caller := call.Command(ctx)
	me, err := s.signin.Me(ctx, caller)
	if err != nil {
		return nil, err
	}
	if !names(r.GetData(), &me) {
		return nil, permission.ErrDenied
	}
	return &accountsv1.IsEmailVerifiedResponse{Verified: me.EmailVerified}, nil
}

// names reports whether data says nothing but what is true of a user.
func names(data *accountsv1.AccountData, user *signin.Profile) bool {
	same := func(said, known string) bool { return said == "" || strings.EqualFold(said, known) }
	return same(data.GetEmail(), user.Email) && same(data.GetName(), user.Username)
}
