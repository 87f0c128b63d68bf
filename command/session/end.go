package session

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Delete ends a session, whether or not it has expired.
func (s *Service) Delete(ctx context.Context, caller *permission.Caller, id, token string) (command.Receipt, error) {
	g, err := s.guard(ctx, opDelete, caller, token)
	if err != nil {
		return command.Receipt{}, err
	}
	call := command.CallBy[State](caller, id)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(id)}
		if err := s.check(ctx, g, &snap.State); err != nil {
			return d, err
		}
		if !snap.State.Exists || snap.State.Ended {
			return d, ErrNotFound
		}
		s.record(&d, &eventv1.SessionEnded{Reason: eventv1.SessionEnd_SESSION_END_DELETED})
		return d, nil
	}
	receipt, _, err := s.sessions.Execute(ctx, call)
	return receipt, err
}

// Logout ends the session the caller is signed in by. One that has ended meanwhile is no failure.
func (s *Service) Logout(ctx context.Context, caller *permission.Caller) error {
	g, err := s.guard(ctx, opLogout, caller, "")
	switch {
	case err != nil:
		return err
	case !g.own:
		return permission.ErrDenied
	case caller.Session == "":
		return ErrNoSession
	}
	call := command.CallBy[State](caller, caller.Session)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(caller.Session)}
		switch {
		case !caller.Is(snap.State.UserID):
			return d, ErrNoSession
		case snap.State.Ended:
			return d, nil
		}
		s.record(&d, &eventv1.SessionEnded{Reason: eventv1.SessionEnd_SESSION_END_LOGOUT})
		return d, nil
	}
	_, _, err = s.sessions.Execute(ctx, call)
	return err
}
