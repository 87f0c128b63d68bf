package project_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/project"
)

var (
	organizationIDs = []string{"o1", "o2", "o3", "o4", "o5"}
	projectIDs      = slices.Collect(func(yield func(string) bool) {
		for i := range 14 {
			if !yield(fmt.Sprintf("p%d", i)) {
				return
			}
		}
	})
	roleKeys = []string{"Admin", "reader", "writer", "a_%"}
	names    = []string{"Shop", "shop", "Große Bühne", `100%_\`}
)

// step is something that happens in a world.
type step struct {
	kind, id string
	messages []proto.Message
}

// drawWorld draws what happens: organizations and projects come, are granted and go.
func drawWorld(t *rapid.T) (steps []step) {
	some := func(of []string, label string) []string {
		if len(of) == 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID[string]).Draw(t, label)
	}
	for _, id := range organizationIDs {
		steps = append(steps, step{"org", id, []proto.Message{organization("Organization " + id)}})
	}
	for _, id := range projectIDs {
		owner := rapid.SampledFrom(organizationIDs).Draw(t, "owner")
		first := added(owner, rapid.SampledFrom(names).Draw(t, "name"))
		first.RoleAssertion, first.AccessRequired = rapid.Bool().Draw(t, "assertion"), rapid.Bool().Draw(t, "access")
		first.Labeling = eventv1.ProjectLabeling(rapid.IntRange(0, 2).Draw(t, "labeling"))
		steps = append(steps, step{"project", id, []proto.Message{first}})
		roles := some(roleKeys, "roles")
		for _, key := range roles {
			steps = append(steps, step{"project", id, []proto.Message{role(key)}})
		}
		for _, to := range some(organizationIDs, "grants") {
			if to != owner {
				steps = append(steps, step{"project", id, []proto.Message{grant(to, some(roles, "granted")...)}})
				if rapid.IntRange(0, 3).Draw(t, "inactive grant") == 0 {
					steps = append(steps, step{"project", id, []proto.Message{&eventv1.ProjectGrantDeactivated{OrganizationId: to}}})
				}
			}
		}
		var after []proto.Message
		for _, key := range some(roles, "removed") {
			after = append(after, &eventv1.ProjectRoleRemoved{Key: key})
		}
		switch rapid.IntRange(0, 6).Draw(t, "end") {
		case 0:
			after = append(after, &eventv1.ProjectRemoved{})
		case 1, 2:
			after = append(after, &eventv1.ProjectDeactivated{})
		}
		if len(after) > 0 {
			steps = append(steps, step{"project", id, after})
		}
	}
	return append(steps, step{"org", "o5", []proto.Message{&eventv1.OrganizationRemoved{}}})
}

// newWorld records what the reference knows.
func newWorld(t *testing.T, d *database, tenant string, seed int) *world {
	t.Helper()
	w := &world{tenant: tenant, organizations: make(map[string]string), projects: make(map[string]*thing)}
	for _, s := range rapid.Custom(drawWorld).Example(seed) {
		w.record(t, d, s.kind, s.id, s.messages...)
	}
	return w
}

// drawPerson draws a caller with memberships on any level.
func drawPerson(t *rapid.T) (who person) {
	for range rapid.IntRange(0, 4).Draw(t, "memberships") {
		m := permission.Membership{}
		level := permission.Level(rapid.SampledFrom([]int{0, 1, 1, 1, 2, 2, 3, 3}).Draw(t, "level"))
		if level >= permission.OnOrganization {
			m.Organization = rapid.SampledFrom(organizationIDs).Draw(t, "organization")
		}
		if level >= permission.OnProject {
			m.Project = rapid.SampledFrom(append([]string{"other"}, projectIDs...)).Draw(t, "project")
		}
		if level >= permission.OnProjectGrant {
			m.Granted = rapid.SampledFrom(organizationIDs).Draw(t, "to")
		}
		for _, d := range permission.Definitions() {
			if d.Level == level && rapid.IntRange(0, 2).Draw(t, d.Role) == 0 {
				m.Roles = append(m.Roles, d.Role)
			}
		}
		who = append(who, m)
	}
	return who
}

func drawWindow(t *rapid.T) window {
	return window{
		ascending: rapid.Bool().Draw(t, "ascending"),
		offset:    rapid.SampledFrom([]uint64{0, 0, 0, 1, 3, 9, 1000}).Draw(t, "offset"),
		limit:     rapid.SampledFrom([]uint32{0, 1, 2, 9, 10, 11, 1000}).Draw(t, "limit"),
	}
}

func drawNamed(t *rapid.T) project.Named {
	value := rapid.SampledFrom([]string{"", "Shop", "sH", "op", "ü", "Ü", "%", "_", `\`, "Große Bühne"}).Draw(t, "value")
	return project.Named{Is: query.TextMethod(rapid.IntRange(0, 7).Draw(t, "is")), Value: value}
}

func drawRoleKey(t *rapid.T) project.RoleKey {
	return project.RoleKey{
		Is: query.TextMethod(rapid.IntRange(0, 7).Draw(t, "is")), Value: rapid.SampledFrom([]string{"", "r", "R", "admin", "_%", "er"}).Draw(t, "key"),
	}
}

func drawIDs(t *rapid.T) project.InIDs {
	return rapid.SliceOfN(rapid.SampledFrom(projectIDs), 0, 14).Draw(t, "ids")
}

func drawFilter(t *rapid.T) project.Filter {
	switch rapid.IntRange(0, 2).Draw(t, "filter") {
	case 0:
		return drawNamed(t)
	case 1:
		return drawIDs(t)
	}
	return project.OfOrganization{
		ID: rapid.SampledFrom(organizationIDs).Draw(t, "of"), By: project.Relation(rapid.IntRange(0, 2).Draw(t, "by")),
	}
}

func drawRoleFilter(t *rapid.T) project.RoleFilter {
	k := drawRoleKey(t)
	if rapid.Bool().Draw(t, "display name") {
		return project.RoleDisplayName{Is: k.Is, Value: "The " + k.Value}
	}
	return k
}

func drawGrantFilter(t *rapid.T) project.GrantFilter {
	organization := rapid.SampledFrom(organizationIDs).Draw(t, "of")
	switch rapid.IntRange(0, 4).Draw(t, "filter") {
	case 0:
		return drawNamed(t)
	case 1:
		return drawIDs(t)
	case 2:
		return project.OwnedBy(organization)
	case 3:
		return project.GrantedTo(organization)
	}
	return drawRoleKey(t)
}

// Whatever is asked by whomever, pages and totals are those of the reference, of one tenant.
func TestAnyQuestion(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	worlds := []*world{newWorld(t, d, "t1", 1), newWorld(t, d, "t2", 2), newWorld(t, d, "t3", 3)}
	rapid.Check(t, func(t *rapid.T) {
		w, who, asked := rapid.SampledFrom(worlds).Draw(t, "world"), drawPerson(t), drawWindow(t)
		sorted := project.Column(rapid.IntRange(0, 2).Draw(t, "sort"))
		w.checkGet(t, d, who, rapid.SampledFrom(append([]string{"nothing"}, projectIDs...)).Draw(t, "id"))
		w.checkRoles(t, d, who, project.RolesRequest{
			Project: rapid.SampledFrom(projectIDs).Draw(t, "of project"), Filters: rapid.SliceOfN(rapid.Custom(drawRoleFilter), 0, 2).Draw(t, "of roles"),
			Sort: sorted, Page: query.Page{Ascending: asked.ascending, Offset: asked.offset, Limit: asked.limit}, Consistency: strong(),
		})
		w.checkGrants(t, d, who, project.GrantsRequest{
			Filters: rapid.SliceOfN(rapid.Custom(drawGrantFilter), 0, 5).Draw(t, "of grants"),
			Sort:    sorted, Page: query.Page{Ascending: asked.ascending, Offset: asked.offset, Limit: asked.limit}, Consistency: strong(),
		})
		w.check(t, d, who, project.ListRequest{
			Filters: rapid.SliceOfN(rapid.Custom(drawFilter), 0, 5).Draw(t, "of projects"),
			Sort:    sorted, Page: query.Page{Ascending: asked.ascending, Offset: asked.offset, Limit: asked.limit}, Consistency: strong(),
		})
	})
}

func (w *world) checkGet(t rapid.TB, d *database, who person, id string) {
	t.Helper()
	want, refusal := w.get(who, id)
	got, err := d.queries.Get(context.Background(), callerIn(w.tenant, who...), id, strong())
	if !errors.Is(err, refusal) || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s by %+v\ngot  %+v, %v\nwant %+v, %v", id, who, got, err, want, refusal)
	}
}

func (w *world) check(t rapid.TB, d *database, who person, r project.ListRequest) {
	t.Helper()
	want, total := cut(w.rows(who), r.Filters, holds, order(r.Sort), window{r.Page.Ascending, r.Page.Offset, r.Page.Limit})
	got, err := d.queries.List(context.Background(), callerIn(w.tenant, who...), r)
	compare(t, fmt.Sprintf("%+v by %+v", r, who), answer[project.Project]{got.Rows, got.Total, err}, answer[project.Project]{want, uint64(total), nil})
}

func (w *world) checkRoles(t rapid.TB, d *database, who person, r project.RolesRequest) {
	t.Helper()
	want, total := cut(w.roles(who, r.Project), r.Filters, holdsRole, orderRoles(r.Sort), window{r.Page.Ascending, r.Page.Offset, r.Page.Limit})
	got, err := d.queries.ListRoles(context.Background(), callerIn(w.tenant, who...), r)
	compare(t, fmt.Sprintf("%+v by %+v", r, who), answer[project.Role]{got.Rows, got.Total, err}, answer[project.Role]{want, uint64(total), nil})
}

func (w *world) checkGrants(t rapid.TB, d *database, who person, r project.GrantsRequest) {
	t.Helper()
	want, total := cut(w.grants(who), r.Filters, holdsGrant, orderGrants(r.Sort), window{r.Page.Ascending, r.Page.Offset, r.Page.Limit})
	got, err := d.queries.ListGrants(context.Background(), callerIn(w.tenant, who...), r)
	compare(t, fmt.Sprintf("%+v by %+v", r, who), answer[project.Grant]{got.Rows, got.Total, err}, answer[project.Grant]{want, uint64(total), nil})
}

type answer[R any] struct {
	rows  []R
	total uint64
	err   error
}

func compare[R any](t rapid.TB, question string, got, want answer[R]) {
	t.Helper()
	if got.err != nil || got.total != want.total || len(got.rows) != len(want.rows) {
		t.Fatalf("%s\ngot  %d %+v, %v\nwant %d %+v", question, got.total, got.rows, got.err, want.total, want.rows)
	}
	for i := range want.rows {
		if !same(got.rows[i], want.rows[i]) {
			t.Fatalf("%s, row %d\ngot  %+v\nwant %+v", question, i, got.rows[i], want.rows[i])
		}
	}
}

// same compares rows; no roles are the same whether nil or empty.
func same(a, b any) bool {
	if a, is := a.(project.Grant); is {
		b := b.(project.Grant)
		equal := slices.Equal(a.Roles, b.Roles)
		a.Roles, b.Roles = nil, nil
		return equal && reflect.DeepEqual(a, b)
	}
	return reflect.DeepEqual(a, b)
}

func TestEveryColumnOfProjects(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	w := newWorld(t, d, "t1", 4)
	all := person{on(permission.Membership{}, permission.InstanceOwner)}
	for _, column := range []project.Column{project.ByCreation, project.ByChange, project.ByID, project.ByName} {
		for _, ascending := range []bool{false, true} {
			for offset := uint64(0); offset < 40; offset += 7 {
				w.check(t, d, all, project.ListRequest{Sort: column, Page: query.Page{Ascending: ascending, Offset: offset, Limit: 7}, Consistency: strong()})
			}
		}
	}
}

func TestInjectionIsData(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	w := newWorld(t, d, tenant, 5)
	for _, evil := range []string{`' or 1=1 --`, `'); drop table projection.projects_1; --`, `$1`, `\'; select pg_sleep(9) --`} {
		who := person{
			on(permission.Membership{Organization: evil}, permission.OrganizationOwner),
			on(permission.Membership{Organization: evil, Project: evil}, permission.ProjectOwner),
			on(permission.Membership{Organization: evil, Project: evil, Granted: evil}, permission.ProjectGrantOwner),
		}
		named, key := project.Named{Is: query.Contains, Value: evil}, project.RoleKey{Is: query.StartsWithIgnoreCase, Value: evil}
		for _, f := range []project.Filter{named, project.InIDs{evil}, project.OfOrganization{ID: evil}} {
			w.check(t, d, who, project.ListRequest{Filters: []project.Filter{f}, Consistency: strong()})
		}
		for _, f := range []project.GrantFilter{named, project.InIDs{evil}, project.OwnedBy(evil), project.GrantedTo(evil), key} {
			w.checkGrants(t, d, who, project.GrantsRequest{Filters: []project.GrantFilter{f}, Consistency: strong()})
		}
		w.checkRoles(t, d, who, project.RolesRequest{Project: evil, Filters: []project.RoleFilter{key}, Consistency: strong()})
	}
	w.check(t, d, person{on(permission.Membership{}, permission.InstanceOwner)}, project.ListRequest{Consistency: strong()})
}

