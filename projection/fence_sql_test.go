package projection

import (
	"errors"
	"testing"

	"github.com/signet-iam/signet/eventstore/storetest"
)

// The fence lets a batch pass only from the position, generation and term the checkpoint has.
func TestFence(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := Migrate(t.Context(), conn.Conn()); err != nil {
		t.Fatal(err)
	}
	const set = `insert into eventstore.checkpoints values ('m', 2, 30, 4, now())
		on conflict (name) do update set generation = 2, position = 30, term = 4`
	for name, c := range map[string]struct {
		checkpoint                 string
		generation, term, position int64
		want                       error
	}{
		"as it stands":          {"m", 2, 4, 30, nil},
		"an earlier term":       {"m", 2, 3, 30, errMoved},
		"a later term":          {"m", 2, 5, 30, errMoved},
		"an earlier generation": {"m", 1, 4, 30, errMoved},
		"an earlier position":   {"m", 2, 4, 29, errMoved},
		"a position lost since": {"m", 2, 4, 31, errMoved},
		"no checkpoint":         {"x", 2, 4, 30, errMoved},
	} {
		if _, err := conn.Exec(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		_, err := conn.Exec(t.Context(), sqlMoveCheckpoint, c.checkpoint, c.generation, c.term, c.position, 40)
		if !errors.Is(moved(err), c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := int64(30)
		if c.want == nil {
			want = 40
		}
		var position int64
		if err := conn.QueryRow(t.Context(), "select position from eventstore.checkpoints where name = 'm'").Scan(&position); err != nil || position != want {
			t.Errorf("%s: at %d, %v", name, position, err)
		}
	}
}
