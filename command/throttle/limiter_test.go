package throttle_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// three attempts are free, the next ones come after 1, 2, 4 and 5 seconds.
func three() throttle.Limit {
	return throttle.Limit{Name: "three", Free: 3, Delay: time.Second, Most: 5 * time.Second, Forget: time.Minute}
}

func take(t *testing.T, n *commandtest.Node, attempts ...throttle.Attempt) error {
	t.Helper()
	return n.Limiter.Take(t.Context(), n.Tenant, attempts...)
}

// counted takes attempts that must be in time.
func counted(t *testing.T, n *commandtest.Node, times int, attempts ...throttle.Attempt) {
	t.Helper()
	for i := range times {
		if err := take(t, n, attempts...); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
	}
}

// tooSoon takes attempts that must be refused.
func tooSoon(t *testing.T, n *commandtest.Node, after time.Duration, attempts ...throttle.Attempt) {
	t.Helper()
	err := take(t, n, attempts...)
	refusal, ok := errors.AsType[*failure.Error](err)
	if !ok || !errors.Is(err, throttle.ErrTooManyAttempts) || refusal.Kind != failure.ResourceExhausted || refusal.After != after {
		t.Fatalf("%v, want to wait for %v", err, after)
	}
}

func TestDelaysGrow(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	a := throttle.Attempt{Limit: three(), Key: "ada"}
	counted(t, n, 3, a)
	for _, delay := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		for range 10 {
			tooSoon(t, n, delay, a) // and it does not get longer by trying
		}
		n.Clock.Advance(delay)
		counted(t, n, 1, a)
	}
	n.Clock.Advance(time.Minute)
	counted(t, n, 3, a)
	tooSoon(t, n, time.Second, a)
	n.Limiter.Forgive(t.Context(), n.Tenant, a)
	counted(t, n, 3, a)
	tooSoon(t, n, time.Second, a)
	counted(t, n, 1, throttle.Attempt{Limit: three(), Key: "bob"})
}

func TestSeveralLimits(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	name := throttle.Attempt{Limit: three(), Key: "ada"}
	address := throttle.Attempt{Limit: throttle.Limit{Name: "one", Free: 1, Delay: time.Minute, Most: time.Minute, Forget: time.Hour}, Key: "192.0.2.1"}
	counted(t, n, 3, name)
	tooSoon(t, n, time.Second, name, address)
	counted(t, n, 1, address) // of the attempt that was refused nothing was counted
	tooSoon(t, n, time.Minute, address, name)
	n.Clock.Advance(time.Minute)
	counted(t, n, 1, address, name)
	counted(t, n, 100) // nothing is no attempt
	counted(t, n, 100, throttle.Attempt{Limit: address.Limit})
}

// A key counts as one however it is spelled.
func TestKeys(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	long := strings.Repeat("a", 999)
	for name, c := range map[string]struct {
		limit      throttle.Limit
		a, b       string
		other      string
		attemptsOf int
	}{
		"username":      {throttle.SignInByIdentifier(), "Minnie", " mINNIE ", "mickey", 10},
		"accent":        {throttle.SignInByIdentifier(), "andr\u00e9", "ANDRE\u0301", "andre", 10},
		"long":          {throttle.SignInByIdentifier(), long + "xy", long + "xz", long, 10},
		"IPv4":          {throttle.SignInByAddress(), "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", 100},
		"IPv6":          {throttle.SignInByAddress(), "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", 100},
		"IPv6 and zone": {throttle.RegisterByAddress(), "fe80::1%eth0", "fe80::2", "fe80:0:0:1::1", 20},
		"no address":    {throttle.CodeByAddress(), "unix", "unix", "socket", 20},
		"mailbox":       {throttle.CodeByRecipient(), "Minnie@Mouse.com", "minnie@mouse.com", "mickey@mouse.com", 5},
		"number":        {throttle.OrderedCodeByRecipient(), "+41791234567", "+41791234567", "+41791234568", 20},
		"user":          {throttle.CodeByUser(), "minnie", "minnie", "MINNIE", 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := throttle.Attempt{Limit: c.limit, Key: c.a}, throttle.Attempt{Limit: c.limit, Key: c.b}
			counted(t, n, c.attemptsOf/2, a)
			counted(t, n, c.attemptsOf-c.attemptsOf/2, b)
			tooSoon(t, n, c.limit.Delay, a)
			tooSoon(t, n, c.limit.Delay, b)
			counted(t, n, 1, throttle.Attempt{Limit: c.limit, Key: c.other})
			if c.limit.Forget < c.limit.Most {
				t.Errorf("%v is forgotten after %v, and may have to wait for %v", c.limit.Name, c.limit.Forget, c.limit.Most)
			}
		})
	}
}

