package tokensservice

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// ForceTokenExpiration ends a token's validity.
func (s *Service) ForceTokenExpiration(ctx context.Context, r *tokensv1.ForceTokenExpirationRequest) (*emptypb.Empty, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.ExpireToken(ctx, caller, commands.ExpireToken{
		UserID: caller.SubjectID(), TokenID: r.GetTokenUuid().GetUuid(),
	})
	if err != nil {
		return nil, err
	}
	call.From(ctx).Reflect(receipt.Position)
	return &emptypb.Empty{}, nil
}
