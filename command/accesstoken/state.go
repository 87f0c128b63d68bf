package accesstoken

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Kind is the kind of the stream of a tenant's keys. Its id is the tenant.
const Kind = "signing"

// subject is whose data key seals the private keys. No user's id begins with #.
const subject = "#" + Kind

// State is the keys of a tenant.
type State struct {
	Keys []Key // that are published, in the order in which they sign
}

// Key is a key pair as the log has it.
type Key struct {
	ID         string
	Algorithm  string // JWA name
	Private    []byte // PKCS #8, ASN.1 DER
	ActiveFrom time.Time
}

// NewExecutor returns what runs commands on the keys of a tenant and loads them.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(string, *State) string { return "" },
		Cached:       1000,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, _ command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.SigningKeyAdded:
		s.Keys = append(slices.Clip(s.Keys), Key{
			ID: e.GetKeyId(), Algorithm: e.GetAlgorithm(), Private: e.GetPrivateKey(), ActiveFrom: e.GetActiveFrom().AsTime(),
		})
	case *eventv1.SigningKeyRemoved:
		s.Keys = slices.DeleteFunc(slices.Clone(s.Keys), func(k Key) bool { return k.ID == e.GetKeyId() })
	}
	return s
}
