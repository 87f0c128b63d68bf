package authservice_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// errand is what somebody asks about its own account, and what comes of it.
type errand struct {
	rpc, name string
	machine   bool            // a machine asks instead of a person
	given     []proto.Message // since it was added
	when      deed
	fails     error
}

type deed func(ctx context.Context, t *testing.T, n *node) (proto.Message, error)

// ask is to ask one RPC.
func ask[Q, A proto.Message](rpc func(*authservice.Service, context.Context, Q) (A, error), request Q) deed {
	return func(ctx context.Context, _ *testing.T, n *node) (proto.Message, error) {
		return rpc(n.Service, ctx, request)
	}
}

// errands are those of every RPC that is not about what goes beyond the account itself.
func errands() []errand {
	return slices.Concat(account(), profiles(), passwords(), emails(), phones(), apps(), codes(), authenticators(), passkeyLinks(), linked(), metadata())
}

// Every RPC does what it is for, says where that left the account, and refuses with a reason.
func TestErrands(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.person(t, "taken")
	for i, e := range errands() {
		t.Run(e.rpc+"/"+e.name, func(t *testing.T) {
			t.Parallel()
			id, added := fmt.Sprintf("user-%d", i), n.person
			if e.machine {
				added = n.machine
			}
			ctx := added(t, id)
			if len(e.given) > 0 {
				n.given(t, id, e.given...)
			}
			answer, err := e.when(ctx, t, n)
			if !errors.Is(err, e.fails) {
				t.Fatalf("%v, want %v", err, e.fails)
			}
			if refusal := (*failure.Error)(nil); err != nil && !errors.As(err, &refusal) {
				t.Fatalf("not a refusal: %v", err)
			}
			if err == nil && !strings.HasPrefix(e.rpc, "Get") {
				checkWritten(t, n, id, answer)
			}
		})
	}
}

// checkWritten holds what a write says about itself against the log.
func checkWritten(t *testing.T, n *node, id string, answer proto.Message) {
	t.Helper()
	m := answer.ProtoReflect()
	field := m.Descriptor().Fields().ByName("details")
	if field == nil || field.Message().Name() != "ObjectDetails" {
		return
	}
	details, _ := m.Get(field).Message().Interface().(*authv1.ObjectDetails)
	head, err := n.runtime.Store.StreamHead(t.Context(), eventstore.StreamID{Tenant: tenant, Kind: user.Kind, ID: id})
	must(t, err)
	name := string(m.Descriptor().Name())
	adds := strings.HasPrefix(name, "Add") || strings.HasPrefix(name, "Send")
	if details.GetSequence() != head.Version || details.GetResourceOwner() != organization ||
		(details.GetCreationDate() != nil) != adds || (details.GetChangeDate() != nil) == adds {
		t.Errorf("%s: details %v at version %d", name, details, head.Version)
	}
}

// Each RPC has an errand that succeeds and, where one can, an errand that fails.
func TestEveryRPCHasItsErrands(t *testing.T) {
	t.Parallel()
	safe := []string{"Healthz", "ListMyAuthFactors", "ListMyPasswordless"}
	good, bad := make(map[string]bool), make(map[string]bool)
	for _, e := range errands() {
		if e.fails == nil {
			good[e.rpc] = true
		} else {
			bad[e.rpc] = true
		}
	}
	for rpc := range bad {
		if !good[rpc] {
			t.Errorf("%s never succeeds", rpc)
		}
	}
	for rpc := range good {
		if !bad[rpc] && !slices.Contains(safe, rpc) {
			t.Errorf("%s never fails", rpc)
		}
	}
	if len(good) != 41 {
		t.Errorf("errands to %d RPCs", len(good))
	}
}

// idOf returns who asks.
func idOf(ctx context.Context) string { return call.From(ctx).Caller.SubjectID() }
