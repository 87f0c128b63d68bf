package projection_test

import (
	"testing"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

// Postgres dies and recovers under a runner: what it lost of the tables, it lost of the checkpoint too.
func TestRunnerOutlivesACrashOfPostgres(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	n := openNode(t, cluster.Pool(), ring)
	if err := n.migrate(users.New(nil)); err != nil {
		t.Fatal(err)
	}
	n.run(projection.Options{Logger: zerolog.New(zerolog.NewTestWriter(t))}, n.users())
	for round := range 3 {
		for _, id := range []string{"ada", "bob", "cyd"} {
			n.await("users", n.user(id, verified(n, id)...).Position)
		}
		cluster.Kill()
		n.pool.Reset()
		n.eventually("the rows are there again", func() bool {
			var rows int64
			err := n.pool.QueryRow(t.Context(), "select count(*) from projection.users where version = $1", round+1).Scan(&rows)
			return err == nil && rows == 3
		})
	}
	n.verified(n.users())
}
