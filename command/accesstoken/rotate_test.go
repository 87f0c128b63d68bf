package accesstoken_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

const month = 30 * 24 * time.Hour

// A key lives: it is published, signs, signs no more, and is published until what it signed has expired.
func TestTheLifeOfAKey(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	rotate := func(after time.Duration) {
		t.Helper()
		n.Clock.Advance(after)
		due, err := n.Tokens.Rotate(t.Context())
		if err != nil || !due.After(n.Clock.Now()) {
			t.Fatalf("due at %v, %v", due, err)
		}
	}
	signs := func(token string) any { return part(t, token, 0)["kid"] }

	old := issue(t, n)
	first := signs(old)
	rotate(month - accesstoken.Overlap - time.Second)
	if ids := published(t, n); len(ids) != 1 || ids[0] != first {
		t.Fatalf("a month less ten minutes and a second later: %v", ids)
	}
	rotate(time.Second)
	ids := published(t, n)
	if len(ids) != 2 || signs(issue(t, n)) != first {
		t.Fatalf("the next key is to be published before it signs: %v", ids)
	}
	next := ids[1]
	rotate(accesstoken.Overlap - time.Second)
	if signs(issue(t, n)) != first {
		t.Error("the next key signs before its time")
	}
	last, err := n.Tokens.IssueTicket(t.Context(), accesstoken.Ticket{Purpose: "p", Value: "v", Life: accesstoken.LongestTicket})
	if err != nil {
		t.Fatal(err)
	}
	rotate(time.Second)
	if signs(issue(t, n)) != next || signs(last) != first {
		t.Error("the next key does not sign when its time has come")
	}
	rotate(accesstoken.LongestTicket - 2*time.Second)
	if _, err := n.Tokens.VerifyTicket(t.Context(), "p", last); err != nil {
		t.Errorf("what the old key signed last: %v", err)
	}
	rotate(5*time.Minute + time.Second)
	if ids := published(t, n); len(ids) != 2 {
		t.Errorf("the old key is gone too early: %v", ids)
	}
	rotate(time.Second)
	if ids := published(t, n); !slices.Equal(ids, []string{next}) {
		t.Errorf("published at the end: %v", ids)
	}
	want := []string{"signing.key.added", "signing.key.added", "signing.key.removed"}
	if got := commandtest.Types(recorded(t, n)); !slices.Equal(got, want) {
		t.Errorf("recorded %v", got)
	}
}

// A node that nobody maintains still signs with keys that others know, and verifies what they sign.
func TestWithoutMaintenance(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	other := n.Another(t)
	for range 4 {
		token := issue(t, n)
		if _, err := other.Tokens.Verify(t.Context(), token); err != nil {
			t.Errorf("at %v: %v", n.Clock.Now(), err)
		}
		if _, err := n.Tokens.Verify(t.Context(), issue(t, other)); err != nil {
			t.Errorf("at %v, the other way: %v", n.Clock.Now(), err)
		}
		n.Clock.Advance(month + time.Hour)
	}
}

func TestPrivateKeysAreSealed(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	issue(t, n)
	_, key := firstKey(t, n)
	private, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	events, err := n.Store.ReadStream(t.Context(), keyStream(n), 0)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	e := &events[0]
	if e.Subject != "#signing" || len(e.Secret) == 0 || bytes.Contains(slices.Concat(e.Payload, e.Personal, e.Secret), private) {
		t.Errorf("%s is not sealed", e.Type)
	}
}

// However many begin at once, on however many nodes, there is one first key, and one next.
func TestManyRotateAtOnce(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t), n.Another(t)}
	together := func(what func(*commandtest.Node) error) {
		t.Helper()
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				if err := what(nodes[i%len(nodes)]); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	together(func(node *commandtest.Node) error {
		_, err := node.Tokens.Issue(t.Context(), minnie)
		return err
	})
	if got := recorded(t, n); len(got) != 1 {
		t.Fatalf("%d first keys", len(got))
	}
	n.Clock.Advance(month)
	together(func(node *commandtest.Node) error {
		_, err := node.Tokens.Rotate(t.Context())
		return err
	})
	if got := recorded(t, n); len(got) != 2 {
		t.Fatalf("%d keys", len(got))
	}
	for _, node := range nodes {
		if ids := published(t, node); !slices.Equal(ids, published(t, n)) || len(ids) != 2 {
			t.Errorf("a node publishes %v", ids)
		}
	}
}

