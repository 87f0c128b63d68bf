package sessionservice

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/api/call"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/command/permission"
	queries "github.com/signet-iam/signet/query/session"
)

// GetSession returns a session.
func (s *Service) GetSession(ctx context.Context, r *sessionv2.GetSessionRequest) (*sessionv2.GetSessionResponse, error) {
	c := call.From(ctx)
	shown, err := s.shown(ctx, c.Caller, r)
	if err != nil {
		return nil, err
	}
	found, err := s.queries.Get(ctx, c.Caller, queries.GetRequest{ID: r.GetSessionId(), Shown: shown, Consistency: c.Consistency})
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	return &sessionv2.GetSessionResponse{Session: message(&found)}, nil
}

// shown reports whether the request has the session's current token. Any other is none: whoever may read the session without
// one still does.
func (s *Service) shown(ctx context.Context, caller *permission.Caller, r *sessionv2.GetSessionRequest) (bool, error) {
	if r.SessionToken == nil {
		return false, nil
	}
	err := s.commands.CheckToken(ctx, caller.TenantID(), r.GetSessionId(), r.GetSessionToken())
	if errors.Is(err, permission.ErrDenied) {
		return false, nil
	}
	return err == nil, err
}
