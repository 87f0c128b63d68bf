package provider

import (
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Kind is the kind of a provider's stream.
const Kind = "idp"

// subject returns whose data key seals the events of a stream. No user's id begins with #, so that no user shares the key and
// takes it along when it is erased.
func subject(id string) string { return "#" + Kind + ":" + id }

// cached bounds the states in memory; one with SAML metadata takes some ten kilobytes.
const cached = 1000

// Lifecycle is where a provider is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Unknown Lifecycle = iota // nothing was ever recorded
	Active
	Removed
)

// State is what commands need to know of a provider. Settings and Credentials are shared: nobody may change them.
type State struct {
	Lifecycle    Lifecycle
	Organization string // empty: of the whole instance
	Settings     *eventv1.IdentityProvider
	Credentials  *eventv1.ProviderCredentials
}

// Exists reports whether there is a provider.
func (s *State) Exists() bool { return s.Lifecycle == Active }

// serves reports whether users of an organization may use the provider.
func (s *State) serves(organization string) bool {
	return s.Exists() && (s.Organization == "" || s.Organization == organization)
}

// NewExecutor returns what runs commands on providers and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(_ string, s *State) string { return s.Organization },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, _ command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.IDPAdded:
		return State{
			Lifecycle: Active, Organization: e.GetOrganizationId(), Settings: e.GetProvider(), Credentials: e.GetCredentials(),
		}
	case *eventv1.IDPChanged:
		s.Settings, s.Credentials = e.GetProvider(), e.GetCredentials()
	case *eventv1.IDPRemoved:
		return State{Lifecycle: Removed, Organization: s.Organization}
	}
	return s
}
