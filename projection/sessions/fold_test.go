package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
)

// newTables makes the tables.
func newTables(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := storetest.NewDatabase(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if err := projection.Migrate(t.Context(), conn.Conn(), New(nil)); err != nil {
		t.Fatal(err)
	}
	return pool
}

// recorded is an event of a session.
type recorded struct {
	ev  *eventstore.Event
	msg proto.Message
}

// shown is what the tables have of a session, in plain values.
type shown struct {
	version, position            int64
	creator, user, organization  string
	fingerprint, ip, description string
	headers                      map[string][]string
	userVerified                 bool
	created, changed             time.Time
	expires                      *time.Time
	checked                      [8]*time.Time // as Checked.fields
	metadata                     map[string]string
}

// expected says what the tables must have, from a whole history at once: the last word on each matter counts.
func expected(history []recorded) map[string]shown {
	all := make(map[string]shown)
	for _, r := range history {
		id := r.ev.Stream.ID
		s, known := all[id]
		if !known {
			s.metadata = make(map[string]string)
		}
		s.version, s.position, s.changed = int64(r.ev.Version), int64(r.ev.Position), r.ev.RecordedAt
		at := r.ev.RecordedAt
		switch m := r.msg.(type) {
		case *eventv1.SessionAdded:
			s.creator, s.fingerprint, s.ip, s.description = m.GetCreatorId(), m.GetAgent().GetFingerprintId(), m.GetAgent().GetIp(), m.GetAgent().GetDescription()
			s.created, s.expires, s.headers = at, instant(m.GetExpiresAt()), make(map[string][]string)
			for _, h := range m.GetAgent().GetHeaders() {
				s.headers[h.GetName()] = append(append([]string{}, s.headers[h.GetName()]...), h.GetValues()...)
			}
		case *eventv1.SessionUserChecked:
			s.user, s.organization, s.checked[0] = m.GetUserId(), m.GetOrganizationId(), &at
		case *eventv1.SessionPasswordChecked:
			s.checked[1] = &at
		case *eventv1.SessionWebAuthnChecked:
			s.checked[2], s.userVerified = &at, m.GetUserVerified()
		case *eventv1.SessionIntentChecked:
			s.checked[3] = &at
		case *eventv1.SessionTOTPChecked:
			s.checked[4] = &at
		case *eventv1.SessionOTPSMSChecked:
			s.checked[5] = &at
		case *eventv1.SessionOTPEmailChecked:
			s.checked[6] = &at
		case *eventv1.SessionRecoveryCodeChecked:
			s.checked[7] = &at
		case *eventv1.SessionLifetimeSet:
			s.expires = instant(m.GetExpiresAt())
		case *eventv1.SessionMetadataSet:
			s.metadata[m.GetKey()] = string(m.GetValue())
		case *eventv1.SessionMetadataRemoved:
			delete(s.metadata, m.GetKey())
		}
		all[id] = s
	}
	for _, r := range history {
		if _, end := r.msg.(*eventv1.SessionEnded); end {
			delete(all, r.ev.Stream.ID)
		}
	}
	return all
}

func instant(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}

// stored reads what the tables have of a tenant.
func stored(ctx context.Context, q projection.Querier, tenant string) (map[string]shown, error) {
	rows, err := q.Query(ctx, "select "+columns+" from projection.sessions where tenant = $1", tenant)
	if err != nil {
		return nil, err
	}
	all := make(map[string]shown)
	for rows.Next() {
		var id string
		var headers []byte
		var s shown
		into := []any{&tenant, &id, &s.version, &s.position, &s.creator, &s.user, &s.organization, &s.fingerprint, &s.ip, &s.description,
			&headers, &s.userVerified, &s.created, &s.changed, &s.expires}
		for i := range s.checked {
			into = append(into, &s.checked[i])
		}
		if err := errors.Join(rows.Scan(into...), json.Unmarshal(headers, &s.headers)); err != nil {
			return nil, err
		}
		s.created, s.changed, s.metadata = s.created.UTC(), s.changed.UTC(), make(map[string]string)
		for _, at := range append(s.checked[:], s.expires) {
			if at != nil {
				*at = at.UTC()
			}
		}
		all[id] = s
	}
	if rows.Err() != nil {
		return nil, rows.Err()
	}
	rows, err = q.Query(ctx, "select session_id, key, value from projection.sessions_metadata where tenant = $1", tenant)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id, name string
		var value []byte
		if err := rows.Scan(&id, &name, &value); err != nil {
			return nil, err
		}
		if _, there := all[id]; !there {
			return nil, fmt.Errorf("metadata of %s, which is not there", id)
		}
		all[id].metadata[name] = string(value)
	}
	return all, rows.Err()
}

