package notification_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/email"
	"github.com/signet-iam/signet/notification/channel/email/emailtest"
	"github.com/signet-iam/signet/notification/template"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	tenant  = "default"
	code    = "K7M2QX"
	orgID   = "org-1"
	patient = 30 * time.Second // the longest a test waits for anything
)

// world is a log, its keys and a JetStream of one test's own.
type world struct {
	t     testing.TB
	pool  *pgxpool.Pool
	store *eventstore.Store
	vault *vault.Vault
	codec *codec.Codec
	nats  *storetest.NATS
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return openWorld(t, storetest.NewDatabase(t))
}

func openWorld(t testing.TB, pool *pgxpool.Pool) *world {
	t.Helper()
	w := &world{t: t, pool: pool, nats: storetest.NewNATS(t)}
	conn, err := pool.Acquire(w.ctx())
	if err != nil {
		t.Fatal(err)
	}
	err = notification.Migrate(w.ctx(), conn.Conn())
	conn.Release()
	if err != nil {
		t.Fatal(err)
	}
	if w.store, err = eventstore.Open(w.ctx(), pool, eventstore.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.store.Close)
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	if w.vault, err = vault.New(ring, w.store); err != nil {
		t.Fatal(err)
	}
	ensure := func(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
		return w.store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
	}
	if err := w.vault.EnsureDigestKey(w.ctx(), tenant, ensure); err != nil {
		t.Fatal(err)
	}
	if w.codec, err = codec.New(w.vault); err != nil {
		t.Fatal(err)
	}
	return w
}

// ctx ends when a test has waited too long.
func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), patient)
	w.t.Cleanup(cancel)
	return ctx
}

// user is a person whose events a test writes.
type user struct {
	w       *world
	id      string
	key     vault.Key
	version uint64
	newKeys []eventstore.DataKey
}

// addUser adds a person with a verified email address and a phone.
func (w *world) addUser(id, language string) *user {
	w.t.Helper()
	key, wrapped, err := w.vault.NewKey(tenant, id)
	if err != nil {
		w.t.Fatal(err)
	}
	u := &user{w: w, id: id, key: key, newKeys: []eventstore.DataKey{{Subject: id, Wrapped: wrapped}}}
	u.append(&eventv1.UserHumanAdded{
		OrganizationId: orgID,
		Username:       id + "-name",
		Profile:        &eventv1.Profile{DisplayName: "Ada " + id, PreferredLanguage: language},
		Email:          id + "@example.org",
		Phone:          "+4917012345678",
	})
	return u
}

// append writes events to the user's stream and returns the ids.
func (u *user) append(messages ...proto.Message) []uuid.UUID {
	u.w.t.Helper()
	return u.appendWith(nil, messages...)
}

func (u *user) appendWith(deliverables func(ids []uuid.UUID) []eventstore.Deliverable, messages ...proto.Message) []uuid.UUID {
	u.w.t.Helper()
	stream := eventstore.StreamID{Tenant: tenant, Kind: "user", ID: u.id}
	change := eventstore.Change{Stream: stream, Owner: orgID, Expected: u.version, Keys: u.newKeys, Metadata: eventstore.Metadata{Actor: "admin"}}
	ids := make([]uuid.UUID, 0, len(messages))
	for _, msg := range messages {
		id := uuid.Must(uuid.NewV7())
		event, err := u.w.codec.Encode(u.key, stream, u.id, id, msg)
		if err != nil {
			u.w.t.Fatal(err)
		}
		ids = append(ids, id)
		change.Events = append(change.Events, event)
	}
	if deliverables != nil {
		change.Deliverables = deliverables(ids)
	}
	receipt, err := u.w.store.Append(u.w.ctx(), change)
	if err != nil {
		u.w.t.Fatal(err)
	}
	u.version, u.newKeys = receipt.Version, nil
	return ids
}

// order describes a code to send; the zero value is the test code, by email, for an hour.
type order struct {
	medium   eventv1.CodeMedium
	template string
	life     time.Duration
	code     string
}

