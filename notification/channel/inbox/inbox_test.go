package inbox_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	"github.com/signet-iam/signet/notification/channel/inbox"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	tenant = "default"
	userID = "user-1"
)

// kit is an inbox over a database of one test's own, with one user who has a data key.
type kit struct {
	*inbox.Inbox
	pool  *pgxpool.Pool
	store *eventstore.Store
	vault *vault.Vault
	key   vault.Key
}

func newKit(t *testing.T) *kit {
	t.Helper()
	ctx := t.Context()
	k := &kit{pool: storetest.NewDatabase(t)}
	conn, err := k.pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	err = notification.Migrate(ctx, conn.Conn())
	conn.Release()
	if err != nil {
		t.Fatal(err)
	}
	if k.store, err = eventstore.Open(ctx, k.pool, eventstore.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.store.Close)
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	if k.vault, err = vault.New(ring, k.store); err != nil {
		t.Fatal(err)
	}
	ensure := func(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
		return k.store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
	}
	if err := k.vault.EnsureDigestKey(ctx, tenant, ensure); err != nil {
		t.Fatal(err)
	}
	key, wrapped, err := k.vault.NewKey(tenant, userID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ensure(ctx, tenant, userID, wrapped); err != nil {
		t.Fatal(err)
	}
	k.key = key
	if k.Inbox, err = inbox.New(inbox.Config{Pool: k.pool, Store: k.store, Vault: k.vault}); err != nil {
		t.Fatal(err)
	}
	return k
}

func message() channel.Message {
	return channel.Message{
		ID: uuid.Must(uuid.NewV7()), Tenant: tenant, UserID: userID, Channel: channel.Email, Kind: channel.PasswordReset,
		Recipient: "Ada@Example.org", Subject: "subject", Text: "text K7M2QX", HTML: "<p>K7M2QX</p>", Code: "K7M2QX", Language: "en",
	}
}

// row is one stored message.
type row struct {
	ID              uuid.UUID
	Seq             int64
	Tenant          string
	RecipientDigest []byte
	SubjectUser     string
	Channel, Kind   string
	Sealed          []byte
	Repeat          bool
	SentAt          time.Time
}

func (k *kit) rows(t *testing.T) []row {
	t.Helper()
	rows, err := k.pool.Query(t.Context(), "select * from notification.inbox_messages order by seq")
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMessageIsStoredSealed(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	m := message()
	m.Repeat = true
	if id, err := k.Send(t.Context(), m); err != nil || id != m.ID.String() {
		t.Fatalf("got %q, %v", id, err)
	}
	got := k.rows(t)[0]
	digest, err := k.vault.Digest(t.Context(), tenant, "inbox-recipient", "ada@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != m.ID || got.Tenant != tenant || got.SubjectUser != userID || got.Channel != "email" ||
		got.Kind != "password_reset" || !got.Repeat || !slices.Equal(got.RecipientDigest, digest) {
		t.Errorf("got %+v", got)
	}
	opened, err := k.key.Open([]byte("inbox:"+m.ID.String()), got.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	content := &eventv1.InboxContent{}
	if err := proto.Unmarshal(opened, content); err != nil {
		t.Fatal(err)
	}
	want := &eventv1.InboxContent{
		Recipient: m.Recipient, Subject: m.Subject, Text: m.Text, Html: m.HTML, Code: m.Code, Language: m.Language,
	}
	if !proto.Equal(content, want) {
		t.Errorf("got %v", content)
	}
	if _, err := k.key.Open(inbox.Binding(uuid.New()), got.Sealed); err == nil {
		t.Error("the content opens in another row")
	}
}

func TestMessageIsStoredOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	m := message()
	var sending sync.WaitGroup
	for range 8 {
		sending.Go(func() {
			if _, err := k.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	if rows := k.rows(t); len(rows) != 1 {
		t.Errorf("got %d rows", len(rows))
	}
}

func TestReadersNeverSkip(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	var sending sync.WaitGroup
	for range 8 {
		sending.Go(func() {
			for range 25 {
				if _, err := k.Send(t.Context(), message()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		sending.Wait()
	}()
	// A reader that goes on behind the last seq it saw gets every message.
	read, after := 0, int64(0)
	for done := false; !done; {
		select {
		case <-sent:
			done = true // and once more
		default:
		}
		rows, err := k.pool.Query(t.Context(), "select seq from notification.inbox_messages where seq > $1 order by seq", after)
		if err != nil {
			t.Fatal(err)
		}
		seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatal(err)
		}
		if read += len(seqs); len(seqs) > 0 {
			after = seqs[len(seqs)-1]
		}
	}
	if read != 200 {
		t.Errorf("the reader got %d of 200 messages", read)
	}
}

func TestReadersAreWoken(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	if _, err := k.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	seen := k.rows(t)[0].Seq
	elsewhere, err := eventstore.Open(t.Context(), k.pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(elsewhere.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	woken := make(chan error, 2)
	for _, store := range []*eventstore.Store{k.store, elsewhere} {
		go func() { woken <- store.Await(ctx, inbox.Checkpoint, eventstore.Position(seen+1)) }()
	}
	if _, err := k.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-woken; err != nil {
			t.Error(err)
		}
	}
}

func TestErasedUserGetsNothing(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	m := message()
	m.UserID = "erased"
	if _, err := k.Send(t.Context(), m); err == nil || channel.Classify(err).Class != channel.ClassPermanent {
		t.Errorf("got %v", err)
	}
	if rows := k.rows(t); len(rows) != 0 {
		t.Errorf("got %d rows", len(rows))
	}
}

func TestSweepKeepsTheNewest(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	fill := func(tenant string, count int, age time.Duration) {
		t.Helper()
		_, err := k.pool.Exec(t.Context(), `
			insert into notification.inbox_messages (id, tenant, recipient_digest, subject_user, channel, kind, sealed, repeat, sent_at)
			select gen_random_uuid(), $1, '', '', 'email', 'password_reset', '', false, $3 from generate_series(1, $2)`,
			tenant, count, time.Now().Add(-age))
		if err != nil {
			t.Fatal(err)
		}
	}
	fill("a", 3, inbox.RetainedFor+time.Hour)
	fill("a", inbox.Retained+5, inbox.RetainedFor-time.Hour)
	fill("b", 7, time.Minute)
	if err := k.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := make(map[string]int)
	first := make(map[string]int64)
	for _, r := range k.rows(t) {
		if kept[r.Tenant]++; kept[r.Tenant] == 1 {
			first[r.Tenant] = r.Seq
		}
	}
	if got := fmt.Sprint(kept); got != fmt.Sprint(map[string]int{"a": inbox.Retained, "b": 7}) {
		t.Errorf("kept %s", got)
	}
	if first["a"] != 9 { // behind 3 old ones and 5 too many
		t.Errorf("the oldest kept is %d", first["a"])
	}
}
