package intent

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Reasons of a failed intent, as the failure URL and the log have them.
const (
	reasonDenied        = "access_denied"
	reasonUnavailable   = "temporarily_unavailable"
	reasonUntrusted     = "invalid_response"
	reasonMisconfigured = "provider_misconfigured"
	reasonGone          = "provider_removed"
	reasonExpired       = "expired"
	reasonFault         = "server_error"
)

// Callback is what a browser brings back from a provider.
type Callback struct {
	State      string
	ProviderID string // that the callback's path names; empty where the path names none
	Answer     url.Values
}

// Callback finishes a sign-in and returns where to send the browser. Its refusal is ErrUnknownState, and then there is
// nowhere to send it; what the provider refuses ends at the failure URL.
func (s *Service) Callback(ctx context.Context, cb Callback) (string, error) {
	id, secret, ok := splitState(cb.State)
	if !ok {
		return "", ErrUnknownState
	}
	snap, err := s.intents.Load(ctx, s.tenant, id)
	if err != nil {
		return "", err
	}
	state := &snap.State
	fits, err := s.fits(ctx, s.tenant, stateSecret, id, secret, state.StateDigest)
	if err != nil {
		return "", err
	}
	if !fits || state.Lifecycle != Started || cb.ProviderID != "" && cb.ProviderID != state.ProviderID {
		return "", ErrUnknownState
	}
	if err := s.spendCallback(ctx, id); err != nil {
		return "", err
	}
	if state.expired(s.rt.Now()) {
		return s.fail(ctx, id, state, reasonExpired)
	}
	who, reason, err := s.finish(ctx, state, cb)
	if err != nil {
		return "", err
	}
	if reason != "" {
		return s.fail(ctx, id, state, reason)
	}
	return s.finished(ctx, id, state, who)
}

// spendCallback takes the one attempt an intent has: of callbacks that arrive together one goes on.
func (s *Service) spendCallback(ctx context.Context, id string) error {
	once := eventstore.Attempt{Stream: eventstore.StreamID{Tenant: s.tenant, Kind: Kind, ID: id}, Secret: "callback"}
	_, err := s.rt.Store.Spend(ctx, once, 1, 0)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return ErrUnknownState
	}
	return command.Refusal(err)
}

// finish asks the provider who signed in, or returns the reason why that is not known.
func (s *Service) finish(ctx context.Context, state *State, cb Callback) (who federation.Identity, reason string, err error) {
	at, err := s.providers.Find(ctx, s.tenant, state.ProviderID)
	if err != nil {
		return who, "", err
	}
	if !at.Exists() {
		return who, reasonGone, nil
	}
	client, err := s.providers.Redirecting(state.ProviderID, at)
	if err != nil {
		return who, s.reasonOf(state, err), nil
	}
	who, err = client.Finish(ctx, federation.Finish{
		Flow: state.Flow, CallbackURL: state.CallbackURL, Answer: cb.Answer, State: cb.State,
	})
	if err != nil {
		return who, s.reasonOf(state, err), nil
	}
	if who.ExternalID == "" {
		return who, reasonUntrusted, nil
	}
	return who, "", nil
}

// reasonOf translates what went wrong at a provider for the application. The operator is told in full: the errors of the
// clients hold no secret and nothing of the person.
func (s *Service) reasonOf(state *State, err error) string {
	s.log.Info().Err(err).Str("provider", state.ProviderID).Msg("a sign-in at an identity provider failed")
	switch {
	case errors.Is(err, federation.ErrDenied):
		return reasonDenied
	case errors.Is(err, federation.ErrUnreachable):
		return reasonUnavailable
	case errors.Is(err, federation.ErrUntrusted):
		return reasonUntrusted
	case errors.Is(err, federation.ErrConfig), errors.Is(err, federation.ErrBlockedAddress):
		return reasonMisconfigured
	}
	return reasonFault
}

// finished records who signed in and returns the success URL with the entitlement.
func (s *Service) finished(ctx context.Context, id string, state *State, who federation.Identity) (string, error) {
	succeeded, token, err := s.succeed(ctx, s.tenant, id, who)
	if err != nil {
		return "", err
	}
	if err := s.end(ctx, id, succeeded); err != nil {
		return "", err
	}
	parameters := url.Values{"id": {id}, "token": {token}}
	userID, err := s.linked(ctx, s.tenant, state.ProviderID, who.ExternalID)
	if err != nil {
		return "", err
	}
	if userID != "" {
		parameters.Set("user", userID)
	}
	return with(state.SuccessURL, parameters), nil
}

// fail records why nobody signed in and returns the failure URL.
func (s *Service) fail(ctx context.Context, id string, state *State, reason string) (string, error) {
	if err := s.end(ctx, id, &eventv1.IntentFailed{Reason: reason}); err != nil {
		return "", err
	}
	return with(state.FailureURL, url.Values{"id": {id}, "error": {reason}}), nil
}

// end records the end of an intent that is under way.
func (s *Service) end(ctx context.Context, id string, how proto.Message) error {
	_, _, err := s.intents.Execute(ctx, command.Call[State]{
		Tenant: s.tenant, ID: id, Actor: permission.SystemID,
		Decide: func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
			if snap.State.Lifecycle != Started {
				return command.Decision{}, ErrUnknownState
			}
			d := command.Decision{Subject: subject(id)}
			d.Add(s.rt.NewID(), how)
			return d, nil
		},
	})
	if err != nil {
		return fmt.Errorf("intent: end: %w", err)
	}
	return nil
}