func drawMessage(t *rapid.T) proto.Message {
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	var expires *timestamppb.Timestamp
	if rapid.Bool().Draw(t, "expires") {
		expires = timestamppb.New(until.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "hours")) * time.Hour))
	}
	switch rapid.IntRange(0, 16).Draw(t, "event") {
	case 0:
		return about(name.Draw(t, "user"))
	case 1:
		return &eventv1.SessionPasswordChecked{}
	case 2:
		return &eventv1.SessionWebAuthnChecked{UserVerified: rapid.Bool().Draw(t, "verified")}
	case 3:
		return &eventv1.SessionIntentChecked{}
	case 4:
		return &eventv1.SessionTOTPChecked{}
	case 5:
		return &eventv1.SessionOTPSMSChecked{}
	case 6:
		return &eventv1.SessionOTPEmailChecked{}
	case 7:
		return &eventv1.SessionRecoveryCodeChecked{}
	case 8:
		return &eventv1.SessionLifetimeSet{ExpiresAt: expires}
	case 9, 10, 11:
		return &eventv1.SessionMetadataSet{Key: name.Draw(t, "key"), Value: []byte(rapid.StringN(0, 3, -1).Draw(t, "value"))}
	case 12:
		return &eventv1.SessionMetadataRemoved{Key: name.Draw(t, "key")}
	case 13:
		return &eventv1.SessionEnded{}
	default:
		return &eventv1.SessionRefreshed{}
	}
}

func drawAdded(t *rapid.T) proto.Message {
	if rapid.Bool().Draw(t, "bare") {
		return &eventv1.SessionAdded{CreatorId: "app"}
	}
	return added()
}

// Whatever happens to sessions, and however it is cut into stretches and writes, the tables have what the whole history says.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		tenant := fmt.Sprintf("t%d", round)
		f := New(nil).Open(1).(*fold)
		var history, waiting []recorded
		versions, ended := make(map[string]int), make(map[string]bool)
		for position := range rapid.IntRange(0, 40).Draw(rt, "length") {
			id := rapid.SampledFrom([]string{"s1", "s2", "s3"}).Draw(rt, "session")
			if ended[id] {
				continue
			}
			msg := drawMessage(rt)
			if versions[id] == 0 {
				msg = drawAdded(rt)
			}
			versions[id]++
			_, ended[id] = msg.(*eventv1.SessionEnded)
			ev := event(id, versions[id], msg)
			ev.Stream.Tenant, ev.Position = tenant, eventstore.Position(position+1)
			waiting = append(waiting, recorded{ev, msg})
			switch rapid.IntRange(0, 3).Draw(rt, "then") {
			case 0:
				f.takeAll(rt, pool, waiting)
				history, waiting = append(history, waiting...), nil
			case 1:
				f.takeAll(rt, pool, waiting)
				history, waiting = append(history, waiting...), nil
				f.write(rt, pool)
			}
		}
		f.takeAll(rt, pool, waiting)
		f.write(rt, pool)
		history = append(history, waiting...)
		got, err := stored(context.Background(), pool, tenant)
		if want := expected(history); err != nil || !reflect.DeepEqual(got, want) {
			rt.Fatalf("%v\ngot  %+v\nwant %+v", err, got, want)
		}
	})
}