func TestKeysAreInMemory(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	token := issue(t, n)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // whatever waits for the log fails
	n.Store.Close()
	if _, err := n.Tokens.Verify(gone, token); err != nil {
		t.Errorf("verify: %v", err)
	}
	if _, err := n.Tokens.Issue(gone, minnie); err != nil {
		t.Errorf("issue: %v", err)
	}
	if _, err := n.Tokens.KeySet(gone); err != nil {
		t.Errorf("key set: %v", err)
	}
}

// given appends events to the stream of the keys, from outside.
func given(t testing.TB, n *commandtest.Node, events ...proto.Message) {
	t.Helper()
	keys, err := accesstoken.NewExecutor(n.Runtime)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = keys.Execute(t.Context(), command.Call[accesstoken.State]{
		Tenant: n.Tenant, ID: n.Tenant, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[accesstoken.State]) (command.Decision, error) {
			d := command.Decision{Subject: "#signing"}
			for _, e := range events {
				d.Add(n.Runtime.NewID(), e)
			}
			return d, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// renewed adds the tenant's first key once more, as another node would, under an id that is new here, and returns a token that
// it signs.
func renewed(t testing.TB, n *commandtest.Node, f *forger, id string) string {
	t.Helper()
	added := proto.CloneOf(recorded(t, n)[0].(*eventv1.SigningKeyAdded))
	added.KeyId, added.ActiveFrom = id, timestamppb.New(n.Clock.Now().Add(accesstoken.Overlap))
	given(t, n, added)
	return f.signed(t, object{"kid": id}, nil)
}

// A key that is not known is looked for in the log, but not as often as somebody makes one up.
func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	f := newForger(t, n)
	token := renewed(t, n, f, "second")
	if _, err := n.Tokens.Verify(t.Context(), token); err != nil {
		t.Errorf("the key of another node: %v", err)
	}
	token = renewed(t, n, f, "third")
	_, err := n.Tokens.Verify(t.Context(), token)
	wantInvalid(t, "a second look within a second", err)
	n.Clock.Advance(time.Second)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := n.Tokens.Verify(t.Context(), token); err != nil {
				t.Errorf("of many who wait for the same look: %v", err)
			}
		})
	}
	wg.Wait()
}

// Somebody who gives up does not take the look away from those who wait with him.
func TestALookOutlivesItsRequest(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	f := newForger(t, n)
	token := renewed(t, n, f, "second")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for { // to wait for the turn and to give up are both ready: try until the turn was taken
		_, err := n.Tokens.Verify(gone, token)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

func TestAKeyOfALaterVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	token := issue(t, n)
	given(t, n, &eventv1.SigningKeyAdded{
		KeyId: "later", Algorithm: "ML-DSA-65", PublicKey: []byte("?"), PrivateKey: []byte("?"), ActiveFrom: timestamppb.New(n.Clock.Now()),
	})
	other := n.Another(t)
	if _, err := other.Tokens.Verify(t.Context(), token); err != nil {
		t.Errorf("verify: %v", err)
	}
	if got := part(t, issue(t, other), 0)["kid"]; got != part(t, token, 0)["kid"] {
		t.Errorf("signed by %v", got)
	}
}

func TestMaintain(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	before := n.Store.HighWater()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Tokens.Maintain(ctx) }()
	for {
		upTo, err := n.Store.AwaitHighWater(t.Context(), before)
		if err != nil {
			t.Fatal(err)
		}
		if before = upTo; len(recorded(t, n)) > 0 {
			break
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ends with %v", err)
	}
	if got := commandtest.Types(recorded(t, n)); !slices.Equal(got, []string{codec.Type(&eventv1.SigningKeyAdded{})}) {
		t.Errorf("recorded %v", got)
	}
}

// Between rotations a node waits for what others do, and for the time.
func TestAwaitingChanges(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	keys := eventstore.StreamID{Tenant: n.Tenant, Kind: accesstoken.Kind, ID: n.Tenant}
	others := keys
	others.Tenant = "other"
	n.Tokens.Changed([]eventstore.StreamID{others, n.Stream("ada")})
	if err := n.Tokens.Await(t.Context(), time.Millisecond); err != nil {
		t.Errorf("the time has come: %v", err)
	}
	for range 3 {
		n.Tokens.Changed([]eventstore.StreamID{others, keys}) // never waits
	}
	if err := n.Tokens.Await(t.Context(), time.Hour); err != nil {
		t.Errorf("a change: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.Tokens.Await(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("the end: %v", err)
	}
}
