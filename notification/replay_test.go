package notification_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/inbox"
)

func TestReplaySendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	stop := w.start(provide(channel.Email, provider))
	const users = 10
	asked := make([]uuid.UUID, users)
	for i := range asked {
		asked[i] = w.addUser(fmt.Sprintf("user-%d", i), "en").ask(emailCode, order{})
		w.delivered(asked[i])
		w.gone(asked[i])
	}
	stop()

	// The relay goes through the whole log again, and JetStream has forgotten that it had the messages.
	w.exec("update eventstore.checkpoints set position = 0 where name = $1", notification.Checkpoint)
	js, err := w.nats.Conn().JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(notification.StreamName); err != nil {
		t.Fatal(err)
	}
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, provider)(cfg)
		cfg.Timing.Overdue = time.Nanosecond
	})
	last := w.addUser("last", "en").ask(emailCode, order{})
	w.delivered(last)
	w.until("every reference came again and is done with", func() (bool, error) {
		info, err := js.ConsumerInfo(notification.StreamName, "email")
		return err == nil && info.Delivered.Consumer > users && info.NumAckPending == 0 && info.NumPending == 0, err
	})
	if calls := provider.calls(); len(calls) != users+1 || calls[users].ID != last {
		t.Errorf("sent %d messages, want %d", len(calls), users+1)
	}
	for _, id := range asked {
		if got := types(w.delivery(id)); got != "DeliveryAttempted DeliverySent" {
			t.Errorf("delivery stream: %s", got)
		}
	}
}

func TestTwoNotifiersShareTheWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := taking("carrier"), taking("carrier")
	w.start(provide(channel.Email, first))
	w.start(provide(channel.Email, second))
	const users = 60
	asked := make([]uuid.UUID, users)
	var writing sync.WaitGroup
	for worker := range 4 {
		writing.Go(func() {
			for i := worker; i < users; i += 4 {
				asked[i] = w.addUser(fmt.Sprintf("user-%d", i), "en").ask(emailCode, order{})
			}
		})
	}
	writing.Wait()
	sent := make(map[uuid.UUID]int)
	for _, id := range asked {
		if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
			t.Errorf("delivery stream: %s", got)
		}
	}
	for _, m := range append(first.calls(), second.calls()...) {
		sent[m.ID]++
	}
	for _, id := range asked {
		if sent[id] != 1 {
			t.Errorf("%s was sent %d times", id, sent[id])
		}
	}
}

func TestCopiesOfAReferenceSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked, proceed := make(chan struct{}, 64), make(chan struct{})
	slow := &carrier{name: "slow", send: func(context.Context, int, channel.Message) (string, error) {
		asked <- struct{}{}
		<-proceed
		return "", nil
	}}
	patient := func(c *notification.Config) {
		provide(channel.Email, slow)(c)
		c.Timing.AttemptLease = time.Minute // however slow the machine is
	}
	w.start(patient)
	w.start(patient) // as in another process
	id := w.addUser("ada", "en").ask(emailCode, order{})
	<-asked

	js, err := w.nats.Conn().JetStream()
	if err != nil {
		t.Fatal(err)
	}
	head, err := w.store.Head(w.ctx())
	if err != nil {
		t.Fatal(err)
	}
	position := queryRow[int64](w, "select position from eventstore.events where id = $1 and position <= $2", id, head)
	copied, err := json.Marshal(map[string]any{"position": position, "event": id, "tenant": tenant})
	if err != nil {
		t.Fatal(err)
	}
	const copies = 12
	for range copies {
		if _, err := js.Publish("signet.notification.default.email", copied); err != nil {
			t.Fatal(err)
		}
	}
	w.until("every copy has been looked at", func() (bool, error) {
		info, err := js.ConsumerInfo(notification.StreamName, "email")
		return err == nil && info.Delivered.Consumer > copies, err
	})
	close(proceed)
	if got := types(w.delivered(id)); got != "DeliveryAttempted DeliverySent" {
		t.Errorf("delivery stream: %s", got)
	}
	if calls := slow.calls(); len(calls) != 1 {
		t.Errorf("sent %d times", len(calls))
	}
}

func TestLeaseChangesHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.start(provide(channel.Email, taking("first")))
	w.delivered(w.addUser("ada", "en").ask(emailCode, order{}))
	stop()
	term := queryRow[int64](w, "select term from eventstore.leases where name = $1", notification.Checkpoint)
	w.start(provide(channel.Email, taking("second")))
	w.delivered(w.addUser("bob", "en").ask(emailCode, order{}))
	w.relayed()
	if next := queryRow[int64](w, "select term from eventstore.leases where name = $1", notification.Checkpoint); next != term+1 {
		t.Errorf("term went from %d to %d", term, next)
	}
	if at := queryRow[int64](w, "select term from eventstore.checkpoints where name = $1", notification.Checkpoint); at != term+1 {
		t.Errorf("the checkpoint was written in term %d", at)
	}
}

func TestForeignMessagesAreDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	provider := taking("first")
	w.start(provide(channel.Email, provider))
	w.delivered(w.addUser("ada", "en").ask(emailCode, order{}))
	js, err := w.nats.Conn().JetStream()
	if err != nil {
		t.Fatal(err)
	}
	wrongPlace, err := json.Marshal(map[string]any{"position": 1, "event": uuid.New(), "tenant": tenant})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"", "{}", "no JSON", string(wrongPlace), `{"position":-1,"event":"x","tenant":"default"}`} {
		if _, err := js.Publish("signet.notification.default.email", []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	w.delivered(w.addUser("bob", "en").ask(emailCode, order{}))
	w.until("the stream is empty", func() (bool, error) {
		info, err := js.StreamInfo(notification.StreamName)
		return err == nil && info.State.Msgs == 0, err
	})
	if calls := provider.calls(); len(calls) != 2 {
		t.Errorf("sent %d messages", len(calls))
	}
}

func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	log := &logbook{}
	box, err := inbox.New(inbox.Config{Pool: w.pool, Store: w.store, Vault: w.vault})
	if err != nil {
		t.Fatal(err)
	}
	unreachable := make(chan struct{}, 64)
	withoutWorker := func(cfg *notification.Config) { // relays, and fails to send
		provide(channel.Email, &carrier{name: "first", send: failNoisily(unreachable)})(cfg)
		cfg.Logger = zerolog.New(log)
		cfg.Timing.Backoff = func(int) time.Duration { return time.Minute }
	}
	stop := w.start(withoutWorker)
	u := w.addUser("ada", "en")
	u.append(&eventv1.UserPhoneChanged{Phone: "+4917099999999"})
	id := u.ask(emailCode, order{template: "https://app.example/?c={{.Code}}"})
	<-unreachable
	private := []string{code, "ada@example.org", "ada-name", "Ada ada", "+4917012345678", "+4917099999999"}
	queued := w.queued(w.nats.Conn())
	if len(queued) != 1 {
		t.Fatalf("JetStream holds %d messages", len(queued))
	}
	mustNotHold(t, "JetStream", strings.Join(queued, "\n"), private)
	stop()

	w.exec("delete from eventstore.leases")
	js, err := w.nats.Conn().JetStream()
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(notification.StreamName); err != nil {
		t.Fatal(err)
	}
	w.exec("update eventstore.checkpoints set position = 0 where name = $1", notification.Checkpoint)
	w.start(func(cfg *notification.Config) {
		provide(channel.Email, failing("second", fmt.Errorf("%s %s", code, u.id+"@example.org")), box)(cfg)
		cfg.Logger = zerolog.New(log)
	})
	if got := w.delivered(id); !proto.Equal(got[len(got)-1], &eventv1.DeliverySent{
		Channel: "email", Provider: "inbox", ProviderMessageId: id.String(), Repeat: true,
	}) {
		t.Fatalf("delivery stream: %v", got)
	}
	w.gone(id)
	mustNotHold(t, "the log file", log.String(), private)
	for _, table := range []string{
		"notification.inbox_messages", "eventstore.events", "eventstore.deliverables", "eventstore.streams", "eventstore.checkpoints",
	} {
		mustNotHold(t, table, w.dump(table), private)
	}
	if rows := queryRow[int64](w, "select count(*) from notification.inbox_messages"); rows != 1 {
		t.Errorf("the inbox has %d messages", rows)
	}
	if !strings.Contains(log.String(), id.String()) {
		t.Error("the log says nothing about the delivery")
	}
}

// failNoisily fails with everything an error could give away.
func failNoisily(failed chan<- struct{}) func(context.Context, int, channel.Message) (string, error) {
	return func(_ context.Context, _ int, m channel.Message) (string, error) {
		failed <- struct{}{}
		return "", channel.Temporary(451, fmt.Errorf("%s: %s %s", m.Recipient, m.Code, m.Text))
	}
}

// dump returns all of a table, its binary columns decoded so that text in them can be found.
func (w *world) dump(table string) string {
	w.t.Helper()
	rows, err := w.pool.Query(w.ctx(), "select * from "+table)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			w.t.Fatal(err)
		}
		for _, value := range values {
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			fmt.Fprintln(&out, value)
		}
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

func mustNotHold(t *testing.T, what, content string, private []string) {
	t.Helper()
	for _, secret := range private {
		if strings.Contains(content, secret) {
			t.Errorf("%s holds %q:\n%s", what, secret, content)
		}
	}
}
