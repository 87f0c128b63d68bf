package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/signet-iam/signet/eventstore"
)

func testDataKeys(t *testing.T, open Opener) {
	shared := newNode(t, open)
	for i, c := range []struct {
		name string
		test func(*testing.T, *node)
	}{
		{"a key comes with the first event", func(t *testing.T, log *node) {
			c := log.change("ada", 0, 1)
			c.Keys = []eventstore.DataKey{dataKey("ada"), dataKey("ada's phone")}
			log.append(t, c)
			keys, err := log.DataKeys(t.Context(), log.tenant, []string{"ada", "unknown", "ada's phone", "ada"})
			if err != nil || len(keys) != 2 || !bytes.Equal(keys["ada"], dataKey("ada").Wrapped) {
				t.Errorf("keys %v, %v", keys, err)
			}
			if log.in(log.tenant+"'s neighbour").dataKey(t, "ada") != nil {
				t.Error("another tenant sees it")
			}
			none, err := log.DataKeys(t.Context(), log.tenant, nil)
			if err != nil || len(none) != 0 {
				t.Errorf("keys of nobody: %v, %v", none, err)
			}
		}},
		{"a stream's key comes with its first event", func(t *testing.T, log *node) {
			c := log.change("ada", 0, 2)
			for i := range c.Events {
				c.Events[i].Subject = "ada"
			}
			c.Keys = []eventstore.DataKey{dataKey("ada")}
			log.append(t, c)
			for after, want := range []int{1, 0, 0} {
				loaded, err := log.LoadStream(t.Context(), c.Stream, uint64(after))
				if err != nil || len(loaded.Events) != 2-after || len(loaded.Keys) != want {
					t.Fatalf("after %d: %d events, %d keys, %v", after, len(loaded.Events), len(loaded.Keys), err)
				}
				if want == 1 && (loaded.Keys[0].Subject != "ada" || !bytes.Equal(loaded.Keys[0].Wrapped, dataKey("ada").Wrapped)) {
					t.Errorf("another key came: %+v", loaded.Keys[0])
				}
			}
			c = log.change("bob", 0, 1) // nobody's
			log.append(t, c)
			loaded, err := log.LoadStream(t.Context(), c.Stream, 0)
			if err != nil || len(loaded.Events) != 1 || len(loaded.Keys) != 0 {
				t.Errorf("a stream without a key: %+v, %v", loaded, err)
			}
		}},
		{"a known subject's second key is a conflict", func(t *testing.T, log *node) {
			c := log.change("ada", 0, 1)
			c.Keys = []eventstore.DataKey{dataKey("ada")}
			log.append(t, c)
			c = log.change("bob", 0, 1)
			c.Keys = []eventstore.DataKey{{Subject: "ada", Wrapped: []byte("another")}}
			_, err := log.Append(t.Context(), c)
			wantError(t, "second key", err, eventstore.ErrConflict)
			if !bytes.Equal(log.dataKey(t, "ada"), dataKey("ada").Wrapped) {
				t.Error("the key was replaced")
			}
		}},
		{"of changes that bring one subject's key at once one is written", func(t *testing.T, log *node) {
			var changes []eventstore.Change
			for i := range 12 {
				c := log.change(fmt.Sprint("stream ", i), 0, 1)
				c.Keys = []eventstore.DataKey{{Subject: "ada", Wrapped: []byte{byte(i)}}}
				changes = append(changes, c)
			}
			for i := range 12 {
				changes = append(changes, log.change(fmt.Sprint("bystander ", i), 0, 1))
			}
			winner := -1
			for i, o := range together(t, changes, log) {
				switch {
				case i >= 12 && o.err != nil:
					t.Errorf("a bystander was refused: %v", o.err)
				case i >= 12:
				case o.err != nil:
					wantError(t, "loser", o.err, eventstore.ErrConflict)
				case winner >= 0:
					t.Errorf("%d and %d were both written", winner, i)
				default:
					winner = i
				}
			}
			if winner < 0 || !bytes.Equal(log.dataKey(t, "ada"), []byte{byte(winner)}) {
				t.Errorf("winner %d, key %v", winner, log.dataKey(t, "ada"))
			}
		}},
		{"ensuring a key keeps the first", func(t *testing.T, log *node) {
			first, err := log.EnsureDataKey(t.Context(), log.tenant, dataKey("ada"))
			if err != nil || !bytes.Equal(first, dataKey("ada").Wrapped) {
				t.Errorf("first %q, %v", first, err)
			}
			second, err := log.EnsureDataKey(t.Context(), log.tenant, eventstore.DataKey{Subject: "ada", Wrapped: []byte("another")})
			if err != nil || !bytes.Equal(second, first) {
				t.Errorf("second %q, %v", second, err)
			}
		}},
		{"all who ensure one key get the same", testEnsureRace},
	} {
		log := shared.in(fmt.Sprintf("tenant %d", i))
		t.Run(c.name, func(t *testing.T) { c.test(t, log) })
	}
	t.Run("re-wrapping", func(t *testing.T) { testRewrap(t, newNode(t, open)) })
}