// announce wraps a code into the event of a topic.
type announce func(*eventv1.Code) proto.Message

func emailCode(c *eventv1.Code) proto.Message    { return &eventv1.UserEmailCodeAdded{Code: c} }
func phoneCode(c *eventv1.Code) proto.Message    { return &eventv1.UserPhoneCodeAdded{Code: c} }
func passwordCode(c *eventv1.Code) proto.Message { return &eventv1.UserPasswordCodeAdded{Code: c} }
func inviteCode(c *eventv1.Code) proto.Message {
	return &eventv1.UserInviteCodeAdded{Code: c, ApplicationName: "Harbour Works"}
}

// passkeyCode announces a code that is known by an id.
func passkeyCode(id string) announce {
	return func(c *eventv1.Code) proto.Message { return &eventv1.UserPasskeyCodeAdded{CodeId: id, Code: c} }
}

// smsSignIn and emailSignIn announce codes to sign in with.
func smsSignIn(id string) announce {
	return func(c *eventv1.Code) proto.Message { return &eventv1.UserOTPSMSCodeAdded{CodeId: id, Code: c} }
}

func emailSignIn(id string) announce {
	return func(c *eventv1.Code) proto.Message { return &eventv1.UserOTPEmailCodeAdded{CodeId: id, Code: c} }
}

// ask appends a code event with its deliverable and returns the event's id.
func (u *user) ask(topic announce, o order) uuid.UUID {
	u.w.t.Helper()
	if o.medium == eventv1.CodeMedium_CODE_MEDIUM_UNSPECIFIED {
		o.medium = eventv1.CodeMedium_CODE_MEDIUM_EMAIL
	}
	if o.life == 0 {
		o.life = time.Hour
	}
	if o.code == "" {
		o.code = code
	}
	expires := time.Now().Add(o.life)
	deliverable := func(ids []uuid.UUID) []eventstore.Deliverable {
		if o.medium == eventv1.CodeMedium_CODE_MEDIUM_RETURNED {
			return nil
		}
		sealed, err := u.key.Seal([]byte("deliverable:"+ids[0].String()), []byte(o.code))
		if err != nil {
			u.w.t.Fatal(err)
		}
		return []eventstore.Deliverable{{EventID: ids[0], Subject: u.id, Sealed: sealed, ExpiresAt: expires}}
	}
	return u.appendWith(deliverable, topic(&eventv1.Code{
		Digest: []byte("digest"), ExpiresAt: timestamppb.New(expires), Medium: o.medium, UrlTemplate: o.template,
	}))[0]
}

// delivered waits until the delivery of an event is settled and returns what its stream says.
func (w *world) delivered(id uuid.UUID) []proto.Message {
	w.t.Helper()
	ctx := w.ctx()
	for seen := eventstore.Position(0); ; {
		messages := w.delivery(id)
		if len(messages) > 0 {
			switch messages[len(messages)-1].(type) {
			case *eventv1.DeliverySent, *eventv1.DeliveryAbandoned:
				return messages
			}
		}
		var err error
		if seen, err = w.store.AwaitHighWater(ctx, seen); err != nil {
			w.t.Fatalf("delivery is not settled: %v; its stream: %v", err, messages)
		}
	}
}

