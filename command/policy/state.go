package policy

import (
	"crypto/sha256"
	"maps"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of the streams that policies stand in.
const Kind = "policy"

const (
	instanceID     = "instance"
	ofOrganization = "org:" // begins the id of an organization's stream
	cached         = 1000
)

// streamID returns the id of the stream with an organization's policies; empty stands for the instance.
func streamID(organization string) string {
	if organization == "" {
		return instanceID
	}
	return ofOrganization + organization
}

// State is what an organization or the instance has of its own. It is shared: nobody may change it.
type State struct {
	policies     map[kind]entry
	translations map[string]translation // by locale
}

// entry is a policy that was set.
type entry struct {
	policy           proto.Message
	version          uint64 // of the stream, when it was set
	position         eventstore.Position
	createdAt, setAt time.Time
}

// translation says where the texts of a locale stand in the log: they are too many to be kept in memory.
type translation struct {
	position eventstore.Position
	digest   [sha256.Size]byte
}

// NewExecutor returns what runs commands on policies and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind: Kind,
		Fold: fold,
		Organization: func(id string, _ *State) string {
			organization, _ := strings.CutPrefix(id, ofOrganization)
			if organization == id {
				return ""
			}
			return organization
		},
		Cached: cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.PolicyReset:
		if k, known := resettable(e.GetKind()); known {
			s.policies = maps.Clone(s.policies)
			delete(s.policies, k)
		}
	case *eventv1.TranslationPolicySet:
		s.translations = with(s.translations, e.GetLocale(), translation{
			position: at.Position, digest: sha256.Sum256(e.GetTranslations()),
		})
		if len(e.GetTranslations()) == 0 {
			delete(s.translations, e.GetLocale())
		}
	default:
		k, known := kindOf(msg)
		if !known {
			break
		}
		set := entry{policy: msg, version: at.Version, position: at.Position, createdAt: at.At, setAt: at.At}
		if before, ok := s.policies[k]; ok {
			set.createdAt = before.createdAt
		}
		s.policies = with(s.policies, k, set)
	}
	return s
}

// with returns a copy of a map with one more entry.
func with[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	out := make(map[K]V, len(m)+1)
	maps.Copy(out, m)
	out[key] = value
	return out
}
