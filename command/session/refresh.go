package session

import (
	"context"
	"crypto/hmac"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Refreshed is the answer of Refresh.
type Refreshed struct {
	ID           string
	UserID       string
	RefreshToken string // the next one
}

// Refresh exchanges a refresh token for the next. Of many who bring the same one wins; the others end the session, and get
// ErrRefreshToken like everybody whose token is not good.
func (s *Service) Refresh(ctx context.Context, tenant, token string) (Refreshed, error) {
	shown, err := s.openRefreshToken(ctx, tenant, token)
	if err != nil {
		return Refreshed{}, err
	}
	// Whose session it is never changes.
	snap, err := s.sessions.Recall(ctx, tenant, shown.session)
	if err != nil {
		return Refreshed{}, err
	}
	out := Refreshed{ID: shown.session, UserID: snap.State.UserID}
	_, _, err = s.sessions.Execute(ctx, command.Call[State]{
		Tenant: tenant, ID: shown.session, Actor: out.UserID,
		Decide: func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
			d := command.Decision{Subject: subject(shown.session)}
			state := &snap.State
			switch {
			case !state.running(s.rt.Now()):
				return d, ErrRefreshToken
			case shown.generation < state.Refresh.Generation:
				s.record(&d, &eventv1.SessionEnded{Reason: eventv1.SessionEnd_SESSION_END_REFRESH_REUSED})
				d.Refusal = ErrRefreshToken
				return d, nil
			}
			if err := s.admitRefresh(ctx, tenant, shown, state); err != nil {
				return d, err
			}
			event, next, err := s.refreshed(ctx, tenant, shown.session, state)
			if err != nil {
				return d, err
			}
			out.RefreshToken = next
			s.record(&d, event)
			return d, nil
		},
	})
	if err != nil {
		return Refreshed{}, err
	}
	return out, nil
}

// admitRefresh refuses tokens that are not the session's current one, and those of sessions that are good for nothing.
func (s *Service) admitRefresh(ctx context.Context, tenant string, shown refreshToken, state *State) error {
	now := s.rt.Now()
	if !hmac.Equal(shown.digest, state.Refresh.Digest) || !now.Before(state.Refresh.ExpiresAt) {
		return ErrRefreshToken
	}
	u, err := s.userStates.Load(ctx, tenant, state.UserID)
	if err != nil {
		return err
	}
	if !state.Good(&u.State, now) {
		return ErrRefreshToken
	}
	active, err := s.organizations.Active(ctx, tenant, u.State.Organization)
	if err != nil {
		return err
	}
	if !active {
		return ErrRefreshToken
	}
	held, err := s.policies.Login(ctx, tenant, state.Organization)
	if err != nil {
		return err
	}
	if !state.Factors.Enough(held.Policy) {
		return ErrRefreshToken
	}
	return nil
}
