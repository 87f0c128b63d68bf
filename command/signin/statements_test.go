package signin_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// listener hears which statements are run.
type listener struct {
	mu         sync.Mutex
	statements []string
}

func (l *listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	l.hear(q.SQL)
	return ctx
}

func (*listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (l *listener) TraceBatchStart(ctx context.Context, _ *pgx.Conn, b pgx.TraceBatchStartData) context.Context {
	for _, q := range b.Batch.QueuedQueries {
		l.hear(q.SQL)
	}
	return ctx
}

func (*listener) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*listener) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// hear notes a statement, unless it is one of those by which the store follows the log for itself.
func (l *listener) hear(sql string) {
	for _, own := range []string{"pg_notify", "max(position)", "pg_locks"} {
		if strings.Contains(sql, own) {
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statements = append(l.statements, strings.Join(strings.Fields(sql), " "))
}

// take returns what was heard since the last time, sorted.
func (l *listener) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	heard := l.statements
	l.statements = nil
	slices.Sort(heard)
	return heard
}

// overheard returns a database whose statements are heard.
func overheard(t *testing.T) (commandtest.Opener, *listener) {
	t.Helper()
	l := &listener{}
	config := storetest.NewDatabase(t).Config()
	config.ConnConfig.Tracer = l
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return func(o eventstore.Options) (*eventstore.Store, error) {
		return eventstore.Open(context.Background(), pool, o)
	}, l
}

// Every refusal costs the same statements, whatever its reason: what takes time on a busy database is the same.
func TestRefusedSignInsCostTheSameStatements(t *testing.T) {
	t.Parallel()
	log, l := overheard(t)
	n := commandtest.New(t, log)
	for _, id := range []string{"minnie", "locked", "bare", "spent"} {
		add(t, n, person{id: id})
	}
	secret, _ := robot(t, n)
	if _, err := n.Users.Lock(t.Context(), system(), "locked"); err != nil {
		t.Fatal(err)
	}
	n.Given(t, "bare", &eventv1.UserPasswordChanged{})
	for range 10 {
		_, _ = n.Users.CheckPassword(t.Context(), system(), user.CheckPassword{UserID: "spent", Password: "wrong"})
	}
	login := func(id string) func() error {
		return func() error {
			_, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: byUsername(id), Password: "wrong"}, false)
			return err
		}
	}
	client := func(id, secret string) func() error {
		return func() error {
			_, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: id, Secret: secret})
			return err
		}
	}
	for name, group := range map[string]map[string]func() error{
		"password": {
			"wrong": login("minnie"), "unknown": login("nobody"), "locked": login("locked"), "without": login("bare"), "spent": login("spent"),
			"of a program": login("R2"),
		},
		"secret": {
			"wrong": client("robot", "wrong"), "unknown": client("nobody", secret), "of a person": client("minnie", secret),
			"by name": client("R2", "wrong"),
		},
	} {
		var first []string
		for reason, try := range group {
			_ = try() // states are in memory from here on
			l.take()
			refused(t, reason, try(), signin.ErrRejected)
			heard := l.take()
			if first == nil {
				first = heard
			}
			if len(heard) == 0 || !slices.Equal(heard, first) {
				t.Errorf("%s, %s: %q\nwant %q", name, reason, heard, first)
			}
		}
	}
}