// fatal is a *testing.T or a *rapid.T.
type fatal interface{ Fatal(args ...any) }

func (f *fold) takeAll(t fatal, pool *pgxpool.Pool, events []recorded) {
	plain := make([]eventstore.Event, len(events))
	for i, r := range events {
		plain[i] = *r.ev
	}
	if err := f.load(context.Background(), pool, plain); err != nil {
		t.Fatal(err)
	}
	for _, r := range events {
		if cause, err := f.takeOne(r.msg, nil, r.ev); cause != nil || err != nil {
			t.Fatal(cause, err)
		}
	}
}

func (f *fold) write(t fatal, pool *pgxpool.Pool) {
	ctx := context.Background()
	if err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return f.Write(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	if f.Len() != 0 {
		t.Fatal("what was written is still held")
	}
}

func history(id string, messages ...proto.Message) []recorded {
	all := make([]recorded, len(messages))
	for i, msg := range messages {
		all[i] = recorded{event(id, i+1, msg), msg}
	}
	return all
}

// A session that begins and ends in one stretch costs no statement; one that ended takes nothing more.
func TestWhatHasEnded(t *testing.T) {
	t.Parallel()
	f := New(nil).Open(1).(*fold)
	f.takeAll(t, nil, history("s1", added())) // of which nothing is loaded
	for i, msg := range []proto.Message{&eventv1.SessionMetadataSet{Key: "k"}, &eventv1.SessionEnded{}} {
		if cause, err := f.takeOne(msg, nil, event("s1", i+2, msg)); cause != nil || err != nil {
			t.Fatal(cause, err)
		}
	}
	if cause, err := f.takeOne(&eventv1.SessionRefreshed{}, nil, event("s1", 4, nil)); !errors.Is(cause, errNoSession) || err != nil {
		t.Errorf("a token after the end: %v, %v", cause, err)
	}
	batch := &pgx.Batch{}
	f.Queue(batch)
	if batch.Len() != 0 {
		t.Errorf("%d statements", batch.Len())
	}
	if cause, err := f.takeOne(&eventv1.SessionRefreshed{}, nil, event("s1", 4, nil)); !errors.Is(cause, errNoSession) || err != nil {
		t.Errorf("a token of a session without a row: %v, %v", cause, err)
	}
}

func TestSkipped(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	skipped := func(f *fold, id string, version int, msg proto.Message) {
		t.Helper()
		if err := f.Skip(t.Context(), pool, event(id, version, msg)); err != nil {
			t.Fatal(err)
		}
	}
	f := New(nil).Open(1).(*fold)
	skipped(f, "began", 1, nil)
	f.takeAll(t, pool, history("began", nil, about("u1"))[1:])
	f.takeAll(t, pool, history("ended", added()))
	skipped(f, "ended", 2, &eventv1.SessionEnded{})
	f.takeAll(t, pool, history("stored", added(), about("u1")))
	skipped(f, "never", 2, nil)
	f.write(t, pool)
	skipped(f, "stored", 3, nil)
	skipped(f, "stored", 3, nil)
	f.write(t, pool)
	got, err := stored(t.Context(), pool, "default")
	if err != nil || len(got) != 2 || got["began"].user != "u1" || got["began"].version != 2 || got["stored"].version != 3 || got["stored"].creator != "app" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := f.Skip(t.Context(), pool, event("stored", 5, nil)); !errors.Is(err, projection.ErrGap) {
		t.Errorf("beyond the next: %v", err)
	}
}

func TestMetadataThatPostgresCannotHold(t *testing.T) {
	t.Parallel()
	f := New(nil).Open(1).(*fold)
	f.takeAll(t, nil, history("s1", added()))
	msg := &eventv1.SessionMetadataSet{Key: "a\x00"}
	cause, err := f.takeOne(msg, nil, event("s1", 2, msg))
	if e := f.rows.Of(event("s1", 2, msg).Stream); !errors.Is(cause, projection.ErrHasNulls) || err != nil || e.row.Version != 1 || e.metadata != nil {
		t.Errorf("%v, %v, %+v", cause, err, e)
	}
}

// A new token moves a row without any index learning of it.
func TestTokensAreCheap(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	const sessions = 200
	f := New(nil).Open(1).(*fold)
	for i := range sessions {
		f.takeAll(t, pool, history(fmt.Sprintf("s%d", i), added(), about("u1"), &eventv1.SessionPasswordChecked{}))
	}
	f.write(t, pool)
	for version := 4; version < 6; version++ {
		for i := range sessions / 20 { // a page has room for a few, and whoever else works in the cluster may keep it from being cleared
			msg := &eventv1.SessionRefreshed{}
			f.takeAll(t, pool, []recorded{{event(fmt.Sprintf("s%d", i*20), version, msg), msg}})
		}
		batch := &pgx.Batch{}
		f.Queue(batch)
		if batch.Len() != 1 {
			t.Errorf("%d statements", batch.Len())
		}
		var hot, updated int
		err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			if err := tx.SendBatch(t.Context(), batch).Close(); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), `
select pg_stat_get_xact_tuples_hot_updated(c), pg_stat_get_xact_tuples_updated(c) from cast('projection.sessions_1' as regclass) c`).Scan(&hot, &updated)
		})
		if err != nil || hot < sessions/20 || updated != hot {
			t.Errorf("%d of %d updates touch no index, %v", hot, updated, err)
		}
	}
}

