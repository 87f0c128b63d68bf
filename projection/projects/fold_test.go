package projects

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
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

// recorded is an event of a project or an organization.
type recorded struct {
	ev  *eventstore.Event
	msg proto.Message
}

// shown is what the tables have of a tenant.
type shown struct {
	Projects map[string]Row
	Roles    map[[2]string]shownRole  // by project and key
	Grants   map[[2]string]shownGrant // by project and organization
}

type shownRole struct {
	Display, Group   string
	Created, Changed time.Time
}

type shownGrant struct {
	Owner            string
	Roles            []string
	State            int16
	Created, Changed time.Time
}

// expected says what the tables must have, from a whole history at once: what was recorded of something is there unless an end of
// it, or of what it hangs on, came at any time.
func expected(history []recorded) shown {
	s := shown{make(map[string]Row), make(map[[2]string]shownRole), make(map[[2]string]shownGrant)}
	gone := make(map[string]bool)
	for _, r := range history {
		id := r.ev.Stream.ID
		if r.ev.Stream.Kind == projectKind {
			before := s.Projects[id]
			s.take(r)
			if row := s.Projects[id]; before.Version > 0 && gone[row.OrganizationID] {
				row.ChangedAt = before.ChangedAt
				s.Projects[id] = row
			}
		} else if _, end := r.msg.(*eventv1.OrganizationRemoved); end {
			gone[id] = true
		}
	}
	for id := range gone {
		s.end(id)
	}
	return s
}

func (s *shown) take(r recorded) {
	id, at := r.ev.Stream.ID, r.ev.RecordedAt
	row := s.Projects[id]
	row.Tenant, row.ID, row.Version, row.Position = r.ev.Stream.Tenant, id, r.ev.Version, r.ev.Position
	switch m := r.msg.(type) {
	case *eventv1.ProjectAdded:
		row.OrganizationID, row.CreatedAt, row.ChangedAt = m.GetOrganizationId(), at, at
		row.Facts = Facts{m.GetName(), 1, m.GetRoleAssertion(), m.GetAuthorizationRequired(), m.GetAccessRequired(), int16(m.GetLabeling())}
	case *eventv1.ProjectChanged:
		row.Name, row.ChangedAt = m.GetName(), at
	case *eventv1.ProjectDeactivated:
		row.State, row.ChangedAt = 2, at
	case *eventv1.ProjectActivated:
		row.State, row.ChangedAt = 1, at
	case *eventv1.ProjectRemoved:
		row.Removed, row.Facts, row.ChangedAt = true, Facts{}, at
		s.clear(id)
	case *eventv1.ProjectRoleAdded:
		s.Roles[[2]string{id, m.GetKey()}] = shownRole{m.GetDisplayName(), m.GetGroup(), at, at}
	case *eventv1.ProjectRoleChanged:
		k := [2]string{id, m.GetKey()}
		if old, there := s.Roles[k]; there {
			s.Roles[k] = shownRole{old.Display, m.GetGroup(), old.Created, at}
		}
	case *eventv1.ProjectRoleRemoved:
		delete(s.Roles, [2]string{id, m.GetKey()})
		for k, g := range s.Grants {
			if i := slices.Index(g.Roles, m.GetKey()); k[0] == id && i >= 0 {
				g.Roles, g.Changed = slices.Delete(slices.Clone(g.Roles), i, i+1), at
				s.Grants[k] = g
			}
		}
	default:
		s.takeGrant(r)
	}
	s.Projects[id] = row
}

func (s *shown) takeGrant(r recorded) {
	id, at := r.ev.Stream.ID, r.ev.RecordedAt
	k := [2]string{id, r.msg.(interface{ GetOrganizationId() string }).GetOrganizationId()}
	g, there := s.Grants[k]
	g.Changed = at
	switch m := r.msg.(type) {
	case *eventv1.ProjectGrantAdded:
		g, there = shownGrant{s.Projects[id].OrganizationID, m.GetRoleKeys(), 1, at, at}, true
	case *eventv1.ProjectGrantChanged:
		g.Roles = m.GetRoleKeys()
	case *eventv1.ProjectGrantDeactivated:
		g.State = 2
	case *eventv1.ProjectGrantActivated:
		g.State = 1
	case *eventv1.ProjectGrantRemoved:
		there = false
		delete(s.Grants, k)
	}
	if there {
		s.Grants[k] = g
	}
}

// clear takes away what hangs on a project.
func (s *shown) clear(project string) {
	maps.DeleteFunc(s.Roles, func(k [2]string, _ shownRole) bool { return k[0] == project })
	maps.DeleteFunc(s.Grants, func(k [2]string, _ shownGrant) bool { return k[0] == project })
}

func (s *shown) end(organization string) {
	for id, row := range s.Projects {
		if row.OrganizationID == organization {
			row.Removed, row.Facts = true, Facts{}
			s.Projects[id] = row
			s.clear(id)
		}
	}
	maps.DeleteFunc(s.Grants, func(k [2]string, _ shownGrant) bool { return k[1] == organization })
}

