package intent

import (
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Kind is the kind of an intent's stream.
const Kind = "intent"

// subject returns whose data key seals the events of a stream. No user's id begins with #, so that no user shares the key and
// takes it along when it is erased.
func subject(id string) string { return "#" + Kind + ":" + id }

// cached bounds the states in memory; one takes some kilobytes, and is of no use after minutes.
const cached = 1000

// Lifecycle is where an intent is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Unknown Lifecycle = iota // nothing was ever recorded
	Started
	Succeeded
	Failed
	Used
)

// State is what commands need to know of an intent.
type State struct {
	Lifecycle  Lifecycle
	ProviderID string
	StartedAt  time.Time
	ExpiresAt  time.Time // of the start until it succeeds, then of the outcome

	// Until it ends.
	SuccessURL  string
	FailureURL  string
	CallbackURL string
	StateDigest []byte
	Flow        []byte

	// Once it succeeded.
	TokenDigest []byte
	Information *eventv1.IntentInformation
	Credentials *eventv1.IntentCredentials
}

// expired reports whether the station the intent is at is over.
func (s *State) expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// NewExecutor returns what runs commands on intents and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(string, *State) string { return "" },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.IntentStarted:
		return State{
			Lifecycle: Started, ProviderID: e.GetProviderId(), StartedAt: at.At, ExpiresAt: e.GetExpiresAt().AsTime(),
			SuccessURL: e.GetSuccessUrl(), FailureURL: e.GetFailureUrl(), CallbackURL: e.GetCallbackUrl(),
			StateDigest: e.GetStateDigest(), Flow: e.GetFlow(),
		}
	case *eventv1.IntentSucceeded:
		return State{
			Lifecycle: Succeeded, ProviderID: s.ProviderID, StartedAt: s.StartedAt, ExpiresAt: e.GetExpiresAt().AsTime(),
			TokenDigest: e.GetTokenDigest(), Information: e.GetInformation(), Credentials: e.GetCredentials(),
		}
	case *eventv1.IntentFailed:
		return State{Lifecycle: Failed, ProviderID: s.ProviderID, StartedAt: s.StartedAt}
	case *eventv1.IntentUsed:
		// The digest stays: who has the token may know that it is spent.
		return State{Lifecycle: Used, ProviderID: s.ProviderID, StartedAt: s.StartedAt, TokenDigest: s.TokenDigest}
	}
	return s
}
