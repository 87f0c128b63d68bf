package tokensservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// UpdateToken changes a token's name and expiry. Without metadata nothing is to change.
func (s *Service) UpdateToken(ctx context.Context, r *tokensv1.UpdateTokenRequest) (*tokensv1.UpdateTokenResponse, error) {
	ctx, caller := call.Command(ctx)
	update := commands.UpdateToken{UserID: caller.SubjectID(), TokenID: r.GetTokenUuid().GetUuid()}
	if r.GetTokenMetadata() != nil {
		set := wanted(r.GetTokenMetadata())
		update.Set = &set
	}
	known, err := s.commands.UpdateToken(ctx, caller, update)
	if err != nil {
		return nil, err
	}
	call.From(ctx).Reflect(known.Receipt.Position)
	return &tokensv1.UpdateTokenResponse{
		TokenUuid:        r.GetTokenUuid(),
		TokenMetadata:    &tokensv1.TokenMetadata{Name: known.Name, ExpiresAt: object.Instant(known.ExpiresAt)},
		TokenPermissions: &tokensv1.TokenPermissions{},
	}, nil
}
