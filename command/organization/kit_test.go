package organization_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// node is one process whose tenant is set up.
type node struct {
	*commandtest.Node

	states *command.Executor[organization.State]
}

func newNode(t *testing.T) *node {
	t.Helper()
	return newNodeOn(t, database(t))
}

func newNodeOn(t *testing.T, log commandtest.Opener) *node {
	t.Helper()
	n := commandtest.New(t, log)
	states, err := organization.NewExecutor(n.Runtime)
	must(t, err)
	return &node{n, states}
}

// given appends events to an organization's stream as history would have left them: no rule is asked.
func (n *node) given(t *testing.T, id string, events ...proto.Message) {
	t.Helper()
	if len(events) == 0 {
		return
	}
	_, _, err := n.states.Execute(t.Context(), command.Call[organization.State]{
		Tenant: n.Tenant, ID: id, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[organization.State]) (command.Decision, error) {
			d := command.Decision{Owner: id}
			for _, e := range events {
				d.Add(n.Runtime.NewID(), e)
			}
			return d, nil
		},
	})
	must(t, err)
}

// recorded returns what the log holds of an organization.
func (n *node) recorded(t *testing.T, id string) []proto.Message {
	t.Helper()
	stream := eventstore.StreamID{Tenant: n.Tenant, Kind: organization.Kind, ID: id}
	events, err := n.Store.ReadStream(t.Context(), stream, 0)
	must(t, err)
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Personal)
	must(t, err)
	var out []proto.Message
	for i, m := range messages {
		must(t, faults[i])
		out = append(out, m.Proto)
	}
	return out
}

func (n *node) types(t *testing.T, id string) []string {
	t.Helper()
	return commandtest.Types(n.recorded(t, id))
}

// events checks the types of all events of an organization.
func (n *node) events(t *testing.T, id string, want ...string) {
	t.Helper()
	if got := n.types(t, id); !slices.Equal(got, want) {
		t.Errorf("%s has %v, want %v", id, got, want)
	}
}

// owner returns an owner of an organization who belongs to the default one.
func owner(organization string) *permission.Caller {
	return commandtest.Caller("owner", permission.Membership{Organization: organization, Roles: []string{permission.OrganizationOwner}})
}

// manager returns a manager of all organizations.
func manager() *permission.Caller {
	return commandtest.Caller("manager", permission.Membership{Roles: []string{permission.InstanceOrgManager}})
}

func second[T any](_ T, err error) error { return err }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
