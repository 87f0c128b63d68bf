package storetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/signet-iam/signet/eventstore/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestDatabasesAreIsolated(t *testing.T) {
	t.Parallel()
	first, second := storetest.NewDatabase(t), storetest.NewDatabase(t)
	if _, err := first.Exec(t.Context(), "CREATE TABLE mine (id int)"); err != nil {
		t.Fatal(err)
	}
	var visible bool
	err := second.QueryRow(t.Context(), "SELECT to_regclass('mine') IS NOT NULL").Scan(&visible)
	if err != nil || visible {
		t.Errorf("the other database sees the table: %v, %v", visible, err)
	}
}

func TestDatabaseHasTheLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dsn  string
		want bool
	}{
		"migrated": {storetest.NewDSN(t), true},
		"empty":    {storetest.NewEmptyDSN(t), false},
	} {
		conn, err := pgx.Connect(t.Context(), c.dsn)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var has bool
		err = conn.QueryRow(t.Context(), "SELECT to_regclass('eventstore.events') IS NOT NULL").Scan(&has)
		if err != nil || has != c.want {
			t.Errorf("%s: has the log: %v, %v; want %v", name, has, err, c.want)
		}
		conn.Close(t.Context())
	}
}

// Text must sort by code point, and yet case must be known beyond ASCII, or lists and searches would differ by machine.
func TestTextOrder(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	var order, lower string
	err := pool.QueryRow(t.Context(), "SELECT string_agg(c, '' ORDER BY c), lower('ÄÉЖ') FROM unnest(ARRAY['é','b','B','a','Z']) c").Scan(&order, &lower)
	if err != nil {
		t.Fatal(err)
	}
	if order != "BZabé" || lower != "äéж" {
		t.Errorf("order %q, lower %q", order, lower)
	}
}

func TestClusterKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*storetest.Cluster){
		"restart": (*storetest.Cluster).Restart,
		"kill":    (*storetest.Cluster).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := storetest.NewCluster(t)
			pool := c.Pool()
			if _, err := pool.Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
				t.Fatal(err)
			}
			fault(c)
			if got := readKept(t, c.DSN()); got != 7 {
				t.Errorf("read %d after %s", got, name)
			}
		})
	}
}

func TestClusterStaysStopped(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t)
	c.Stop()
	if conn, err := pgx.Connect(t.Context(), c.DSN()); err == nil {
		conn.Close(t.Context())
		t.Error("a stopped cluster accepts connections")
	}
	c.Start()
	conn, err := pgx.Connect(t.Context(), c.DSN())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(t.Context())
}

func readKept(t *testing.T, dsn string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNATSKeepsStreamsAndClients(t *testing.T) {
	t.Parallel()
	n := storetest.NewNATS(t)
	back := make(chan struct{}, 1)
	conn := n.Conn(nats.ReconnectHandler(func(*nats.Conn) { back <- struct{}{} }))
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	stream, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "s.a", []byte("kept")); err != nil {
		t.Fatal(err)
	}

	n.Stop()
	if _, err := n.InProcessConn(); err == nil {
		t.Error("a stopped server accepts connections")
	}
	n.Start()

	select {
	case <-back:
	case <-ctx.Done():
		t.Fatal("the client does not come back")
	}
	msg, err := stream.GetMsg(ctx, 1)
	if err != nil || string(msg.Data) != "kept" {
		t.Errorf("message after restart: %v, %v", msg, err)
	}
}
