package project_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
)

// orders are the commands by name, each of which records something about a granted project, but for Create.
func orders() map[string]order {
	return map[string]order{
		"Create":          create(project.Create{Organization: "default", Name: "N"}),
		"Update":          update(project.Update{RoleAssertion: pointer(true)}),
		"Deactivate":      lifecycle((*project.Service).Deactivate),
		"Activate":        lifecycle((*project.Service).Activate),
		"Remove":          lifecycle((*project.Service).Remove),
		"AddRole":         addRole("admin", "Admin", ""),
		"UpdateRole":      updateRole("reader", pointer("Reads"), nil),
		"RemoveRole":      removeRole("reader"),
		"AddGrant":        addGrant("other"),
		"UpdateGrant":     updateGrant("partner"),
		"DeactivateGrant": deactivateGrant("partner"),
		"ActivateGrant":   activateGrant("partner"),
		"RemoveGrant":     removeGrant("partner"),
	}
}

func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	methods := reflect.TypeFor[*project.Service]()
	for i := range methods.NumMethod() {
		if name := methods.Method(i).Name; orders()[name] == nil {
			t.Errorf("nobody says who may %s", name)
		}
	}
}

// Whether there is a project or not: who may not learns nothing, and nothing is recorded. Who may hears not_found of what is gone.
func TestCallersWithoutPermissionLearnNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	given(t, n, "there", granted()...)
	given(t, n, "removed", with(granted(), &eventv1.ProjectRemoved{})...)
	given(t, n, "orphan", &eventv1.ProjectAdded{OrganizationId: "gone", Name: "Orphan"})
	for name, do := range orders() {
		for id, who := range map[string]struct {
			denied, told []func(string) *permission.Caller
		}{
			"there":   {[]func(string) *permission.Caller{stranger, viewer, otherOwner, partner}, nil},
			"removed": {[]func(string) *permission.Caller{stranger, viewer, otherOwner, partner}, []func(string) *permission.Caller{owner, projectOwner, admin}},
			"orphan":  {[]func(string) *permission.Caller{stranger, viewer, otherOwner, partner, owner}, []func(string) *permission.Caller{admin}},
			"never":   {[]func(string) *permission.Caller{stranger, viewer, otherOwner, partner, owner, projectOwner}, []func(string) *permission.Caller{admin}},
		} {
			if name == "Create" && id != "there" {
				continue // asks for the organization
			}
			before := recorded(t, n, id)
			for _, as := range who.denied {
				if err := do(t.Context(), n.Projects, as(id), id); !errors.Is(err, permission.ErrDenied) {
					t.Errorf("%s of %s by %s: %v", name, id, as(id).UserID, err)
				}
			}
			for _, as := range who.told {
				if err := do(t.Context(), n.Projects, as(id), id); !errors.Is(err, project.ErrNotFound) {
					t.Errorf("%s of %s by %s: %v", name, id, as(id).UserID, err)
				}
			}
			for _, as := range []*permission.Caller{nil, {}} {
				if err := do(t.Context(), n.Projects, as, id); !errors.Is(err, permission.ErrUnauthenticated) {
					t.Errorf("%s by nobody: %v", name, err)
				}
			}
			if after := recorded(t, n, id); !slices.EqualFunc(before, after, proto.Equal) {
				t.Errorf("%s of %s by callers without permission: recorded %v", name, id, after)
			}
		}
	}
}

// Who holds the permission on the project, on its organization or on the instance may.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	i := 0
	for name, do := range orders() {
		for _, as := range []func(string) *permission.Caller{admin, owner, projectOwner} {
			i++
			id := fmt.Sprintf("p%d", i)
			history := granted()
			switch name {
			case "Create":
				continue // see TestCreate
			case "Activate":
				history = with(history, &eventv1.ProjectDeactivated{})
			case "ActivateGrant":
				history = with(history, &eventv1.ProjectGrantDeactivated{OrganizationId: "partner"})
			}
			given(t, n, id, history...)
			if err := do(t.Context(), n.Projects, as(id), id); err != nil || len(recorded(t, n, id)) != len(history)+1 {
				t.Errorf("%s by %s: %v", name, as(id).UserID, err)
			}
		}
	}
}
