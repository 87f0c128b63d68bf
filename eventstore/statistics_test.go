package eventstore_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// A statement that was prepared over empty tables must not keep the plan that was good enough then.
func TestThePlannerLearnsThatTheLogGrows(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	store, err := eventstore.Open(t.Context(), pool, eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	for version := uint64(0); version < 1000; version += 100 {
		change := eventstore.Change{Stream: eventstore.StreamID{Tenant: "default", Kind: "user", ID: "ada"}, Owner: "home", Expected: version}
		for range 100 {
			change.Events = append(change.Events, eventstore.NewEvent{ID: uuid.Must(uuid.NewV7()), Type: "user.locked", Revision: 1})
		}
		if _, err := store.Append(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	waitForStatistics(t, pool)
	var plan string
	err = pool.QueryRow(t.Context(), `explain (format json) select * from eventstore.events
		where tenant = 'default' and stream_kind = 'user' and stream_id = 'grace' and version > 0`).Scan(&plan)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan, `"events_stream_id_stream_kind_tenant_version_key"`) {
		t.Errorf("a stream is looked for by another way: %s", plan)
	}
}

// waitForStatistics waits in the database until the events are counted.
func waitForStatistics(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `
do $$ begin
  for i in 1..1000 loop
    if (select reltuples from pg_class where oid = 'eventstore.events'::regclass) >= 1000 then return; end if;
    perform pg_sleep(0.01);
  end loop;
  raise 'the events were never analyzed';
end $$`)
	if err != nil {
		t.Fatal(err)
	}
}
