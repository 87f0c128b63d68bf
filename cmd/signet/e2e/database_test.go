package e2e_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// dsn names the database of a server's private Postgres.
func (n *server) dsn() string {
	n.t.Helper()
	text, err := os.ReadFile(filepath.Join(n.dir, "postgres", "state.json"))
	if err != nil {
		n.t.Fatal(err)
	}
	var state struct {
		SocketDir string `json:"socket_dir"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		n.t.Fatal(err)
	}
	query := url.Values{"host": {state.SocketDir}, "user": {"signet"}}.Encode()
	return "postgres:///signet?" + strings.ReplaceAll(query, "+", "%20")
}

// sql connects to a server's database.
func (n *server) sql() *pgx.Conn {
	n.t.Helper()
	conn, err := pgx.Connect(n.t.Context(), n.dsn())
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { _ = conn.Close(n.t.Context()) })
	return conn
}

// pair starts two nodes over one database. The first one owns it.
func pair(t testing.TB) (first, second *server) {
	t.Helper()
	first = start(t, settings{})
	second = start(t, settings{args: []string{
		"--database-url", first.dsn(), "--master-key-file", filepath.Join(first.dir, "master.keys"),
	}})
	return first, second
}