// stored reads what the tables have of a tenant.
func stored(ctx context.Context, q projection.Querier, tenant string) (shown, error) {
	s := shown{make(map[string]Row), make(map[[2]string]shownRole), make(map[[2]string]shownGrant)}
	err := each(ctx, q, tenant, strings.Replace(projectColumns, "name_lower, ", "", 1), "projects", func(rows pgx.Rows) error {
		var r Row
		err := r.scan(rows)
		r.CreatedAt, r.ChangedAt = r.CreatedAt.UTC(), r.ChangedAt.UTC()
		s.Projects[r.ID] = r
		return err
	})
	err = errors.Join(err, each(ctx, q, tenant, roleColumns, "projects_roles", func(rows pgx.Rows) error {
		var r shownRole
		var project, name, lower, displayLower string
		err := rows.Scan(&tenant, &project, &name, &lower, &r.Display, &displayLower, &r.Group, &r.Created, &r.Changed)
		if lower != strings.ToLower(name) || displayLower != strings.ToLower(r.Display) {
			return fmt.Errorf("lower cases of role %s: %s, %s", name, lower, displayLower)
		}
		r.Created, r.Changed = r.Created.UTC(), r.Changed.UTC()
		s.Roles[[2]string{project, name}] = r
		return err
	}))
	return s, errors.Join(err, each(ctx, q, tenant, grantColumns, "projects_grants", func(rows pgx.Rows) error {
		var g shownGrant
		var project, organization string
		err := rows.Scan(&tenant, &project, &organization, &g.Owner, &g.Roles, &g.State, &g.Created, &g.Changed)
		g.Created, g.Changed = g.Created.UTC(), g.Changed.UTC()
		s.Grants[[2]string{project, organization}] = g
		return err
	}))
}

