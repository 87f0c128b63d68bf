package inbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification"
	"github.com/signet-iam/signet/notification/channel"
	writer "github.com/signet-iam/signet/notification/channel/inbox"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/inbox"
)

const tenant = "default"

func TestMain(m *testing.M) { storetest.Main(m) }

// viewer holds inbox.read on the tenant, or nothing.
type viewer struct{ admin bool }

func (viewer) TenantID() string                        { return tenant }
func (viewer) SubjectID() string                       { return "ann" }
func (v viewer) Organizations(string) ([]string, bool) { return nil, v.admin }
func (v viewer) May(permission, organization string) bool {
	return v.admin && permission == query.InboxRead
}

// manager holds inbox.read on an organization, which is not enough.
type manager struct{ viewer }

func (manager) Organizations(string) ([]string, bool) { return []string{"o1"}, false }
func (manager) May(_, organization string) bool       { return organization == "o1" }

var admin = viewer{admin: true}

// mailbox is an inbox with its real writer.
type mailbox struct {
	pool    *pgxpool.Pool
	log     *eventstore.Store
	ring    *vault.Ring
	vault   *vault.Vault
	writer  *writer.Inbox
	queries *inbox.Queries
	now     time.Time
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	ctx := context.Background()
	m := &mailbox{pool: storetest.NewDatabase(t), now: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)}
	conn, err := m.pool.Acquire(ctx)
	must(t, err)
	defer conn.Release()
	must(t, notification.Migrate(ctx, conn.Conn()))
	m.log = openLog(t, m.pool)
	m.ring, err = vault.NewRing()
	must(t, err)
	m.vault, err = vault.New(m.ring, m.log)
	must(t, err)
	must(t, m.vault.EnsureDigestKey(ctx, tenant, func(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
		return m.log.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
	}))
	m.writer, err = writer.New(writer.Config{Pool: m.pool, Store: m.log, Vault: m.vault, Now: func() time.Time { return m.now }})
	must(t, err)
	m.queries = inbox.New(m.pool, m.log, m.vault)
	for _, user := range []string{"ann", "bob"} {
		m.person(t, user)
	}
	return m
}

func openLog(t *testing.T, pool *pgxpool.Pool) *eventstore.Store {
	t.Helper()
	log, err := eventstore.Open(context.Background(), pool, eventstore.Options{})
	must(t, err)
	t.Cleanup(log.Close)
	return log
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *mailbox) person(t *testing.T, user string) {
	t.Helper()
	_, wrapped, err := m.vault.NewKey(tenant, user)
	must(t, err)
	_, err = m.log.EnsureDataKey(context.Background(), tenant, eventstore.DataKey{Subject: user, Wrapped: wrapped})
	must(t, err)
}

func (m *mailbox) send(t *testing.T, user, recipient, code string) {
	t.Helper()
	_, err := m.writer.Send(context.Background(), channel.Message{
		ID: uuid.Must(uuid.NewV7()), Tenant: tenant, UserID: user, Channel: channel.Email, Kind: "email_verification",
		Recipient: recipient, Subject: "Verify", Text: "The code is " + code, HTML: "<b>" + code + "</b>", Code: code, Language: "en",
	})
	must(t, err)
}

func codes(messages []inbox.Message) []string {
	out := make([]string, len(messages))
	for i, m := range messages {
		out[i] = m.Code
	}
	return out
}

