package command_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// tally counts the organizations named in a stream of kind "tally".
type tally struct {
	Names []string
}

var errFull = failure.New(failure.FailedPrecondition, "FULL", "full")

func tallies(t *testing.T, n *commandtest.Node) *command.Executor[tally] {
	t.Helper()
	x, err := command.NewExecutor(n.Runtime, command.Aggregate[tally]{
		Kind: "tally", Cached: 100,
		Fold: func(s tally, msg proto.Message, _ command.Recorded) tally {
			names := append([]string(nil), s.Names...)
			return tally{append(names, msg.(*eventv1.OrganizationAdded).GetName())}
		},
		Organization: func(id string, _ *tally) string { return id },
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// add is a command that appends a name unless there are limit names already. It counts its decisions.
func add(n *commandtest.Node, name string, limit int, decisions *atomic.Int64) command.Call[tally] {
	return command.Call[tally]{
		Tenant: n.Tenant, ID: "one", Actor: "test",
		Decide: func(_ context.Context, s *command.Snapshot[tally]) (command.Decision, error) {
			decisions.Add(1)
			if int(s.Version) != len(s.State.Names) {
				return command.Decision{}, fmt.Errorf("version %d with %d names", s.Version, len(s.State.Names))
			}
			if len(s.State.Names) >= limit {
				return command.Decision{}, errFull
			}
			d := command.Decision{Owner: "one"}
			d.Add(n.Runtime.NewID(), &eventv1.OrganizationAdded{Name: fmt.Sprintf("%s after %d", name, s.Version)})
			return d, nil
		},
	}
}

func TestThirtyTwoWritersOnOneStream(t *testing.T) {
	t.Parallel()
	const writers, each = 32, 20
	n := commandtest.Bare(t, database(t))
	nodes := []*command.Executor[tally]{tallies(t, n), tallies(t, n.Another(t))}
	var decisions atomic.Int64
	var done, contended atomic.Int64
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range each {
				_, _, err := nodes[w%2].Execute(t.Context(), add(n, fmt.Sprint(w), writers*each, &decisions))
				switch refusal := (*failure.Error)(nil); {
				case err == nil:
					done.Add(1)
				case errors.As(err, &refusal) && refusal.Kind == failure.Unavailable:
					contended.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	snap, err := tallies(t, n).Load(t.Context(), n.Tenant, "one")
	if err != nil {
		t.Fatal(err)
	}
	if int64(snap.Version) != done.Load() {
		t.Errorf("%d events of %d acknowledged commands", snap.Version, done.Load())
	}
	for i, name := range snap.State.Names {
		var writer, after int
		if _, err := fmt.Sscanf(name, "%d after %d", &writer, &after); err != nil || after != i {
			t.Errorf("event %d was decided on version %d", i+1, after)
		}
	}
	if contended.Load() > 0 {
		t.Errorf("%d of %d commands gave up", contended.Load(), writers*each)
	}
	t.Logf("%d decisions for %d events", decisions.Load(), done.Load())
}

// A limit that a command decides on holds whatever the caches of two nodes believe.
func TestNoDecisionOnStaleState(t *testing.T) {
	t.Parallel()
	const limit = 10
	n := commandtest.Bare(t, database(t))
	nodes := []*command.Executor[tally]{tallies(t, n), tallies(t, n.Another(t))}
	var decisions, done atomic.Int64
	var wg sync.WaitGroup
	for w := range 40 {
		wg.Go(func() {
			switch _, _, err := nodes[w%2].Execute(t.Context(), add(n, "x", limit, &decisions)); {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, errFull):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != limit {
		t.Errorf("%d commands passed a limit of %d", done.Load(), limit)
	}
}

// A refusal counts only on the newest state: the cache may be behind.
func TestARefusalIsCheckedAgainstTheLog(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	here, there := tallies(t, n), tallies(t, n.Another(t))
	var decisions atomic.Int64
	run := func(x *command.Executor[tally], call command.Call[tally]) error {
		_, _, err := x.Execute(t.Context(), call)
		return err
	}
	if err := run(here, add(n, "a", 9, &decisions)); err != nil {
		t.Fatal(err)
	}
	if err := run(there, add(n, "b", 9, &decisions)); err != nil {
		t.Fatal(err)
	}
	seen := uint64(0)
	call := add(n, "c", 9, &decisions)
	call.Decide = func(_ context.Context, s *command.Snapshot[tally]) (command.Decision, error) {
		seen = s.Version
		if s.Version < 2 {
			return command.Decision{}, errFull // what the cache of this node would have us say
		}
		return command.Decision{}, nil
	}
	receipt, state, err := here.Execute(t.Context(), call)
	if err != nil || seen != 2 || receipt.Version != 2 || len(state.Names) != 2 {
		t.Errorf("decided on version %d: %+v, %v", seen, receipt, err)
	}
	recalled, err := there.Recall(t.Context(), n.Tenant, "one")
	if err != nil || recalled.Version != 2 {
		t.Errorf("recalled %+v, %v", recalled, err)
	}
}

// Once cached, a command is one append: it neither reads before nor decides twice.
func TestACachedStateSavesTheRead(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	x := tallies(t, n)
	var decisions atomic.Int64
	for range 10 {
		if _, _, err := x.Execute(t.Context(), add(n, "a", 100, &decisions)); err != nil {
			t.Fatal(err)
		}
	}
	if decisions.Load() != 10 {
		t.Errorf("%d decisions for 10 events", decisions.Load())
	}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	x := tallies(t, n)
	var decisions atomic.Int64
	first, _, err := x.Execute(t.Context(), add(n, "a", 1, &decisions))
	if err != nil {
		t.Fatal(err)
	}
	if first.Version != 1 || first.Position == 0 || first.Organization != "one" || !first.ChangedAt.Equal(n.Clock.Now()) {
		t.Errorf("receipt %+v", first)
	}
	call := add(n, "a", 1, &decisions)
	call.Decide = func(context.Context, *command.Snapshot[tally]) (command.Decision, error) {
		return command.Decision{}, nil
	}
	for name, executor := range map[string]*command.Executor[tally]{"warm": x, "cold": tallies(t, n)} {
		if again, _, err := executor.Execute(t.Context(), call); err != nil || again != first {
			t.Errorf("%s: nothing to do: %+v, %v, want %+v", name, again, err, first)
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	long := make([]byte, 5000)
	for i := range long {
		long[i] = 'x'
	}
	ctx := command.WithOrigin(t.Context(), command.Origin{RequestID: "request\x00-1", Address: "192.0.2.1", Agent: string(long)})
	var decisions atomic.Int64
	if _, _, err := tallies(t, n).Execute(ctx, add(n, "a", 1, &decisions)); err != nil {
		t.Fatal(err)
	}
	events, err := n.Store.ReadStream(t.Context(), eventstore.StreamID{Tenant: n.Tenant, Kind: "tally", ID: "one"}, 0)
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	if e := events[0]; e.Actor != "test" || e.Correlate != "request-1" || e.Client != nil {
		t.Errorf("actor %q, request %q, client %q", e.Actor, e.Correlate, e.Client)
	}
}

func TestAClosedLogIsARefusal(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	x := tallies(t, n)
	n.Store.Close()
	var decisions atomic.Int64
	_, _, err := x.Execute(t.Context(), add(n, "a", 1, &decisions))
	if refusal := (*failure.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != failure.Unavailable {
		t.Errorf("%v", err)
	}
}