func testEnsureRace(t *testing.T, log *node) {
	for round := range 10 {
		const callers = 12
		subject := fmt.Sprint("subject ", round)
		got := make([][]byte, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				var err error
				got[i], err = log.EnsureDataKey(t.Context(), log.tenant, eventstore.DataKey{Subject: subject, Wrapped: []byte{byte(i)}})
				if err != nil {
					t.Errorf("ensure: %v", err)
				}
			})
		}
		all.Wait()
		for i := range got {
			if !bytes.Equal(got[i], log.dataKey(t, subject)) {
				t.Errorf("caller %d got %v, stored is %v", i, got[i], log.dataKey(t, subject))
			}
		}
	}
}

// testRewrap rotates more keys than one batch holds, with a failure on the way.
func testRewrap(t *testing.T, log *node) {
	const perTenant = 1300
	for _, tenant := range []string{"default", "other"} {
		for part := range 2 {
			c := log.in(tenant).change(fmt.Sprint("part ", part), 0, 1)
			for i := range perTenant / 2 {
				c.Keys = append(c.Keys, eventstore.DataKey{Subject: fmt.Sprintf("%d/%d", part, i), Wrapped: []byte("old " + tenant)})
			}
			log.append(t, c)
		}
	}
	broken := errors.New("the master key is gone")
	seen := 0
	wrap := func(failAfter int) func(string, eventstore.DataKey) ([]byte, error) {
		return func(tenant string, key eventstore.DataKey) ([]byte, error) {
			if seen++; seen > failAfter {
				return nil, broken
			}
			if s := string(key.Wrapped); s != "old "+tenant && s != "new "+tenant+" "+key.Subject {
				t.Errorf("%s of %s came as %q", key.Subject, tenant, s)
			}
			return []byte("new " + tenant + " " + key.Subject), nil
		}
	}
	stored, err := log.RewrapDataKeys(t.Context(), wrap(perTenant+200))
	wantError(t, "failing run", err, broken)
	var fresh int
	const countFresh = "select count(*) from eventstore.data_keys where wrapped = convert_to('new ' || tenant || ' ' || subject, 'utf8')"
	if err := log.pool.QueryRow(t.Context(), countFresh).Scan(&fresh); err != nil || fresh != stored || stored == 0 {
		t.Errorf("said %d are stored, %d are: %v", stored, fresh, err)
	}

	seen = 0
	stored, err = log.RewrapDataKeys(t.Context(), wrap(3*perTenant))
	if err != nil || stored != 2*perTenant || seen != stored {
		t.Errorf("second run: %d stored of %d seen, %v", stored, seen, err)
	}
	if err := log.pool.QueryRow(t.Context(), countFresh).Scan(&fresh); err != nil || fresh != 2*perTenant {
		t.Errorf("%d of %d keys re-wrapped: %v", fresh, 2*perTenant, err)
	}
	if got := string(log.dataKey(t, "1/7")); !strings.HasPrefix(got, "new default") {
		t.Errorf("key reads %q", got)
	}
}