// However many sessions there are, those of a stretch are found by their keys, whether or not the plan knows how few.
func TestRowsAreFoundByTheirKeys(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	exec := func(sql string) {
		if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	exec(`insert into projection.sessions_1
select 'default', 's' || i, 1, i, 'app', 'u' || i / 4, 'o1', '', '', '', '{}', false, now(), now() from generate_series(1, 20000) i`)
	exec("insert into projection.sessions_metadata_1 select 'default', 's' || i / 2, 'k' || i, '' from generate_series(1, 20000) i")
	exec("vacuum analyze projection.sessions_1")
	exec("vacuum analyze projection.sessions_metadata_1")
	const keys = "'{default,default}', '{s7,s8}'"
	nulls := strings.Repeat(", '{null,null}'", 8)
	sessions, metadata := sessionsTable(1), metadataTable(1)
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		exec("set plan_cache_mode = " + mode)
		for _, c := range []struct{ statement, table, args string }{
			{loadRows, sessions, keys},
			{moveRows, sessions, keys + ", '{2,2}', '{9,9}', '{now,now}'"},
			{changeRows, sessions, keys + ", '{2,2}', '{9,9}', '{u,u}', '{o,o}', '{f,f}', '{now,now}', '{null,null}'" + nulls},
			{deleteRows, sessions, keys},
			{emptyMetadata, metadata, keys},
			{deleteMetadata, metadata, keys + ", '{k1,k2}'"},
		} {
			exec("prepare looked_at as " + fmt.Sprintf(c.statement, c.table))
			rows, err := conn.Query(t.Context(), "explain execute looked_at("+c.args+")", pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatalf("%s: %v", c.statement, err)
			}
			exec("deallocate looked_at")
			if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "_pkey") {
				t.Errorf("%s: %s\n%s", mode, c.statement, plan)
			}
		}
	}
}

// Every column of the view has its place in the insert.
func TestColumnsMatch(t *testing.T) {
	t.Parallel()
	names := strings.FieldsFunc(columns, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' })
	var a arrays
	if got := len(a.inserted()); got != len(names) {
		t.Errorf("%d arrays for %d columns", got, len(names))
	}
	schema := fmt.Sprintf(createSessions, "t")
	for _, name := range names {
		if !strings.Contains(schema, "\n    "+name+" ") {
			t.Errorf("%s is no column", name)
		}
	}
}
