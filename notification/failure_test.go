package notification_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
)

func TestMailsArriveOnceAfterNATSWasAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := emailtest.New(t, emailtest.Options{})
	w.start(provide(channel.Email, w.smtp(server)))
	before := w.addUser("before", "en").ask(emailCode, order{})
	w.delivered(before)

	w.nats.Stop()
	const during = 40
	asked := map[string]uuid.UUID{"before@example.org": before}
	for i := range during {
		name := fmt.Sprintf("user-%d", i)
		asked[name+"@example.org"] = w.addUser(name, "en").ask(emailCode, order{})
	}
	w.nats.Start()
	for _, id := range asked {
		if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
			t.Errorf("delivery stream: %s", got)
		}
	}
	for range during + 1 {
		mail := w.receive(server)
		if _, expected := asked[mail.To]; !expected {
			t.Errorf("mail to %s, a second time or to a stranger", mail.To)
		}
		delete(asked, mail.To)
	}
	if extra := len(server.Mails); extra != 0 {
		t.Errorf("%d mails too many", extra)
	}
}

func TestNATSGoesWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := &carrier{name: "first", send: func(_ context.Context, nth int, _ channel.Message) (string, error) {
		if nth == 1 {
			w.nats.Stop() // neither a sign of life nor the acknowledgement gets through
		}
		return "", nil
	}}
	w.start(provide(channel.Email, provider))
	first := w.addUser("ada", "en").ask(emailCode, order{})
	w.delivered(first)
	w.nats.Start()
	w.delivered(w.addUser("bob", "en").ask(emailCode, order{}))
	if calls := provider.calls(); len(calls) != 2 {
		t.Errorf("sent %d messages", len(calls))
	}
	if got := types(w.delivery(first)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
}

func TestWhatJetStreamLostIsPublishedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.addUser("ada", "en").ask(emailCode, order{})
	head, err := w.store.Head(w.ctx())
	if err != nil {
		t.Fatal(err)
	}
	// As after a loss of the stream: the relay has been past the event, but JetStream does not have it.
	w.exec("insert into eventstore.checkpoints values ('notification', 1, $1, 1, now())", head)
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, taking("first"))(cfg)
		cfg.Timing.Overdue = time.Nanosecond
	})
	if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
}

func TestCrashBetweenSendAndRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	server := emailtest.New(t, emailtest.Options{})
	carrying := w.smtp(server)

	// The process dies after the server took the mail: its context ends, and it has no time to drain.
	var die func()
	armed := make(chan struct{})
	crashing := &carrier{name: carrying.Name(), send: func(ctx context.Context, _ int, m channel.Message) (string, error) {
		<-armed
		id, err := carrying.Send(ctx, m)
		go die()
		<-ctx.Done()
		return id, err
	}}
	die = w.start(func(cfg *notification.Config) {
		provide(channel.Email, crashing)(cfg)
		cfg.Timing.Drain = time.Nanosecond
	})
	id := w.addUser("ada", "en").ask(emailCode, order{})
	close(armed)
	first := w.receive(server)
	die()
	if got := types(w.delivery(id)); got != "DeliveryAttempted" {
		t.Fatalf("after the crash: %s", got)
	}

	w.start(func(cfg *notification.Config) {
		provide(channel.Email, carrying)(cfg)
		cfg.Timing.Send, cfg.Timing.AttemptLease = 500*time.Millisecond, time.Second
	})
	second := w.receive(server)
	if first.Header.Get(email.RepeatHeader) != "" || second.Header.Get(email.RepeatHeader) != "true" {
		t.Errorf("marks: first %q, second %q", first.Header.Get(email.RepeatHeader), second.Header.Get(email.RepeatHeader))
	}
	if first.Header.Get("Message-Id") != second.Header.Get("Message-Id") {
		t.Error("the repeat has a Message-ID of its own")
	}
	got := w.delivered(id)
	if types(got) != "DeliveryAttempted DeliveryAttempted DeliverySent" || !got[2].(*eventv1.DeliverySent).Repeat {
		t.Errorf("delivery stream: %v", got)
	}
}

func TestStopRecordsWhatIsInHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sending, proceed := make(chan struct{}), make(chan struct{})
	provider := &carrier{name: "first", send: func(context.Context, int, channel.Message) (string, error) {
		close(sending)
		<-proceed
		return "", nil
	}}
	stop := w.start(provide(channel.Email, provider))
	id := w.addUser("ada", "en").ask(emailCode, order{})
	<-sending
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		stop()
	}()
	close(proceed)
	<-stopped
	if got := types(w.delivery(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream after the stop: %s", got)
	}
}

func TestPostgresGoesBetweenSendAndRecord(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	w := openWorld(t, cluster.Pool())
	taken, gone := make(chan struct{}), make(chan struct{})
	provider := &carrier{name: "first", send: func(_ context.Context, nth int, _ channel.Message) (string, error) {
		if nth == 1 {
			close(taken)
			<-gone
		}
		return "", nil
	}}
	w.start(provide(channel.Email, provider))
	id := w.addUser("ada", "en").ask(emailCode, order{})
	<-taken
	cluster.Stop()
	close(gone)
	cluster.Start()
	w.pool.Reset()
	if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
	if calls := provider.calls(); len(calls) != 1 {
		t.Errorf("sent %d times", len(calls))
	}
}

func TestNextProviderTakesOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		reason string
		repeat bool
	}{
		"refused":     {channel.Permanent(550, errCarrier), "refused", false},
		"unavailable": {channel.Temporary(451, errCarrier), "unavailable", false},
		"uncertain":   {channel.Uncertain(0, errCarrier), "uncertain", true},
		"untyped":     {errCarrier, "uncertain", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first, second := failing("first", test.err), taking("second")
			w.start(provide(channel.Email, first, second))
			got := w.delivered(w.addUser("ada", "en").ask(emailCode, order{}))
			want := []proto.Message{
				&eventv1.DeliveryAttempted{Attempt: 1, Channel: "email", Provider: "first"},
				&eventv1.DeliveryFailed{Attempt: 1, Channel: "email", Provider: "first", Reason: test.reason},
				&eventv1.DeliveryAttempted{Attempt: 2, Channel: "email", Provider: "second"},
				&eventv1.DeliverySent{Channel: "email", Provider: "second", Repeat: test.repeat},
			}
			if len(got) != len(want) {
				t.Fatalf("delivery stream: %v", got)
			}
			for i := range want {
				if !proto.Equal(got[i], want[i]) {
					t.Errorf("event %d: got %v, want %v", i+1, got[i], want[i])
				}
			}
			if calls := second.calls(); len(calls) != 1 || calls[0].Repeat != test.repeat {
				t.Errorf("second provider: %v", calls)
			}
		})
	}
}

func TestPanickingProviderFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := &carrier{name: "first", send: func(context.Context, int, channel.Message) (string, error) { panic(code) }}
	w.start(provide(channel.Email, first, taking("second")))
	got := w.delivered(w.addUser("ada", "en").ask(emailCode, order{}))
	if types(got) != "DeliveryAttempted DeliveryFailed DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %v", got)
	}
}

func TestTemporaryFailuresAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rounds := make(chan int, 16)
	flaky := &carrier{name: "first", send: func(_ context.Context, nth int, _ channel.Message) (string, error) {
		if nth < 4 {
			return "", channel.Temporary(451, errCarrier)
		}
		return "id-4", nil
	}}
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, flaky)(cfg)
		cfg.Timing.Backoff = func(n int) time.Duration {
			rounds <- n
			return time.Millisecond
		}
	})
	got := w.delivered(w.addUser("ada", "en").ask(emailCode, order{}))
	sent, ok := got[len(got)-1].(*eventv1.DeliverySent)
	if len(got) != 8 || !ok || sent.Repeat || sent.ProviderMessageId != "id-4" {
		t.Errorf("delivery stream: %v", got)
	}
	for want := 1; want <= 3; want++ {
		if round := <-rounds; round != want {
			t.Errorf("backed off for round %d, want %d", round, want)
		}
	}
}