// delivery returns what the stream of a delivery says now.
func (w *world) delivery(id uuid.UUID) []proto.Message {
	w.t.Helper()
	events, err := w.store.ReadStream(w.ctx(), eventstore.StreamID{Tenant: tenant, Kind: "delivery", ID: id.String()}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	messages := make([]proto.Message, 0, len(events))
	for i := range events {
		msg, err := w.codec.Decode(w.ctx(), &events[i], codec.Open)
		if err != nil {
			w.t.Fatal(err)
		}
		messages = append(messages, msg.Proto)
	}
	return messages
}

// relayed waits until the relay is past everything written so far.
func (w *world) relayed() {
	w.t.Helper()
	head, err := w.store.Head(w.ctx())
	if err == nil {
		err = w.store.Await(w.ctx(), notification.Checkpoint, head)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// gone waits until the deliverable of an event is dropped, which happens right after its outcome.
func (w *world) gone(id uuid.UUID) {
	w.t.Helper()
	w.until("the deliverable is dropped", func() (bool, error) {
		_, found, err := w.store.Deliverable(w.t.Context(), tenant, id)
		return !found, err
	})
}

// until waits for what gives no signal.
func (w *world) until(what string, reached func() (bool, error)) {
	w.t.Helper()
	ctx := w.ctx()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for {
		ok, err := reached()
		if err != nil {
			w.t.Fatalf("%s: %v", what, err)
		}
		if ok {
			return
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			w.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// quick is timing for tests: no pause is longer than a test likes to wait.
func quick() notification.Timing {
	return notification.Timing{
		Lease: 3 * time.Second, Linger: time.Millisecond, Checkpoint: 5 * time.Millisecond, Publish: time.Second,
		Reconcile: time.Hour, Overdue: time.Hour,
		AckWait: 2 * time.Second, Pull: 200 * time.Millisecond, Send: 10 * time.Second, Drain: 10 * time.Second,
		Backoff: func(int) time.Duration { return 5 * time.Millisecond },
	}
}

func (w *world) templates() *template.Renderer {
	w.t.Helper()
	templates, err := template.New(template.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	return templates
}

// start runs a notifier until the test ends or stop is called.
func (w *world) start(change func(*notification.Config)) (stop func()) {
	w.t.Helper()
	cfg := notification.Config{
		Store: w.store, Codec: w.codec, Vault: w.vault, Pool: w.pool, NATS: w.nats.Conn(), Templates: w.templates(),
		Timing: quick(), Logger: zerolog.New(zerolog.NewTestWriter(w.t)),
	}
	change(&cfg)
	n, err := notification.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := n.Run(ctx); err != nil {
			w.t.Errorf("run: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-stopped
	})
	w.t.Cleanup(stop)
	return stop
}

// provide returns a change of configuration that gives a channel these providers.
func provide(ch channel.Channel, providers ...channel.Provider) func(*notification.Config) {
	return func(cfg *notification.Config) {
		if cfg.Providers == nil {
			cfg.Providers = make(map[channel.Channel][]channel.Provider)
		}
		cfg.Providers[ch] = providers
	}
}

// smtp returns a provider for a test server.
func (w *world) smtp(server *emailtest.Server) channel.Provider {
	w.t.Helper()
	p, err := email.New(email.Config{Host: server.Host, Port: server.Port, Encryption: email.Plaintext, From: "no-reply@signet.example"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(p.Close)
	return p
}

// receive returns the next mail.
func (w *world) receive(server *emailtest.Server) emailtest.Mail {
	w.t.Helper()
	select {
	case mail := <-server.Mails:
		return mail
	case <-w.ctx().Done():
		w.t.Fatal("no mail came")
		return emailtest.Mail{}
	}
}

// queued returns the messages that JetStream holds.
func (w *world) queued(conn *nats.Conn) []string {
	w.t.Helper()
	js, err := conn.JetStream()
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := js.StreamInfo(notification.StreamName)
	if err != nil {
		w.t.Fatal(err)
	}
	var messages []string
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
		msg, err := js.GetMsg(notification.StreamName, seq)
		if errors.Is(err, nats.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			w.t.Fatal(err)
		}
		messages = append(messages, fmt.Sprint(msg.Subject, msg.Header, string(msg.Data)))
	}
	return messages
}

// types names messages without their package, e.g. "DeliverySent".
func types(messages []proto.Message) string {
	names := make([]string, len(messages))
	for i, m := range messages {
		names[i] = string(m.ProtoReflect().Descriptor().Name())
	}
	return strings.Join(names, " ")
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.ctx(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

func queryRow[T any](w *world, sql string, args ...any) T {
	w.t.Helper()
	rows, err := w.pool.Query(w.ctx(), sql, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		w.t.Fatal(err)
	}
	return value
}
