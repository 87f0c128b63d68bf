package intent

import (
	"context"
	"errors"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/eventstore"
)

// tokenGuesses is how many wrong tokens an intent takes. With 256 bits it is not about guessing: it ends the trying.
const tokenGuesses = 10

// Retrieve asks for an outcome.
type Retrieve struct {
	ID    string
	Token string
}

// Outcome is what is known of who signed in.
type Outcome struct {
	Receipt     command.Receipt
	StartedAt   time.Time
	ProviderID  string
	Provider    *provider.State // as it is now; one that does not exist says so
	Information *eventv1.IntentInformation
	Credentials *eventv1.IntentCredentials
	UserID      string // linked with the account; empty if nobody is
}

// Retrieve returns the outcome of a sign-in to who has its token. It may be asked for again until it is used or too old.
func (s *Service) Retrieve(ctx context.Context, caller *permission.Caller, req Retrieve) (Outcome, error) {
	if !caller.Authenticated() {
		return Outcome{}, permission.ErrUnauthenticated
	}
	snap, err := s.intents.Load(ctx, caller.Tenant, req.ID)
	if err != nil {
		return Outcome{}, err
	}
	if err := s.admit(ctx, caller.Tenant, req, &snap.State); err != nil {
		return Outcome{}, err
	}
	out := Outcome{
		Receipt:   command.Receipt{Position: snap.Position, Version: snap.Version, ChangedAt: snap.At.UTC()},
		StartedAt: snap.State.StartedAt.UTC(), ProviderID: snap.State.ProviderID,
		Information: snap.State.Information, Credentials: snap.State.Credentials,
	}
	if out.Provider, err = s.providers.Find(ctx, caller.Tenant, out.ProviderID); err != nil {
		return Outcome{}, err
	}
	out.UserID, err = s.linked(ctx, caller.Tenant, out.ProviderID, out.Information.GetExternalId())
	return out, err
}

// admit refuses who has not got the token, then outcomes that are not there. Before there is one there is no token either:
// that a sign-in is under way or failed is no secret to who knows its id.
func (s *Service) admit(ctx context.Context, tenant string, req Retrieve, state *State) error {
	switch state.Lifecycle {
	case Unknown:
		return ErrInvalidToken
	case Started:
		if state.expired(s.rt.Now()) {
			return ErrExpired
		}
		return ErrNotSucceeded
	case Failed:
		return ErrNotSucceeded
	}
	guess := eventstore.Attempt{Stream: eventstore.StreamID{Tenant: tenant, Kind: Kind, ID: req.ID}, Secret: "token"}
	_, err := s.rt.Store.Spend(ctx, guess, tokenGuesses, outcomeLife)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return ErrThrottled
	}
	if err != nil {
		return command.Refusal(err)
	}
	fits, err := s.fits(ctx, tenant, tokenSecret, req.ID, req.Token, state.TokenDigest)
	if err != nil {
		return err
	}
	if !fits {
		return ErrInvalidToken
	}
	// It is a courtesy: if it fails the window gives the guesses back.
	_ = s.rt.Store.Refund(ctx, guess)
	switch {
	case state.Lifecycle == Used:
		return ErrNotSucceeded
	case state.expired(s.rt.Now()):
		return ErrExpired
	}
	return nil
}