func TestListsBeyondTheLimits(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	ctx, long := t.Context(), strings.Repeat("x", query.MaxText+1)
	list := func(r project.ListRequest) error { _, err := d.queries.List(ctx, root(), r); return err }
	of := func(filters ...project.Filter) error { return list(project.ListRequest{Filters: filters}) }
	roles := func(r project.RolesRequest) error { _, err := d.queries.ListRoles(ctx, root(), r); return err }
	ofRole := func(f project.RoleFilter) error {
		return roles(project.RolesRequest{Project: "p", Filters: []project.RoleFilter{f}})
	}
	grants := func(r project.GrantsRequest) error { _, err := d.queries.ListGrants(ctx, root(), r); return err }
	ofGrant := func(f project.GrantFilter) error {
		return grants(project.GrantsRequest{Filters: []project.GrantFilter{f}})
	}
	refusals := map[string]error{
		"limit":               list(project.ListRequest{Page: query.Page{Limit: query.MaxLimit + 1}}),
		"limit of roles":      roles(project.RolesRequest{Project: "p", Page: query.Page{Limit: query.MaxLimit + 1}}),
		"limit of grants":     grants(project.GrantsRequest{Page: query.Page{Limit: query.MaxLimit + 1}}),
		"offset":              list(project.ListRequest{Page: query.Page{Offset: 1 << 63}}),
		"column":              list(project.ListRequest{Sort: 4}),
		"column of roles":     roles(project.RolesRequest{Project: "p", Sort: project.ByName}),
		"column of grants":    grants(project.GrantsRequest{Sort: project.ByName}),
		"filters":             of(make([]project.Filter, query.MaxFilters+1)...),
		"no filter":           of(nil),
		"no filter of roles":  ofRole(nil),
		"no filter of grants": ofGrant(nil),
		"ids":                 of(project.InIDs(make([]string, query.MaxListed/2+1)), project.InIDs(make([]string, query.MaxListed/2))),
		"null in an id":       of(project.InIDs{"\x00"}),
		"null in a name":      of(project.Named{Value: "\x00"}),
		"long name":           of(project.Named{Value: long}),
		"method":              of(project.Named{Is: 8}),
		"relation":            of(project.OfOrganization{ID: "o", By: 3}),
		"long organization":   of(project.OfOrganization{ID: long}),
		"no project":          roles(project.RolesRequest{}),
		"null in a project":   roles(project.RolesRequest{Project: "\x00"}),
		"long key":            ofRole(project.RoleKey{Value: long}),
		"method of a key":     ofRole(project.RoleDisplayName{Is: 9}),
		"null in an owner":    ofGrant(project.OwnedBy("\x00")),
		"null in a grantee":   ofGrant(project.GrantedTo("\x00")),
		"long key of a grant": ofGrant(project.RoleKey{Value: long}),
	}
	for _, name := range slices.Sorted(maps.Keys(refusals)) {
		refusal, _ := errors.AsType[*failure.Error](refusals[name])
		if refusal == nil || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%s: %v", name, refusals[name])
		}
	}
}
