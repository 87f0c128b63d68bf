package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/session"
	sessionqueries "github.com/signet-iam/signet/query/session"
)

// ListMyRefreshTokens returns the refresh tokens that are good, those of the newest sessions first. A token goes by the id of its
// session. Of somebody with more than session.MaxRefreshTokens sessions the newest are looked at.
func (s *Service) ListMyRefreshTokens(
	ctx context.Context, _ *authv1.ListMyRefreshTokensRequest,
) (*authv1.ListMyRefreshTokensResponse, error) {
	list, err := s.own(ctx, 0)
	if err != nil {
		return nil, err
	}
	tokens, err := s.sessions.RefreshTokens(ctx, call.From(ctx).Caller, ids(&list))
	if err != nil {
		return nil, err
	}
	answer := &authv1.ListMyRefreshTokensResponse{Details: listed(uint64(len(tokens)), list.Reflected)}
	next := 0
	for i := range list.Rows {
		if next < len(tokens) && tokens[next].SessionID == list.Rows[i].ID {
			answer.Result = append(answer.Result, refreshToken(&tokens[next], &list.Rows[i]))
			next++
		}
	}
	return answer, nil
}

func refreshToken(token *session.RefreshToken, of *sessionqueries.Session) *authv1.RefreshToken {
	return &authv1.RefreshToken{
		Id: token.SessionID, Details: about(of), ClientId: of.CreatorID, AuthTime: object.Instant(lastProof(of)),
		IdleExpiration: object.Instant(token.IdleUntil), Expiration: object.Instant(token.Until),
	}
}
