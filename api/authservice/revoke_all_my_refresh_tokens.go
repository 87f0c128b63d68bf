package authservice

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/query"
)

// RevokeAllMyRefreshTokens ends all refresh tokens of the caller, and their sessions: the one that the caller came with too.
func (s *Service) RevokeAllMyRefreshTokens(
	ctx context.Context, _ *authv1.RevokeAllMyRefreshTokensRequest,
) (*authv1.RevokeAllMyRefreshTokensResponse, error) {
	pages, err := s.pagesOfOwn(ctx)
	if err != nil {
		return nil, err
	}
	ctx, caller := call.Command(ctx)
	revoked := false
	for _, page := range pages {
		last, err := s.sessions.RevokeRefreshTokens(ctx, caller, page)
		call.From(ctx).Reflect(last)
		switch {
		case err == nil:
			revoked = true
		case !errors.Is(err, session.ErrNoRefreshTokens):
			return nil, err
		}
	}
	if !revoked {
		return nil, session.ErrNoRefreshTokens
	}
	return &authv1.RevokeAllMyRefreshTokensResponse{}, nil
}

// pagesOfOwn returns the ids of all sessions of the caller as they are now, by pages: ending them would move those that follow.
func (s *Service) pagesOfOwn(ctx context.Context) (pages [][]string, err error) {
	for {
		list, err := s.own(ctx, uint64(len(pages)*query.MaxLimit))
		if err != nil {
			return nil, err
		}
		pages = append(pages, ids(&list))
		if len(list.Rows) < query.MaxLimit {
			return pages, nil
		}
	}
}
