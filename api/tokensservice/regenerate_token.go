package tokensservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	commands "github.com/signet-iam/signet/command/user"
)

// RegenerateToken gives a token a new value.
func (s *Service) RegenerateToken(
	ctx context.Context, r *tokensv1.RegenerateTokenRequest,
) (*tokensv1.RegenerateTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	made, err := s.commands.RegenerateToken(ctx, caller, commands.RegenerateToken{
		UserID: caller.SubjectID(), TokenID: r.GetTokenUuid().GetUuid(),
	})
	if err != nil {
		return nil, err
	}
	call.From(ctx).Reflect(made.Receipt.Position)
	return &tokensv1.RegenerateTokenResponse{TokenValue: &tokensv1.TokenValue{Token: made.Token}}, nil
}