func TestRefusalByAllIsFinal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refusing := failing("first", channel.Permanent(550, errCarrier))
	trying := &carrier{name: "second", send: func(_ context.Context, nth int, _ channel.Message) (string, error) {
		if nth == 1 {
			return "", channel.Temporary(451, errCarrier)
		}
		return "", channel.Permanent(550, errCarrier)
	}}
	w.start(provide(channel.Email, refusing, trying))
	id := w.addUser("ada", "en").ask(emailCode, order{})
	got := w.delivered(id)
	if last := got[len(got)-1]; !proto.Equal(last, &eventv1.DeliveryAbandoned{Reason: "refused"}) {
		t.Errorf("delivery stream: %v", got)
	}
	if first, second := len(refusing.calls()), len(trying.calls()); first != 1 || second != 2 {
		t.Errorf("asked first %d times, second %d times: a refusal is not asked for again", first, second)
	}
	w.gone(id)
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestRetriesEndWithTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := &clock{now: time.Now()}
	provider := &carrier{name: "first", send: func(context.Context, int, channel.Message) (string, error) {
		now.add(25 * time.Minute)
		return "", channel.Temporary(451, errCarrier)
	}}
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, provider)(cfg)
		cfg.Now = now.read
	})
	id := w.addUser("ada", "en").ask(emailCode, order{})
	got := w.delivered(id)
	if last := got[len(got)-1]; len(got) != 7 || !proto.Equal(last, &eventv1.DeliveryAbandoned{Reason: "expired"}) {
		t.Errorf("delivery stream: %v", got)
	}
	w.gone(id)
}

func TestExpiredCodesAreClosedUnsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	id := w.addUser("ada", "en").ask(emailCode, order{life: time.Minute})
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, provider)(cfg)
		cfg.Now = func() time.Time { return time.Now().Add(time.Hour) }
		cfg.Timing.Overdue = time.Second
	})
	got := w.delivered(id)
	if len(got) != 1 || !proto.Equal(got[0], &eventv1.DeliveryAbandoned{Reason: "expired"}) {
		t.Errorf("delivery stream: %v", got)
	}
	if len(provider.calls()) != 0 {
		t.Error("a dead code was sent")
	}
	w.gone(id)
}

func TestDeliverableOutlivesItsOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	stop := w.start(provide(channel.Email, provider))
	u := w.addUser("ada", "en")
	id := u.ask(emailCode, order{})
	w.delivered(id)
	w.gone(id)
	stop()
	// As after a crash between the outcome and the end of the deliverable.
	w.exec(`insert into eventstore.deliverables (tenant, event_id, stream_kind, stream_id, version, subject, sealed, created_at, expires_at)
		values ($1, $2, 'user', $3, 2, $3, 'x', now(), now() + interval '1 hour')`, tenant, id, u.id)
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, provider)(cfg)
		cfg.Timing.Overdue = time.Nanosecond
	})
	w.gone(id)
	if calls := provider.calls(); len(calls) != 1 {
		t.Errorf("sent %d times", len(calls))
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	complete := notification.Config{
		Store: w.store, Codec: w.codec, Vault: w.vault, Pool: w.pool, NATS: w.nats.Conn(), Templates: w.templates(),
	}
	if _, err := notification.New(complete); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*notification.Config){
		"no store":            func(c *notification.Config) { c.Store = nil },
		"no NATS":             func(c *notification.Config) { c.NATS = nil },
		"two of one name":     provide(channel.Email, taking("a"), taking("a")),
		"nameless":            provide(channel.SMS, taking("")),
		"short attempt lease": func(c *notification.Config) { c.Timing.Send, c.Timing.AttemptLease = time.Second, time.Second },
	} {
		cfg := complete
		spoil(&cfg)
		if _, err := notification.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