func each(ctx context.Context, q projection.Querier, tenant, columns, view string, take func(pgx.Rows) error) error {
	rows, err := q.Query(ctx, "select "+columns+" from projection."+view+" where tenant = $1", tenant)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

var (
	keys          = rapid.SampledFrom([]string{"Admin", "reader", "writer"})
	organizations = rapid.SampledFrom([]string{"o1", "o2", "o3"})
)

func drawKeys(t *rapid.T) []string {
	return rapid.SliceOfNDistinct(keys, 0, 3, rapid.ID[string]).Draw(t, "keys")
}

func drawMessage(t *rapid.T) proto.Message {
	switch rapid.IntRange(0, 13).Draw(t, "event") {
	case 0:
		return &eventv1.ProjectChanged{Name: proto.String(rapid.StringN(1, 3, -1).Filter(noNulls).Draw(t, "name"))}
	case 1:
		return &eventv1.ProjectDeactivated{}
	case 2:
		return &eventv1.ProjectActivated{}
	case 3:
		return &eventv1.ProjectRemoved{}
	case 4, 5:
		return &eventv1.ProjectRoleAdded{Key: keys.Draw(t, "key"), DisplayName: "Ä", Group: "g"}
	case 6:
		return &eventv1.ProjectRoleChanged{Key: keys.Draw(t, "key"), Group: proto.String("changed")}
	case 7:
		return &eventv1.ProjectRoleRemoved{Key: keys.Draw(t, "key")}
	case 8, 9:
		return &eventv1.ProjectGrantAdded{OrganizationId: organizations.Draw(t, "to"), RoleKeys: drawKeys(t)}
	case 10:
		return &eventv1.ProjectGrantChanged{OrganizationId: organizations.Draw(t, "to"), RoleKeys: drawKeys(t)}
	case 11:
		return &eventv1.ProjectGrantDeactivated{OrganizationId: organizations.Draw(t, "to")}
	case 12:
		return &eventv1.ProjectGrantActivated{OrganizationId: organizations.Draw(t, "to")}
	default:
		return &eventv1.ProjectGrantRemoved{OrganizationId: organizations.Draw(t, "to")}
	}
}

func noNulls(s string) bool { return !strings.Contains(s, "\x00") }

// drawEvent draws the next event of a project or an organization; nil when that has ended.
func drawEvent(t *rapid.T, versions map[string]int, ended map[string]bool) (kind, id string, msg proto.Message) {
	if rapid.IntRange(0, 9).Draw(t, "about") == 0 {
		kind, id = organizationKind, organizations.Draw(t, "organization")
		msg = &eventv1.OrganizationRenamed{Name: "other"}
		if rapid.Bool().Draw(t, "end") {
			msg = &eventv1.OrganizationRemoved{}
		}
	} else {
		kind, id = projectKind, rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(t, "project")
		msg = drawMessage(t)
		if versions[id] == 0 {
			msg = added(organizations.Draw(t, "owner"), "Shop")
		}
	}
	if ended[id] {
		return kind, id, nil
	}
	versions[id]++
	switch msg.(type) {
	case *eventv1.ProjectRemoved, *eventv1.OrganizationRemoved:
		ended[id] = true
	}
	return kind, id, msg
}

// Whatever happens to projects and organizations, in whatever order, and however it is cut into stretches and writes, the tables
// have what the whole history says.
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
		for position := range rapid.IntRange(0, 60).Draw(rt, "length") {
			kind, id, msg := drawEvent(rt, versions, ended)
			if msg == nil {
				continue
			}
			ev := event(kind, id, versions[id], msg)
			ev.Stream.Tenant, ev.Position, ev.RecordedAt = tenant, eventstore.Position(position+1), at(position)
			waiting = append(waiting, recorded{ev, msg})
			then := rapid.IntRange(0, 4).Draw(rt, "then")
			if then < 2 {
				f.takeAll(rt, pool, waiting)
				history, waiting = append(history, waiting...), nil
			}
			if then == 0 {
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
	plain, messages := make([]eventstore.Event, len(events)), make([]codec.Message, len(events))
	for i, r := range events {
		plain[i], messages[i].Proto = *r.ev, r.msg
	}
	err := errors.Join(f.load(context.Background(), pool, plain), f.loadEnded(context.Background(), pool, named(plain, messages)))
	if err != nil {
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
		all[i] = recorded{event(projectKind, id, i+1, msg), msg}
	}
	return all
}

func TestSkipped(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	f := New(nil).Open(1).(*fold)
	skipped := func(kind, id string, version int, msg proto.Message) {
		t.Helper()
		if err := f.Skip(t.Context(), pool, event(kind, id, version, msg)); err != nil {
			t.Fatal(err)
		}
	}
	role := &eventv1.ProjectRoleAdded{Key: "k"}
	f.takeAll(t, pool, history("changed", added("o1", "a"), role))
	f.takeAll(t, pool, history("ended", added("o1", "b"), role))
	f.takeAll(t, pool, history("orphan", added("o2", "c"), role))
	skipped(projectKind, "began", 1, added("o1", "d"))
	f.takeAll(t, pool, history("began", nil, role)[1:])
	f.write(t, pool)
	skipped(projectKind, "changed", 3, &eventv1.ProjectDeactivated{})
	skipped(projectKind, "changed", 3, &eventv1.ProjectDeactivated{})
	skipped(projectKind, "ended", 3, &eventv1.ProjectRemoved{})
	skipped(organizationKind, "o2", 2, &eventv1.OrganizationRemoved{})
	f.write(t, pool)
	got, err := stored(t.Context(), pool, "default")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		version uint64
		removed bool
	}{"changed": {3, false}, "ended": {3, true}, "orphan": {2, true}, "began": {2, true}} {
		if row := got.Projects[id]; row.Version != want.version || row.Removed != want.removed {
			t.Errorf("%s: %+v", id, row)
		}
	}
	if _, kept := got.Roles[[2]string{"changed", "k"}]; !kept || len(got.Roles) != 1 {
		t.Errorf("roles: %v", got.Roles)
	}
	if err := f.Skip(t.Context(), pool, event(projectKind, "changed", 5, nil)); !errors.Is(err, projection.ErrGap) {
		t.Errorf("beyond the next: %v", err)
	}
}

// An event that cannot be applied changes nothing, and what organizations do besides ending is never in the way.
func TestCauses(t *testing.T) {
	t.Parallel()
	pool := newTables(t)
	f := New(nil).Open(1).(*fold)
	f.takeAll(t, pool, history("p1", added("o1", "a")))
	for name, c := range map[string]struct {
		ev        *eventstore.Event
		msg       proto.Message
		undecoded error
		want      string
	}{
		"a null":              {event(projectKind, "p1", 2, nil), &eventv1.ProjectRoleAdded{Key: "\x00"}, nil, projection.ErrHasNulls.Error()},
		"damaged":             {event(projectKind, "p1", 2, nil), nil, codec.ErrDamaged, "it is damaged"},
		"a gap":               {event(projectKind, "p1", 3, nil), &eventv1.ProjectActivated{}, nil, "missing before it"},
		"of none":             {event(projectKind, "p2", 1, nil), &eventv1.ProjectActivated{}, nil, errNoProject.Error()},
		"damaged elsewhere":   {event(organizationKind, "o1", 2, nil), nil, codec.ErrDamaged, ""},
		"unknown to everyone": {event(organizationKind, "o1", 3, nil), nil, codec.ErrUnknownType, ""},
	} {
		cause, err := f.takeOne(c.msg, c.undecoded, c.ev)
		if err != nil || (cause == nil) != (c.want == "") || cause != nil && !strings.Contains(cause.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, cause, err)
		}
	}
	if e := f.rows[projection.Key{Tenant: "default", ID: "p1"}]; e.Row.Version != 1 || f.script.Len() != 0 {
		t.Errorf("%+v, %d for steps", e.Row, f.script.Len())
	}
}