// crossings reads the events of a limit and a key.
func crossings(t *testing.T, n *commandtest.Node, a throttle.Attempt) (eventstore.StreamID, []eventstore.Event) {
	t.Helper()
	digest, err := n.Runtime.Vault.Digest(t.Context(), n.Tenant, "throttle:"+a.Limit.Name, a.Key)
	if err != nil {
		t.Fatal(err)
	}
	stream := eventstore.StreamID{Tenant: n.Tenant, Kind: throttle.Kind, ID: a.Limit.Name + ":" + hex.EncodeToString(digest[:8])}
	events, err := n.Store.ReadStream(t.Context(), stream, 0)
	if err != nil {
		t.Fatal(err)
	}
	return stream, events
}

func TestCrossingALimitIsAnEvent(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	a := throttle.Attempt{Limit: three(), Key: "ada"}
	ctx := command.WithOrigin(t.Context(), command.Origin{Address: "192.0.2.1", Agent: "curl"})
	for range 2 { // periods
		for i := range 6 {
			if err := n.Limiter.Take(ctx, n.Tenant, a); err != nil {
				t.Fatalf("attempt %d: %v", i+1, err)
			}
			if i >= 2 {
				n.Clock.Advance(5 * time.Second)
			}
		}
		n.Clock.Advance(time.Minute)
	}
	stream, events := crossings(t, n, a)
	if len(events) != 2 {
		t.Fatalf("%d events of two periods", len(events))
	}
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range messages {
		crossed, ok := m.Proto.(*eventv1.LimitCrossed)
		if faults[i] != nil || !ok || crossed.GetLimit() != "three" || crossed.GetAttempts() != 4 {
			t.Errorf("recorded %v, %v", m.Proto, faults[i])
		}
		if until := crossed.GetBlockedUntil().AsTime(); !until.Equal(events[i].RecordedAt.Add(2 * time.Second)) {
			t.Errorf("blocked until %v, recorded at %v", until, events[i].RecordedAt)
		}
		if events[i].Subject != "#limit:"+stream.ID || events[i].Client == nil || strings.Contains(string(events[i].Client), "192.0.2.1") {
			t.Errorf("subject %q, client %q", events[i].Subject, events[i].Client)
		}
	}
}

func TestACrossingThatCannotBeRecordedTurnsNobodyAway(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	a := throttle.Attempt{Limit: three(), Key: "ada"}
	stream, _ := crossings(t, n, a)
	_, err := n.Store.Append(t.Context(), eventstore.Change{
		Stream: stream, Metadata: eventstore.Metadata{Actor: "test"},
		Events: []eventstore.NewEvent{{ID: uuid.Must(uuid.NewV7()), Type: "limit.crossed", Revision: 1, Payload: []byte{0xff}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	counted(t, n, 3, a)
	n.Clock.Advance(time.Second)
	counted(t, n, 1, a)
	if _, events := crossings(t, n, a); len(events) != 1 {
		t.Errorf("%d events: the stream was readable", len(events))
	}
}

// Nobody gets through uncounted.
func TestADatabaseOutOfReachIsARefusal(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	pool := cluster.Pool()
	n := commandtest.New(t, func(o eventstore.Options) (*eventstore.Store, error) {
		return eventstore.Open(context.Background(), pool, o)
	})
	a := throttle.Attempt{Limit: three(), Key: "ada"}
	counted(t, n, 1, a)
	cluster.Stop()
	err := take(t, n, a)
	if refusal, ok := errors.AsType[*failure.Error](err); !ok || refusal.Kind != failure.Unavailable {
		t.Errorf("%v", err)
	}
	n.Limiter.Forgive(t.Context(), n.Tenant, a) // says nothing
	cluster.Start()
	counted(t, n, 2, a)
	tooSoon(t, n, time.Second, a) // the three before are not forgotten
}

// While the clock stands, of many at once on two nodes exactly those get through that are free; after each delay one more does.
func TestTwoHundredParallelAttempts(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t)}
	limit := throttle.SignInByIdentifier()
	a := throttle.Attempt{Limit: limit, Key: "minnie"}
	storm := func() (passed int64) {
		var through atomic.Int64
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				switch err := nodes[i%2].Limiter.Take(t.Context(), n.Tenant, a); {
				case err == nil:
					through.Add(1)
				case !errors.Is(err, throttle.ErrTooManyAttempts):
					t.Error(err)
				}
			})
		}
		all.Wait()
		return through.Load()
	}
	if passed := storm(); passed != int64(limit.Free) {
		t.Errorf("%d attempts got through, %d are free", passed, limit.Free)
	}
	for _, delay := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		n.Clock.Advance(delay - time.Microsecond)
		if passed := storm(); passed != 0 {
			t.Errorf("%d attempts got through before %v", passed, delay)
		}
		n.Clock.Advance(time.Microsecond)
		if passed := storm(); passed != 1 {
			t.Errorf("%d attempts got through after %v", passed, delay)
		}
	}
	if _, events := crossings(t, n, throttle.Attempt{Limit: limit, Key: "minnie"}); len(events) != 1 {
		t.Errorf("the limit was crossed %d times", len(events))
	}
}
