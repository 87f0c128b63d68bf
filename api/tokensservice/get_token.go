package tokensservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	queries "github.com/signet-iam/signet/query/user"
)

// GetToken returns a token.
func (s *Service) GetToken(ctx context.Context, r *tokensv1.GetTokenRequest) (*tokensv1.GetTokenResponse, error) {
	c := call.From(ctx)
	token, reflected, err := s.queries.Token(ctx, c.Caller, queries.TokenRequest{
		UserID: c.Caller.SubjectID(), ID: r.GetTokenUuid().GetUuid(), Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(reflected.Position)
	return &tokensv1.GetTokenResponse{
		TokenUuid: uuid(token.ID), TokenMetadata: metadata(&token), TokenPermissions: &tokensv1.TokenPermissions{},
	}, nil
}
