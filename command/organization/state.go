package organization

import (
	"crypto/sha256"
	"maps"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Kind is the kind of an organization's stream.
const Kind = "org"

const cached = 10_000

// Lifecycle is where an organization is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Absent Lifecycle = iota // nothing was ever recorded
	Active
	Inactive
	Removed
)

// State is what commands need to know of an organization.
type State struct {
	Lifecycle Lifecycle
	Name      string
	Domains   map[string]Domain // by name, in its canonical form
	Primary   string            // the primary domain; empty while none is verified

	// Metadata holds a digest of each value, so that a state stays small.
	Metadata map[string][sha256.Size]byte
}

// Domain is a domain that an organization says is its own.
type Domain struct {
	Verified bool
	Proof    *Proof // the newest that was asked for; nil if none was, or once the domain is verified
}

// Proof is what has to be found to verify a domain, known by its digest only.
type Proof struct {
	EventID uuid.UUID
	Where   eventv1.DomainProof
	Digest  []byte
}

// Exists reports whether there is an organization, active or inactive.
func (s *State) Exists() bool { return s.Lifecycle == Active || s.Lifecycle == Inactive }

// NewExecutor returns what runs commands on organizations and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(id string, _ *State) string { return id },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.OrganizationAdded:
		return State{Lifecycle: Active, Name: e.GetName()}
	case *eventv1.OrganizationRenamed:
		s.Name = e.GetName()
	case *eventv1.OrganizationDeactivated:
		s.Lifecycle = Inactive
	case *eventv1.OrganizationActivated:
		s.Lifecycle = Active
	case *eventv1.OrganizationRemoved:
		return State{Lifecycle: Removed}
	case *eventv1.OrganizationMetadataSet:
		s.Metadata = with(s.Metadata, e.GetKey(), sha256.Sum256(e.GetValue()))
	case *eventv1.OrganizationMetadataRemoved:
		s.Metadata = without(s.Metadata, e.GetKey())
	default:
		foldDomains(&s, msg, at)
	}
	return s
}

func foldDomains(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.OrganizationDomainAdded:
		s.Domains = with(s.Domains, e.GetDomain(), Domain{})
	case *eventv1.OrganizationDomainProofSet:
		proof := &Proof{EventID: at.ID, Where: e.GetProof(), Digest: e.GetTokenDigest()}
		s.Domains = with(s.Domains, e.GetDomain(), Domain{Proof: proof})
	case *eventv1.OrganizationDomainVerified:
		s.Domains = with(s.Domains, e.GetDomain(), Domain{Verified: true})
	case *eventv1.OrganizationDomainPrimarySet:
		s.Primary = e.GetDomain()
	case *eventv1.OrganizationDomainRemoved:
		s.Domains = without(s.Domains, e.GetDomain())
		if s.Primary == e.GetDomain() {
			s.Primary = ""
		}
	}
}

// with returns a map with one more entry. The map it is given may be in use elsewhere.
func with[V any](m map[string]V, key string, value V) map[string]V {
	next := make(map[string]V, len(m)+1)
	maps.Copy(next, m)
	next[key] = value
	return next
}

func without[V any](m map[string]V, key string) map[string]V {
	next := maps.Clone(m)
	delete(next, key)
	return next
}
