package project_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// Callers of the tests, who may have to do with a project of the default organization that is granted to the partner.
func admin(string) *permission.Caller    { return commandtest.Admin() }
func nobody(string) *permission.Caller   { return nil }
func stranger(string) *permission.Caller { return commandtest.Caller("stranger") }
func owner(string) *permission.Caller {
	return commandtest.Caller("owner", on(permission.Membership{Organization: "default"}, permission.OrganizationOwner))
}
func creator(string) *permission.Caller {
	return commandtest.Caller("creator", on(permission.Membership{Organization: "default"}, permission.OrganizationProjectCreator))
}
func viewer(id string) *permission.Caller {
	return commandtest.Caller("viewer", on(permission.Membership{}, permission.InstanceOwnerViewer),
		on(permission.Membership{Organization: "default", Project: id}, permission.ProjectOwnerViewer))
}
func projectOwner(id string) *permission.Caller {
	return commandtest.Caller("project-owner", on(permission.Membership{Organization: "default", Project: id}, permission.ProjectOwner))
}
func otherOwner(string) *permission.Caller {
	return commandtest.Caller("other-owner", on(permission.Membership{Organization: "default", Project: "another"}, permission.ProjectOwner))
}
func partner(id string) *permission.Caller {
	return commandtest.Caller("partner", on(permission.Membership{Organization: "partner"}, permission.OrganizationOwner),
		on(permission.Membership{Organization: "default", Project: id, Granted: "partner"}, permission.ProjectGrantOwner))
}

func on(m permission.Membership, roles ...permission.Role) permission.Membership {
	m.Roles = roles
	return m
}

// newNode returns a node with the organizations default, partner and other, and gone, which was removed.
func newNode(t *testing.T) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	for _, id := range []string{"partner", "other", "gone"} {
		_, err := n.Organizations.Add(t.Context(), commandtest.Admin(), id, id)
		must(t, err)
	}
	_, err := n.Organizations.Remove(t.Context(), commandtest.Admin(), "gone")
	must(t, err)
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Histories.
func shop() []proto.Message {
	return []proto.Message{
		&eventv1.ProjectAdded{OrganizationId: "default", Name: "Shop", AuthorizationRequired: true},
		&eventv1.ProjectRoleAdded{Key: "reader", DisplayName: "Reader", Group: "people"},
		&eventv1.ProjectRoleAdded{Key: "writer", DisplayName: "Writer"},
	}
}

func granted() []proto.Message {
	return append(shop(), &eventv1.ProjectGrantAdded{OrganizationId: "partner", RoleKeys: []string{"reader", "writer"}})
}

func with(history []proto.Message, more ...proto.Message) []proto.Message {
	return append(slices.Clone(history), more...)
}

// given appends events to a project's stream as history would have left them: no rule is asked.
func given(t *testing.T, n *commandtest.Node, id string, events ...proto.Message) {
	t.Helper()
	x, err := project.NewExecutor(n.Runtime)
	must(t, err)
	_, _, err = x.Execute(t.Context(), command.Call[project.State]{
		Tenant: n.Tenant, ID: id, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[project.State]) (command.Decision, error) {
			d := command.Decision{Owner: events[0].(*eventv1.ProjectAdded).GetOrganizationId()}
			for _, e := range events {
				d.Add(n.Runtime.NewID(), e)
			}
			return d, nil
		},
	})
	must(t, err)
}

// recorded returns what the log holds of a project.
func recorded(t *testing.T, n *commandtest.Node, id string) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), eventstore.StreamID{Tenant: n.Tenant, Kind: project.Kind, ID: id}, 0)
	must(t, err)
	messages, _, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	must(t, err)
	out := make([]proto.Message, len(messages))
	for i, m := range messages {
		out[i] = m.Proto
	}
	return out
}

// scenario is one command on the history of one project.
type scenario struct {
	name  string
	given []proto.Message
	as    func(id string) *permission.Caller
	when  order
	then  []proto.Message
	fails error
}

// order is a command on a project.
type order func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error

func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	n := newNode(t)
	cold := n.Another(t)
	for i, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			id := fmt.Sprintf("project-%d", i)
			if len(s.given) > 0 {
				given(t, n, id, s.given...)
			}
			service := []*commandtest.Node{n, cold}[i%2].Projects
			if err := s.when(t.Context(), service, s.as(id), id); !errors.Is(err, s.fails) {
				t.Errorf("%v, want %v", err, s.fails)
			}
			got := recorded(t, n, id)[len(s.given):]
			if !slices.EqualFunc(got, s.then, proto.Equal) {
				t.Errorf("recorded %v, want %v", got, s.then)
			}
		})
	}
}

func pointer[T any](v T) *T { return &v }
