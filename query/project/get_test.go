package project_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/organizations"
	"github.com/signet-iam/signet/projection/projects"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/project"
)

// Whatever was recorded is there at once, changes, names of organizations and the end included.
func TestReadsSeeWrites(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "org", "o1", organization("Owner"))
	grantee := caller(on(permission.Membership{Organization: "o2"}, permission.OrganizationOwnerViewer))
	d.record(t, "org", "o2", organization("Partner"))
	for i := range 5 {
		id, name := fmt.Sprintf("p%d", i), fmt.Sprintf("Partner %d", i)
		d.record(t, "project", id, added("o1", "Shop"), role("reader"))
		d.record(t, "project", id, grant("o2", "reader"))
		d.record(t, "org", "o2", &eventv1.OrganizationRenamed{Name: name})
		got, err := d.queries.Get(t.Context(), grantee, id, strong())
		if err != nil || got.Name != "Shop" || got.Organization != "o1" || got.State != project.Active ||
			got.Granted != (project.Granted{Organization: "o2", Name: name, State: project.Active}) {
			t.Fatalf("granted: %+v, %v", got, err)
		}
		receipt := d.record(t, "project", id, &eventv1.ProjectDeactivated{}, &eventv1.ProjectGrantDeactivated{OrganizationId: "o2"})
		got, err = d.queries.Get(t.Context(), root(), id, strong())
		if err != nil || got.State != project.Inactive || got.Granted != (project.Granted{}) || got.Version != 5 || got.Position != receipt.Position {
			t.Fatalf("deactivated: %+v, %v", got, err)
		}
		got, err = d.queries.Get(t.Context(), grantee, id, strong())
		if err != nil || got.Granted.State != project.Inactive {
			t.Fatalf("granted no more: %+v, %v", got, err)
		}
		list, err := d.queries.List(t.Context(), grantee, project.ListRequest{Consistency: strong()})
		if err != nil || list.Total != 1 || list.Rows[0].ID != id || list.Rows[0].Granted.Name != name || list.Position < receipt.Position {
			t.Fatalf("list: %+v, %v", list, err)
		}
		d.record(t, "project", id, &eventv1.ProjectRemoved{})
		for as, want := range map[*permission.Caller]error{root(): project.ErrNotFound, grantee: query.ErrDenied} {
			if _, err := d.queries.Get(t.Context(), as, id, strong()); !errors.Is(err, want) {
				t.Fatalf("removed: %v", err)
			}
		}
	}
}

// The end of an organization is the end of its projects and grants from then on, however far the read models are.
func TestTheEndOfAnOrganization(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	stop := d.runAll(t)
	for _, id := range []string{"o1", "o2", "o3"} {
		d.record(t, "org", id, organization(id))
	}
	d.record(t, "project", "p1", added("o1", "Shop"), grant("o2"), grant("o3"))
	d.record(t, "project", "p2", added("o2", "Market"), grant("o3"))
	of := func(id string) *permission.Caller {
		return caller(on(permission.Membership{Organization: id}, permission.OrganizationOwner))
	}
	get := func(as *permission.Caller, id string, c query.Consistency) (project.Project, error) {
		return d.queries.Get(t.Context(), as, id, c)
	}
	for _, id := range []string{"p1", "p2"} {
		_, err := get(of("o3"), id, strong())
		must(t, err)
	}
	stop()
	d.record(t, "org", "o2", &eventv1.OrganizationRemoved{})
	for _, c := range []query.Consistency{{Timeout: time.Millisecond}, {Mode: query.Eventual}} {
		if _, err := get(root(), "p2", c); !errors.Is(err, project.ErrNotFound) {
			t.Errorf("of an organization that ended: %v", err)
		}
		if _, err := get(of("o3"), "p2", c); !errors.Is(err, query.ErrDenied) {
			t.Errorf("granted by an organization that ended: %v", err)
		}
		if _, err := get(of("o2"), "p1", c); !errors.Is(err, query.ErrDenied) {
			t.Errorf("granted to an organization that ended: %v", err)
		}
		if _, err := get(of("o3"), "p1", c); err != nil {
			t.Errorf("granted to another: %v", err)
		}
	}
	d.runAll(t)
	list, err := d.queries.ListGrants(t.Context(), root(), project.GrantsRequest{Consistency: strong()})
	if err != nil || list.Total != 1 || list.Rows[0].To.Organization != "o3" || list.Rows[0].Project != "p1" {
		t.Errorf("grants: %+v, %v", list, err)
	}
}

