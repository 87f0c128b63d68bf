package organization

import (
	"crypto/sha256"
	"maps"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// anyEvent draws an event of an organization that was added.
func anyEvent() *rapid.Generator[proto.Message] {
	domain := rapid.SampledFrom([]string{"a.example.com", "b.example.com", "c.example.com"})
	key := rapid.SampledFrom([]string{"k", "l"})
	return rapid.Custom(func(t *rapid.T) proto.Message {
		switch rapid.IntRange(0, 10).Draw(t, "event") {
		case 0:
			return &eventv1.OrganizationRenamed{Name: rapid.StringN(1, 5, 20).Draw(t, "name")}
		case 1:
			return &eventv1.OrganizationDeactivated{}
		case 2:
			return &eventv1.OrganizationActivated{}
		case 3, 4:
			return &eventv1.OrganizationDomainAdded{Domain: domain.Draw(t, "domain")}
		case 5:
			return &eventv1.OrganizationDomainProofSet{Domain: domain.Draw(t, "domain"), Proof: eventv1.DomainProof_DOMAIN_PROOF_DNS, TokenDigest: []byte("d")}
		case 6:
			return &eventv1.OrganizationDomainVerified{Domain: domain.Draw(t, "domain")}
		case 7:
			return &eventv1.OrganizationDomainPrimarySet{Domain: domain.Draw(t, "domain")}
		case 8:
			return &eventv1.OrganizationDomainRemoved{Domain: domain.Draw(t, "domain")}
		case 9:
			return &eventv1.OrganizationMetadataSet{Key: key.Draw(t, "key"), Value: []byte(key.Draw(t, "value"))}
		default:
			return &eventv1.OrganizationMetadataRemoved{Key: key.Draw(t, "key")}
		}
	})
}

// Folding changes nothing that an earlier state holds, and comes to what a plain reading of the history comes to.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history := append([]proto.Message{&eventv1.OrganizationAdded{Name: "O"}}, rapid.SliceOfN(anyEvent(), 0, 20).Draw(t, "history")...)
		if rapid.Bool().Draw(t, "removed") {
			history = append(history, &eventv1.OrganizationRemoved{})
		}
		var states, copies []State
		var state State
		for _, e := range history {
			state = fold(state, e, command.Recorded{ID: uuid.New()})
			kept := state
			kept.Domains, kept.Metadata = maps.Clone(state.Domains), maps.Clone(state.Metadata)
			states, copies = append(states, state), append(copies, kept)
		}
		for i := range states {
			if !reflect.DeepEqual(states[i], copies[i]) {
				t.Fatalf("state %d changed later: %+v, was %+v", i, states[i], copies[i])
			}
		}
		if want := reading(history); !same(&state, &want) {
			t.Fatalf("%+v, want %+v", state, want)
		}
	})
}

// reading folds a history from the end: the last word about each thing counts.
func reading(history []proto.Message) State {
	if _, over := history[len(history)-1].(*eventv1.OrganizationRemoved); over {
		return State{Lifecycle: Removed}
	}
	s := State{Lifecycle: Active, Name: "O", Domains: map[string]Domain{}, Metadata: map[string][sha256.Size]byte{}}
	for _, e := range history {
		switch e := e.(type) {
		case *eventv1.OrganizationRenamed:
			s.Name = e.GetName()
		case *eventv1.OrganizationDeactivated:
			s.Lifecycle = Inactive
		case *eventv1.OrganizationActivated:
			s.Lifecycle = Active
		case *eventv1.OrganizationDomainAdded:
			s.Domains[e.GetDomain()] = Domain{}
		case *eventv1.OrganizationDomainProofSet:
			s.Domains[e.GetDomain()] = Domain{Proof: &Proof{}}
		case *eventv1.OrganizationDomainVerified:
			s.Domains[e.GetDomain()] = Domain{Verified: true}
		case *eventv1.OrganizationDomainPrimarySet:
			s.Primary = e.GetDomain()
		case *eventv1.OrganizationDomainRemoved:
			delete(s.Domains, e.GetDomain())
			if s.Primary == e.GetDomain() {
				s.Primary = ""
			}
		case *eventv1.OrganizationMetadataSet:
			s.Metadata[e.GetKey()] = sha256.Sum256(e.GetValue())
		case *eventv1.OrganizationMetadataRemoved:
			delete(s.Metadata, e.GetKey())
		}
	}
	return s
}

func same(a, b *State) bool {
	return a.Lifecycle == b.Lifecycle && a.Name == b.Name && a.Primary == b.Primary && maps.Equal(a.Metadata, b.Metadata) &&
		maps.EqualFunc(a.Domains, b.Domains, func(x, y Domain) bool { return x.Verified == y.Verified && (x.Proof == nil) == (y.Proof == nil) })
}

// Every command has a rule, and what has none is denied to everybody.
func TestRules(t *testing.T) {
	t.Parallel()
	service := reflect.TypeFor[*Service]()
	for i := range service.NumMethod() {
		name := service.Method(i).Name
		if _, known := rules(operation(name)); !known && name != "Found" { // which is Add and more
			t.Errorf("%s has no rule", name)
		}
	}
	if err := check("Unheard", permission.System("t"), "o"); err == nil {
		t.Error("a command without a rule is allowed")
	}
}
