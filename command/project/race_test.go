package project_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/project"
)

// race runs n commands at once, on two nodes by turns, and returns how many were run. Each may be refused with one of the refusals.
func race(t *testing.T, on *commandtest.Node, n int, do func(s *project.Service, i int) error, refusals ...error) int {
	t.Helper()
	nodes := []*commandtest.Node{on, on.Another(t)}
	var done atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			err := do(nodes[i%2].Projects, i)
			switch {
			case err == nil:
				done.Add(1)
			case !slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) }):
				t.Errorf("command %d: %v", i, err)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(done.Load())
}

func TestRaceForAName(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for i := range 8 {
		_, err := n.Projects.Create(t.Context(), admin(""), project.Create{ID: fmt.Sprint(i), Organization: "default", Name: fmt.Sprint(i)})
		must(t, err)
	}
	won := race(t, n, 16, func(s *project.Service, i int) error {
		if i < 8 {
			_, err := s.Update(t.Context(), admin(""), project.Update{ID: fmt.Sprint(i), Name: pointer("Shop")})
			return err
		}
		_, err := s.Create(t.Context(), admin(""), project.Create{Organization: "default", Name: "Shop"})
		return err
	}, project.ErrNameTaken)
	if won != 1 {
		t.Errorf("%d projects have the name", won)
	}
}

func TestRaceForAnID(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	won := race(t, n, 8, func(s *project.Service, i int) error {
		_, err := s.Create(t.Context(), admin(""), project.Create{ID: "one", Organization: "default", Name: fmt.Sprint(i)})
		return err
	}, project.ErrExists)
	if won != 1 || len(recorded(t, n, "one")) != 1 {
		t.Errorf("%d projects have the id", won)
	}
}

// Names are free again once given up, and other organizations may have the same.
func TestNamesAreFreed(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	create := func(id, organization, name string) error {
		_, err := n.Projects.Create(t.Context(), admin(""), project.Create{ID: id, Organization: organization, Name: name})
		return err
	}
	must(t, create("a", "default", "Shop"))
	must(t, create("b", "partner", "Shop"))
	must(t, create("c", "default", "shop"))
	if err := create("d", "default", " Shop "); !errors.Is(err, project.ErrNameTaken) {
		t.Errorf("a second of the name: %v", err)
	}
	_, err := n.Projects.Update(t.Context(), admin(""), project.Update{ID: "c", Name: pointer("Shop")})
	if !errors.Is(err, project.ErrNameTaken) {
		t.Errorf("renamed to a name that is taken: %v", err)
	}
	_, err = n.Projects.Update(t.Context(), admin(""), project.Update{ID: "a", Name: pointer("Market")})
	must(t, err)
	must(t, create("e", "default", "Shop"))
	_, err = n.Projects.Remove(t.Context(), admin(""), "e")
	must(t, err)
	must(t, create("f", "default", "Shop"))
}

// However many add roles and grants at once, the limits hold.
func TestRaceForTheLast(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	history := []proto.Message{&eventv1.ProjectAdded{OrganizationId: "default", Name: "Shop"}}
	for i := range 996 {
		history = append(history, &eventv1.ProjectRoleAdded{Key: fmt.Sprint(i), DisplayName: "R"})
	}
	given(t, n, "p", history...)
	won := race(t, n, 8, func(s *project.Service, i int) error {
		return addRole(fmt.Sprintf("new-%d", i), "R", "")(t.Context(), s, owner("p"), "p")
	}, project.ErrRoles)
	if won != 4 {
		t.Errorf("%d roles beside 996", won)
	}
	won = race(t, n, 8, func(s *project.Service, _ int) error {
		return addGrant("partner", "7")(t.Context(), s, owner("p"), "p")
	}, project.ErrGrantExists)
	if won != 1 {
		t.Errorf("%d grants to one organization", won)
	}
}

// Roles are granted while they are removed: no grant holds a role that is not there.
func TestGrantsOfRolesThatGo(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	given(t, n, "p", granted()...)
	orders := []order{
		removeRole("reader"), updateGrant("partner", "writer"), updateGrant("partner", "reader", "writer"),
		addGrant("other", "reader"), removeGrant("other"), addRole("reader", "Reader", ""),
	}
	race(t, n, 60, func(s *project.Service, i int) error {
		return orders[i%len(orders)](t.Context(), s, owner("p"), "p")
	}, project.ErrRoleUnknown, project.ErrRoleNotFound, project.ErrRoleExists, project.ErrGrantExists, project.ErrGrantNotFound)
	there := make(map[string]bool)
	for i, msg := range recorded(t, n, "p") {
		var named []string
		switch m := msg.(type) {
		case *eventv1.ProjectRoleAdded:
			there[m.GetKey()] = true
		case *eventv1.ProjectRoleRemoved:
			delete(there, m.GetKey())
		case *eventv1.ProjectGrantAdded:
			named = m.GetRoleKeys()
		case *eventv1.ProjectGrantChanged:
			named = m.GetRoleKeys()
		}
		if slices.ContainsFunc(named, func(key string) bool { return !there[key] }) {
			t.Errorf("event %d grants a role that is not there: %v", i+1, msg)
		}
	}
}

// What one node acknowledged the directory of another knows.
func TestDirectory(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	x, err := project.NewExecutor(n.Another(t).Runtime)
	must(t, err)
	directory := project.NewDirectory(x)
	look := func() *project.State {
		t.Helper()
		state, err := directory.Project(t.Context(), n.Tenant, "p")
		must(t, err)
		return state
	}
	if s := look(); s.Exists() || s.Active() || s.Organization != "" || s.HasRole("reader") {
		t.Errorf("a project that is not there: %+v", s)
	}
	given(t, n, "p", granted()...)
	grant, granted := look().Grant("partner")
	if s := look(); !s.Exists() || !s.Active() || s.Organization != "default" || s.Name != "Shop" || !s.HasRole("reader") || s.HasRole("admin") ||
		!granted || !grant.Active || !slices.Equal(grant.Roles, []string{"reader", "writer"}) {
		t.Errorf("a project: %+v, %+v", s, grant)
	}
	ctx := context.Background()
	for _, step := range []order{deactivateGrant("partner"), removeRole("reader"), lifecycle((*project.Service).Deactivate)} {
		must(t, step(ctx, n.Projects, owner("p"), "p"))
	}
	grant, granted = look().Grant("partner")
	if s := look(); !s.Exists() || s.Active() || s.HasRole("reader") || !granted || grant.Active || !slices.Equal(grant.Roles, []string{"writer"}) {
		t.Errorf("an inactive project: %+v, %+v", s, grant)
	}
	must(t, lifecycle((*project.Service).Remove)(ctx, n.Projects, owner("p"), "p"))
	if s := look(); s.Exists() || s.Organization != "default" || s.HasRole("writer") {
		t.Errorf("a removed project: %+v", s)
	}
	for _, id := range []string{"", "\x00", "#p"} {
		if state, err := directory.Project(ctx, n.Tenant, id); err != nil || state.Exists() {
			t.Errorf("%q: %+v, %v", id, state, err)
		}
	}
}
