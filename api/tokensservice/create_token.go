package tokensservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// CreateToken makes a token.
func (s *Service) CreateToken(ctx context.Context, r *tokensv1.CreateTokenRequest) (*tokensv1.CreateTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	token := wanted(r.GetTokenMetadata())
	made, err := s.commands.CreateToken(ctx, caller, commands.CreateToken{UserID: caller.SubjectID(), NewToken: token})
	if err != nil {
		return nil, err
	}
	call.From(ctx).Reflect(made.Receipt.Position)
	return &tokensv1.CreateTokenResponse{
		TokenUuid:        uuid(made.ID),
		TokenMetadata:    &tokensv1.TokenMetadata{Name: token.Name, ExpiresAt: object.Instant(token.ExpiresAt)},
		TokenPermissions: &tokensv1.TokenPermissions{},
		TokenValue:       &tokensv1.TokenValue{Token: made.Token},
	}, nil
}
