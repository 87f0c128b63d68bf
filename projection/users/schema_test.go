package users

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
)

// newTables makes the tables and returns a connection to them.
func newTables(t *testing.T) *pgx.Conn {
	t.Helper()
	conn := acquire(t, storetest.NewDatabase(t))
	if err := projection.Migrate(t.Context(), conn, New(nil)); err != nil {
		t.Fatal(err)
	}
	return conn
}

func acquire(t *testing.T, pool *pgxpool.Pool) *pgx.Conn {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	return conn.Conn()
}

func someRow(i int) Row {
	at := time.Date(2026, 3, 1, 12, 0, i, 0, time.UTC)
	return Row{
		Tenant: "default", ID: fmt.Sprintf("u%05d", i), OrganizationID: "o1", Version: 3, Position: 30, State: stateActive,
		Kind: kindHuman, Username: fmt.Sprintf("Üser%d", i), GivenName: "Given", FamilyName: fmt.Sprintf("Family%d", i%7), NickName: "n",
		DisplayName: "D", PreferredLanguage: "en", Gender: 2, Email: fmt.Sprintf("User%d@Example.com", i), EmailVerified: true,
		Phone: "+41790000000", PhoneVerified: true, HasPassword: true, PasswordChangeRequired: true, PasswordChangedAt: &at, MFAInitSkippedAt: &at,
		MachineName: "m", MachineDescription: "d", HasSecret: true, SignedTokens: true, CreatedAt: at, ChangedAt: at.Add(time.Hour), Born: 2, Avatar: strings.Repeat("0a", 32),
	}
}

// put writes rows as the fold does.
func put(t *testing.T, conn *pgx.Conn, copied bool, rows ...Row) {
	t.Helper()
	f := New(nil).Open(1).(*fold)
	for _, row := range rows {
		f.replace(f.rows.Of(streamOf(row)), row)
	}
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		if copied {
			return f.Write(t.Context(), tx)
		}
		batch := &pgx.Batch{}
		f.Queue(batch)
		return tx.SendBatch(t.Context(), batch).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, conn *pgx.Conn, row Row) Row {
	t.Helper()
	f := New(nil).Open(1).(*fold)
	ev := eventOf(row)
	if err := f.load(t.Context(), conn, ev); err != nil {
		t.Fatal(err)
	}
	return f.rows.Of(streamOf(row)).row
}

