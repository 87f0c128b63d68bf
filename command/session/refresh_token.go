package session

import (
	"context"
	"errors"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// MaxRefreshTokens bounds the sessions that one call looks at.
const MaxRefreshTokens = 1000

// RefreshToken is one with which a session can be continued. A session has one at most and goes by the same name: with the token
// ends the session, because what it brought would go on otherwise.
type RefreshToken struct {
	SessionID string
	IdleUntil time.Time // unless it is used before
	Until     time.Time // end of the session; zero: never
}

// RefreshTokens returns the refresh tokens that are good of those sessions that are about the caller, in their order. Other sessions
// are passed over. A token that the login policy keeps from being used for want of a second factor is listed: policies change.
func (s *Service) RefreshTokens(ctx context.Context, caller *permission.Caller, sessionIDs []string) ([]RefreshToken, error) {
	if _, err := s.guard(ctx, opRefreshTokens, caller, ""); err != nil {
		return nil, err
	}
	if len(sessionIDs) > MaxRefreshTokens {
		return nil, ErrTooManySessions
	}
	holder, err := s.userStates.Load(ctx, caller.Tenant, caller.UserID)
	if err != nil {
		return nil, err
	}
	var out []RefreshToken
	now := s.rt.Now()
	for _, id := range sessionIDs {
		snap, err := s.sessions.Load(ctx, caller.Tenant, id)
		if err != nil {
			return nil, err
		}
		if state := &snap.State; state.continues(caller, now) && state.Good(&holder.State, now) {
			out = append(out, RefreshToken{SessionID: id, IdleUntil: state.Refresh.ExpiresAt, Until: state.ExpiresAt})
		}
	}
	return out, nil
}

// continues reports whether the session is the caller's and has a refresh token. Something may have happened to the user since that
// made it worthless.
func (s *State) continues(caller *permission.Caller, now time.Time) bool {
	return caller.Is(s.UserID) && s.running(now) && len(s.Refresh.Digest) > 0 && now.Before(s.Refresh.ExpiresAt)
}

// RevokeRefreshToken ends a session of the caller that has a refresh token. Every other one is ErrNoRefreshToken: unknown, ended, of
// somebody else.
func (s *Service) RevokeRefreshToken(ctx context.Context, caller *permission.Caller, sessionID string) (command.Receipt, error) {
	if _, err := s.guard(ctx, opRevokeRefreshToken, caller, ""); err != nil {
		return command.Receipt{}, err
	}
	call := command.CallBy[State](caller, sessionID)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(sessionID)}
		if !snap.State.continues(caller, s.rt.Now()) {
			return d, ErrNoRefreshToken
		}
		s.record(&d, &eventv1.SessionEnded{Reason: eventv1.SessionEnd_SESSION_END_DELETED})
		return d, nil
	}
	receipt, _, err := s.sessions.Execute(ctx, call)
	return receipt, err
}

// RevokeRefreshTokens is RevokeRefreshToken for many, and passes over those that have none. It refuses with ErrNoRefreshTokens where
// none of them has one. Ended by a failure it can be run again; the position is that of the last session it ended.
func (s *Service) RevokeRefreshTokens(ctx context.Context, caller *permission.Caller, sessionIDs []string) (eventstore.Position, error) {
	if _, err := s.guard(ctx, opRevokeRefreshTokens, caller, ""); err != nil {
		return 0, err
	}
	if len(sessionIDs) > MaxRefreshTokens {
		return 0, ErrTooManySessions
	}
	var last eventstore.Position
	for _, id := range sessionIDs {
		receipt, err := s.RevokeRefreshToken(ctx, caller, id)
		if err != nil && !errors.Is(err, ErrNoRefreshToken) {
			return last, err
		}
		last = max(last, receipt.Position)
	}
	if last == 0 {
		return 0, ErrNoRefreshTokens
	}
	return last, nil
}