func TestListIsNewestFirst(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.send(t, "ann", "Ann@Example.com", "A1")
	m.send(t, "bob", "bob@example.com", "B1")
	m.send(t, "ann", "ann@example.com", "A2")
	list := func(r inbox.ListRequest) []inbox.Message {
		messages, err := m.queries.List(context.Background(), admin, r)
		must(t, err)
		return messages
	}
	all := list(inbox.ListRequest{})
	for name, c := range map[string]struct {
		request inbox.ListRequest
		want    []string
	}{
		"all":                 {inbox.ListRequest{}, []string{"A2", "B1", "A1"}},
		"one recipient":       {inbox.ListRequest{Recipient: "ann@example.com"}, []string{"A2", "A1"}},
		"recipient, any form": {inbox.ListRequest{Recipient: " ANN@example.COM "}, []string{"A2", "A1"}},
		"unknown recipient":   {inbox.ListRequest{Recipient: "nobody@example.com"}, []string{}},
		"no pattern":          {inbox.ListRequest{Recipient: "%"}, []string{}},
		"limit":               {inbox.ListRequest{Limit: 2}, []string{"A2", "B1"}},
		"after":               {inbox.ListRequest{After: all[1].ID}, []string{"A2"}},
		"after the last":      {inbox.ListRequest{After: all[0].ID}, []string{}},
	} {
		if got := codes(list(c.request)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	first := all[2]
	want := inbox.Message{
		ID: first.ID, EventID: first.EventID, Channel: "email", Template: "email_verification", Recipient: "Ann@Example.com",
		Subject: "Verify", Text: "The code is A1", HTML: "<b>A1</b>", Code: "A1", Language: "en", UserID: "ann", SentAt: m.now,
	}
	if first != want || first.EventID == uuid.Nil {
		t.Errorf("got  %+v\nwant %+v", first, want)
	}
}

func TestOnlyAdministratorsOfTheTenant(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.send(t, "ann", "ann@example.com", "A1")
	for name, v := range map[string]query.Viewer{"plain user": viewer{}, "manager of an organization": manager{}} {
		if got, err := m.queries.List(context.Background(), v, inbox.ListRequest{}); !errors.Is(err, query.ErrDenied) || got != nil {
			t.Errorf("%s lists: %v", name, err)
		}
		if got, err := m.queries.Wait(context.Background(), v, inbox.WaitRequest{}); !errors.Is(err, query.ErrDenied) || got.Code != "" {
			t.Errorf("%s waits: %v", name, err)
		}
	}
}

func TestQuestionsThatAreRefused(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	refused := func(name string, err error) {
		var refusal *failure.Error
		if !errors.As(err, &refusal) || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]inbox.ListRequest{
		"limit":     {Limit: query.MaxLimit + 1},
		"after":     {After: "x"},
		"negative":  {After: "-1"},
		"largest":   {After: "9223372036854775807"},
		"recipient": {Recipient: strings.Repeat("x", 201)},
	} {
		_, err := m.queries.List(context.Background(), admin, r)
		refused(name, err)
	}
	for name, r := range map[string]inbox.WaitRequest{
		"timeout":   {Timeout: inbox.MaxTimeout + 1},
		"negative":  {Timeout: -1},
		"after":     {After: "x"},
		"recipient": {Recipient: strings.Repeat("x", 201)},
	} {
		_, err := m.queries.Wait(context.Background(), admin, r)
		refused("wait "+name, err)
	}
}

func TestWaitReturnsTheOldestThatMatches(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.send(t, "bob", "bob@example.com", "B1")
	m.send(t, "ann", "ann@example.com", "A1")
	m.send(t, "ann", "ann@example.com", "A2")
	got, err := m.queries.Wait(context.Background(), admin, inbox.WaitRequest{Recipient: "ann@example.com"})
	must(t, err)
	if got.Code != "A1" {
		t.Fatalf("got %s", got.Code)
	}
	got, err = m.queries.Wait(context.Background(), admin, inbox.WaitRequest{Recipient: "ann@example.com", After: got.ID})
	must(t, err)
	if got.Code != "A2" {
		t.Fatalf("after the first: %s", got.Code)
	}
}

func TestWaitersWakeOnTheirMessage(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	pool, err := pgxpool.NewWithConfig(context.Background(), m.pool.Config())
	must(t, err)
	t.Cleanup(pool.Close)
	far := inbox.New(pool, openLog(t, pool), m.vault) // another node
	var waiting sync.WaitGroup
	for node, queries := range map[string]*inbox.Queries{"same node": m.queries, "other node": far} {
		waiting.Go(func() {
			got, err := queries.Wait(context.Background(), admin, inbox.WaitRequest{Recipient: "ann@example.com", Timeout: time.Minute})
			if err != nil || got.Code != "A1" {
				t.Errorf("%s: %q, %v", node, got.Code, err)
			}
		})
	}
	m.send(t, "bob", "bob@example.com", "B1")
	m.send(t, "ann", "ann@example.com", "A1")
	waiting.Wait()
}

func TestWaitEndsWithItsTime(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.send(t, "bob", "bob@example.com", "B1")
	_, err := m.queries.Wait(context.Background(), admin, inbox.WaitRequest{Recipient: "ann@example.com", Timeout: 30 * time.Millisecond})
	if !errors.Is(err, inbox.ErrNone) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want ErrNone", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.queries.Wait(ctx, admin, inbox.WaitRequest{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who gave up: %v", err)
	}
}

func TestErasedUsersAreLeftOut(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	for range 12 { // more than one search of a waiter
		m.send(t, "ann", "ann@example.com", "A1")
	}
	m.send(t, "bob", "bob@example.com", "B1")
	_, err := m.pool.Exec(context.Background(), `delete from eventstore.data_keys where subject = 'ann'`)
	must(t, err)
	m.vault.Forget(tenant, "ann")
	messages, err := m.queries.List(context.Background(), admin, inbox.ListRequest{})
	if err != nil || !slices.Equal(codes(messages), []string{"B1"}) {
		t.Errorf("list: %q, %v", codes(messages), err)
	}
	got, err := m.queries.Wait(context.Background(), admin, inbox.WaitRequest{})
	if err != nil || got.Code != "B1" {
		t.Errorf("wait: %q, %v", got.Code, err)
	}
}

// The user came back under a new key, and this process still knows the old one.
func TestUserWhoCameBack(t *testing.T) {
	t.Parallel()
	m := newMailbox(t)
	m.send(t, "ann", "ann@example.com", "old")
	ctx := context.Background()
	_, err := m.pool.Exec(ctx, `delete from eventstore.data_keys where subject = 'ann'`)
	must(t, err)
	other := *m
	other.vault, err = vault.New(m.ring, m.log)
	must(t, err)
	other.writer, err = writer.New(writer.Config{Pool: m.pool, Store: m.log, Vault: other.vault})
	must(t, err)
	other.person(t, "ann")
	other.send(t, "ann", "ann@example.com", "new")
	messages, err := m.queries.List(ctx, admin, inbox.ListRequest{})
	if err != nil || !slices.Equal(codes(messages), []string{"new"}) {
		t.Errorf("list: %q, %v", codes(messages), err)
	}
}