// Every column keeps its value, whichever way the row is written.
func TestRowsKeepTheirColumns(t *testing.T) {
	t.Parallel()
	conn := newTables(t)
	upserted := someRow(1)
	put(t, conn, false, upserted)
	many := make([]Row, copyFrom)
	for i := range many {
		many[i] = someRow(i + 10)
	}
	put(t, conn, true, many...)
	for _, want := range []Row{upserted, many[0], many[len(many)-1]} {
		got := get(t, conn, want)
		normalize(&got)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	var lower, search string
	var count int64
	err := conn.QueryRow(t.Context(), "select username_lower, search, (select count from projection.users_count) from projection.users where id = 'u00001'").Scan(&lower, &search, &count)
	if err != nil || lower != "üser1" || search != "üser1\ngiven\nfamily1\nn\nd\nuser1@example.com\n+41790000000" || count != copyFrom+1 {
		t.Errorf("%q, %q, %d, %v", lower, search, count, err)
	}

	changed := upserted
	changed.Version, changed.Email = 4, "new@example.com"
	f := New(nil).Open(1).(*fold)
	if err := f.load(t.Context(), conn, eventOf(upserted)); err != nil {
		t.Fatal(err)
	}
	f.replace(f.rows.Of(streamOf(upserted)), changed)
	batch := &pgx.Batch{}
	f.Queue(batch)
	if err := conn.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	got := get(t, conn, changed)
	normalize(&got)
	if !reflect.DeepEqual(got, changed) {
		t.Errorf("after a change: %+v", got)
	}
}

// Each way to sort and to search that the package promises reads its index.
func TestListsReadTheirIndexes(t *testing.T) {
	t.Parallel()
	conn := newTables(t)
	rows := make([]Row, 3000)
	for i := range rows {
		rows[i] = someRow(i)
	}
	put(t, conn, true, rows...)
	if _, err := conn.Exec(t.Context(), "vacuum analyze projection.users_1"); err != nil {
		t.Fatal(err)
	}
	const list = "select id from projection.users where tenant = 'default' and state <> 3 "
	queries := map[string]string{
		list + "and email_lower = 'user7@example.com' and email = 'User7@Example.com'":         "users_1_by_email",
		list + "and username_lower >= 'üser29' and username_lower < 'üser2:' and id > 'u'":     "users_1_by_username",
		list + "and organization_id = 'o2' order by id limit 10":                               "users_1_by_organization",
		list + "and phone = '+41791111111' and phone <> ''":                                    "users_1_by_phone",
		list + "and search like '%ser299%' and username_lower like '%ser299%'":                 "users_1_by_search",
		list + "and search like '%2999@example.com%' and email_lower like '%2999@example.com'": "users_1_by_search",
	}
	for _, column := range sortable {
		name := "users_1_by_" + strings.TrimSuffix(column, "_lower")
		queries[fmt.Sprintf("%sorder by %s, id limit 10", list, column)] = name
		queries[fmt.Sprintf("%sorder by %s desc, id desc limit 10", list, column)] = name
	}
	for query, index := range queries {
		plan := explain(t, conn, query)
		if !strings.Contains(plan, index) || strings.Contains(plan, "Sort") {
			t.Errorf("%s\nreads not %s:\n%s", query, index, plan)
		}
	}
}

func TestTablesWithoutTrigrams(t *testing.T) {
	t.Parallel()
	pool := storetest.NewDatabase(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	// A database without the extension, as far as the migration can tell: its index asks for one that does not exist.
	if err := projection.Migrate(t.Context(), conn.Conn(), without{New(nil)}); err != nil {
		t.Fatal(err)
	}
	put(t, conn.Conn(), false, someRow(1))
	var id string
	err = conn.QueryRow(t.Context(), "select id from projection.users where search like '%family1%'").Scan(&id)
	if err != nil || id != "u00001" {
		t.Errorf("%q, %v", id, err)
	}
}

// without is the model in a database that lacks its extension.
type without struct{ *Model }

func (w without) Schema(generation int) projection.Schema {
	schema := w.Model.Schema(generation)
	for i := range schema.Indexes {
		if schema.Indexes[i].Extension != "" {
			schema.Indexes[i].Extension = "signet_no_such_extension"
		}
	}
	return schema
}

func TestColumnsMatch(t *testing.T) {
	t.Parallel()
	var row Row
	if got, want := len(row.values()), len(columnNames); got != want {
		t.Errorf("%d values for %d columns", got, want)
	}
	var a arrays
	if got, want := len(a.args()), len(columnNames); got != want {
		t.Errorf("%d arrays for %d columns", got, want)
	}
	names := strings.Split(strings.ReplaceAll(strings.ReplaceAll(loaded, "u.", ""), "\n", " "), ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	if !slices.Equal(names, columnNames[:len(row.fields())]) {
		t.Errorf("loaded %v", names)
	}
}

func explain(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), "explain "+query)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(lines, "\n")
}

func normalize(row *Row) {
	row.CreatedAt, row.ChangedAt = row.CreatedAt.UTC(), row.ChangedAt.UTC()
	if row.PasswordChangedAt != nil {
		at := row.PasswordChangedAt.UTC()
		row.PasswordChangedAt = &at
	}
	if row.MFAInitSkippedAt != nil {
		at := row.MFAInitSkippedAt.UTC()
		row.MFAInitSkippedAt = &at
	}
}

func streamOf(row Row) eventstore.StreamID {
	return eventstore.StreamID{Tenant: row.Tenant, Kind: "user", ID: row.ID}
}

// eventOf is an event that continues the row.
func eventOf(row Row) []eventstore.Event {
	return []eventstore.Event{{Stream: streamOf(row), Version: row.Version + 1}}
}

// What an organization's end leaves of a row in the table is what Row.end leaves of it.
func TestEndInTheTable(t *testing.T) {
	t.Parallel()
	conn := newTables(t)
	row, other := someRow(1), someRow(2)
	other.OrganizationID = "o2"
	put(t, conn, false, row, other)
	f := New(nil).Open(1).(*fold)
	gone := eventstore.Event{Stream: eventstore.StreamID{Tenant: "default", Kind: kindOrganization, ID: "o1"}, Version: 2}
	if cause, err := f.takeOrganization(&eventv1.OrganizationRemoved{}, nil, &gone); cause != nil || err != nil {
		t.Fatal(cause, err)
	}
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return f.Write(t.Context(), tx) })
	if err != nil {
		t.Fatal(err)
	}
	row.end()
	for _, want := range []Row{row, other} {
		got := get(t, conn, want)
		normalize(&got)
		normalize(&want)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	var lowered string
	err = conn.QueryRow(t.Context(), `select concat(username_lower, given_name_lower, family_name_lower, nick_name_lower, display_name_lower,
		email_lower) from projection.users where id = $1`, row.ID).Scan(&lowered)
	if err != nil || lowered != "" {
		t.Errorf("%q is left, %v", lowered, err)
	}
}