func TestAReadThatIsBehindFails(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "org", "o2", organization("Partner"))
	d.record(t, "project", "p", added("o1", "Shop"), grant("o2")) // and no projection runs
	soon := query.Consistency{Timeout: time.Millisecond}
	if _, err := d.queries.Get(t.Context(), root(), "p", soon); !errors.Is(err, query.ErrBehind) {
		t.Errorf("get: %v", err)
	}
	d.run(t, projects.New(d.codec)) // but not that of names
	if _, err := d.queries.Get(t.Context(), root(), "p", strong()); err != nil {
		t.Errorf("what needs no name: %v", err)
	}
	if _, err := d.queries.ListRoles(t.Context(), root(), project.RolesRequest{Project: "p", Consistency: strong()}); err != nil {
		t.Errorf("roles: %v", err)
	}
	grantee := caller(on(permission.Membership{Organization: "o2"}, permission.OrganizationOwner))
	if _, err := d.queries.Get(t.Context(), grantee, "p", soon); !errors.Is(err, query.ErrBehind) {
		t.Errorf("get with a name: %v", err)
	}
	if _, err := d.queries.List(t.Context(), root(), project.ListRequest{Consistency: soon}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("list: %v", err)
	}
	if _, err := d.queries.ListGrants(t.Context(), root(), project.GrantsRequest{Consistency: soon}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("list of grants: %v", err)
	}
	// Whoever may not read learns nothing of how far anything is.
	if _, err := d.queries.Get(t.Context(), caller(), "p", soon); !errors.Is(err, query.ErrDenied) {
		t.Errorf("get by a stranger: %v", err)
	}
}

func TestEventualReads(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "project", "p", added("o1", "Shop"))
	eventual := query.Consistency{Mode: query.Eventual}
	if _, err := d.queries.Get(t.Context(), root(), "p", eventual); !errors.Is(err, project.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	list, err := d.queries.List(t.Context(), root(), project.ListRequest{Consistency: eventual})
	if err != nil || list.Total != 0 {
		t.Errorf("list: %+v, %v", list, err)
	}
	d.runAll(t)
	at := d.record(t, "org", "o1", organization("Owner")).Position
	got, err := d.queries.Get(t.Context(), root(), "p", query.Consistency{MinPosition: at, Timeout: long})
	if err != nil || got.Name != "Shop" {
		t.Errorf("get from a position on: %+v, %v", got, err)
	}
}

func TestImpossibleIDs(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, id := range []string{"", "\x00", fmt.Sprintf("%201s", "x")} {
		_, err := d.queries.Get(t.Context(), root(), id, strong())
		if refusal, _ := errors.AsType[*failure.Error](err); refusal == nil || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A rebuild from the log yields the same rows.
func TestRebuild(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "org", "o2", organization("Partner"))
	d.record(t, "org", "o3", organization("Gone"))
	d.record(t, "project", "a", added("o1", "first"), role("reader"), role("writer"), grant("o2", "reader", "writer"), grant("o3", "writer"))
	d.record(t, "project", "a", &eventv1.ProjectRoleRemoved{Key: "writer"}, &eventv1.ProjectChanged{Name: proto.String("second")})
	d.record(t, "project", "b", added("o3", "orphan"), role("reader"), grant("o2", "reader"))
	d.record(t, "project", "c", added("o1", "removed"), role("reader"), &eventv1.ProjectRemoved{})
	d.record(t, "org", "o3", &eventv1.OrganizationRemoved{})
	d.record(t, "project", "b", role("late"), grant("o1"))
	d.record(t, "project", "d", added("o3", "born an orphan"), role("late"))
	d.record(t, "project", "a", grant("o4"))
	list, err := d.queries.List(t.Context(), root(), project.ListRequest{Consistency: strong()})
	if err != nil || list.Total != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	operator := projection.NewOperator(d.projection(), projection.Options{}, projects.New(d.codec), organizations.New(d.codec))
	if found, err := operator.Verify(t.Context(), projects.Name, nil); err != nil || found.Rows != 4+1+2+1 || found.Differing != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}
