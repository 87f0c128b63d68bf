package intent

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Use spends an outcome for a user, once: of those that come together one succeeds. The user has to be the one who is
// linked with the account.
type Use struct {
	ID     string
	Token  string
	UserID string
}

// Use spends an outcome and returns it.
func (s *Service) Use(ctx context.Context, caller *permission.Caller, req Use) (Outcome, error) {
	out, err := s.Retrieve(ctx, caller, Retrieve{ID: req.ID, Token: req.Token})
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case !out.Provider.Exists():
		return Outcome{}, ErrProviderNotFound
	case req.UserID == "" || out.UserID != req.UserID:
		return Outcome{}, ErrOtherUser
	}
	call := command.CallBy[State](caller, req.ID)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(req.ID)}
		switch {
		case snap.State.Lifecycle != Succeeded:
			return d, ErrNotSucceeded
		case snap.State.expired(s.rt.Now()):
			return d, ErrExpired
		}
		d.Add(s.rt.NewID(), &eventv1.IntentUsed{UserId: req.UserID})
		return d, nil
	}
	if out.Receipt, _, err = s.intents.Execute(ctx, call); err != nil {
		return Outcome{}, err
	}
	return out, nil
}
