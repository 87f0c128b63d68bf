package organization

import (
	"context"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Kind is the kind of an organization's stream.
const Kind = "org"

const (
	cached  = 10_000
	maxName = 200 // characters
)

var (
	// ErrExists says that the id is taken.
	ErrExists = failure.New(failure.AlreadyExists, "ORGANIZATION_ALREADY_EXISTS", "an organization with this id exists")
	// ErrInvalid says that id or name cannot be used.
	ErrInvalid = failure.New(failure.InvalidArgument, "ORGANIZATION_INVALID", "an organization needs a name of 1 to 200 characters")
)

// State is what commands need to know of an organization.
type State struct {
	Name string
}

// Service runs the commands on organizations. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	organizations *command.Executor[State]
}

// New returns a service.
func New(rt command.Runtime) (*Service, error) {
	x, err := command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(id string, _ *State) string { return id },
		Cached:       cached,
	})
	return &Service{rt: rt, organizations: x}, err
}

func fold(s State, msg proto.Message, _ command.Recorded) State {
	if e, ok := msg.(*eventv1.OrganizationAdded); ok {
		s.Name = e.GetName()
	}
	return s
}

// Exists reports whether there is such an organization.
func (s *Service) Exists(ctx context.Context, tenant, id string) (bool, error) {
	if !command.ValidID(id) {
		return false, nil
	}
	snap, err := s.organizations.Recall(ctx, tenant, id)
	if err != nil {
		return false, err
	}
	return snap.Version > 0, nil
}

// Add adds an organization. It needs org.write on the whole instance.
func (s *Service) Add(ctx context.Context, caller *permission.Caller, id, name string) (command.Receipt, error) {
	if !caller.Authenticated() {
		return command.Receipt{}, permission.ErrUnauthenticated
	}
	name = strings.TrimSpace(name)
	if !command.ValidID(id) || name == "" || utf8.RuneCountInString(name) > maxName {
		return command.Receipt{}, ErrInvalid
	}
	if err := caller.Check(permission.OrganizationWrite, ""); err != nil {
		return command.Receipt{}, err
	}
	call := command.CallBy[State](caller, id)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		if snap.Version > 0 {
			return command.Decision{}, ErrExists
		}
		d := command.Decision{Owner: id}
		d.Add(s.rt.NewID(), &eventv1.OrganizationAdded{Name: name})
		return d, nil
	}
	receipt, _, err := s.organizations.Execute(ctx, call)
	return receipt, err
}
