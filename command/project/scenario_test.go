package project_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
)

func create(req project.Create) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		if req.ID == "" {
			req.ID = id
		}
		created, err := s.Create(ctx, as, req)
		if err == nil && (created.ID != req.ID || created.Receipt.Organization != req.Organization || created.Receipt.Version != 1) {
			return fmt.Errorf("a wrong receipt: %+v", created)
		}
		return err
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	whole := project.Create{
		Organization: "default", Name: " Whole ", RoleAssertion: true, AuthorizationRequired: true, AccessRequired: true,
		Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_USER_OWNER,
	}
	plain := func(name string) project.Create { return project.Create{Organization: "default", Name: name} }
	named := func(name string) []proto.Message {
		return []proto.Message{&eventv1.ProjectAdded{OrganizationId: "default", Name: name}}
	}
	in := func(organization string) project.Create { return project.Create{Organization: organization, Name: "N"} }
	run(t, []scenario{
		{"whole", nil, admin, create(whole), []proto.Message{&eventv1.ProjectAdded{
			OrganizationId: "default", Name: "Whole", RoleAssertion: true, AuthorizationRequired: true, AccessRequired: true,
			Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_USER_OWNER,
		}}, nil},
		{"by the owner", nil, owner, create(plain("a")), named("a"), nil},
		{"by a creator", nil, creator, create(plain("b")), named("b"), nil},
		{"of another organization", nil, owner, create(in("partner")), nil, permission.ErrDenied},
		{"of an organization that is not there", nil, owner, create(in("nowhere")), nil, permission.ErrDenied},
		{"that is not there, by who may know", nil, admin, create(in("nowhere")), nil, project.ErrOrganizationNotFound},
		{"of an organization that is gone", nil, admin, create(in("gone")), nil, project.ErrOrganizationNotFound},
		{"of no organization", nil, admin, create(in("")), nil, project.ErrOrganizationNotFound},
		{"by a stranger", nil, stranger, create(plain("c")), nil, permission.ErrDenied},
		{"by nobody", nil, nobody, create(plain("c")), nil, permission.ErrUnauthenticated},
		{"an id that is taken", shop(), admin, create(plain("d")), nil, project.ErrExists},
		{"an id that was", with(shop(), &eventv1.ProjectRemoved{}), admin, create(plain("d")), nil, project.ErrExists},
		{"an impossible id", nil, admin, create(project.Create{ID: "#a", Organization: "default", Name: "e"}), nil, project.ErrID},
		{"no name", nil, admin, create(plain(" ")), nil, project.ErrName},
		{"a long name", nil, admin, create(plain(strings.Repeat("ä", 201))), nil, project.ErrName},
		{"a longest name", nil, admin, create(plain(strings.Repeat("ä", 200))), named(strings.Repeat("ä", 200)), nil},
		{"a name of two lines", nil, admin, create(plain("a\nb")), nil, project.ErrName},
		{"an unknown labeling", nil, admin, create(project.Create{Organization: "default", Name: "f", Labeling: 3}), nil, project.ErrLabeling},
	})
}

func update(req project.Update) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		req.ID = id
		_, err := s.Update(ctx, as, req)
		return err
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	renamed := func(name string) project.Update { return project.Update{Name: &name} }
	run(t, []scenario{
		{"a name", shop(), admin, update(renamed(" Market")), []proto.Message{&eventv1.ProjectChanged{Name: pointer("Market")}}, nil},
		{"the same name", shop(), admin, update(renamed("Shop")), nil, nil},
		{"nothing", shop(), projectOwner, update(project.Update{}), nil, nil},
		{
			"all else", shop(), projectOwner, update(project.Update{
				RoleAssertion: pointer(true), AuthorizationRequired: pointer(false), AccessRequired: pointer(true),
				Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_PROJECT_OWNER.Enum(),
			}), []proto.Message{&eventv1.ProjectChanged{
				RoleAssertion: pointer(true), AuthorizationRequired: pointer(false), AccessRequired: pointer(true),
				Labeling: eventv1.ProjectLabeling_PROJECT_LABELING_PROJECT_OWNER.Enum(),
			}}, nil,
		},
		{
			"what is new of it", shop(), owner, update(project.Update{RoleAssertion: pointer(true), AuthorizationRequired: pointer(true)}),
			[]proto.Message{&eventv1.ProjectChanged{RoleAssertion: pointer(true)}}, nil,
		},
		{"an inactive one", with(shop(), &eventv1.ProjectDeactivated{}), owner, update(renamed("Inactive")),
			[]proto.Message{&eventv1.ProjectChanged{Name: pointer("Inactive")}}, nil},
		{"no name", shop(), owner, update(renamed("")), nil, project.ErrName},
		{"an unknown labeling", shop(), owner, update(project.Update{Labeling: pointer(eventv1.ProjectLabeling(9))}), nil, project.ErrLabeling},
	})
}

func lifecycle(method func(*project.Service, context.Context, *permission.Caller, string) (command.Receipt, error)) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := method(s, ctx, as, id)
		return err
	}
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	deactivate, activate := lifecycle((*project.Service).Deactivate), lifecycle((*project.Service).Activate)
	remove := lifecycle((*project.Service).Remove)
	inactive := with(shop(), &eventv1.ProjectDeactivated{})
	removed := with(granted(), &eventv1.ProjectRemoved{})
	run(t, []scenario{
		{"deactivate", shop(), owner, deactivate, []proto.Message{&eventv1.ProjectDeactivated{}}, nil},
		{"deactivate twice", inactive, owner, deactivate, nil, project.ErrInactive},
		{"activate", inactive, projectOwner, activate, []proto.Message{&eventv1.ProjectActivated{}}, nil},
		{"activate twice", shop(), projectOwner, activate, nil, project.ErrActive},
		{"remove", shop(), projectOwner, remove, []proto.Message{&eventv1.ProjectRemoved{}}, nil},
		{"remove an inactive one", inactive, admin, remove, []proto.Message{&eventv1.ProjectRemoved{}}, nil},
		{"remove twice", removed, owner, remove, nil, project.ErrNotFound},
		{"remove twice, for who may not know", removed, partner, remove, nil, permission.ErrDenied},
	})
}

func addRole(key, display, group string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.AddRole(ctx, as, project.AddRole{ProjectID: id, Key: key, DisplayName: display, Group: group})
		return err
	}
}

func updateRole(key string, display, group *string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.UpdateRole(ctx, as, project.UpdateRole{ProjectID: id, Key: key, DisplayName: display, Group: group})
		return err
	}
}

func removeRole(key string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.RemoveRole(ctx, as, id, key)
		return err
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 201)
	run(t, []scenario{
		{"add", shop(), owner, addRole("admin", " Admin ", " people"),
			[]proto.Message{&eventv1.ProjectRoleAdded{Key: "admin", DisplayName: "Admin", Group: "people"}}, nil},
		{"add one of the same letters", shop(), projectOwner, addRole("Reader", "R", ""),
			[]proto.Message{&eventv1.ProjectRoleAdded{Key: "Reader", DisplayName: "R"}}, nil},
		{"add a known one", shop(), owner, addRole("reader", "R", ""), nil, project.ErrRoleExists},
		{"add a removed one again", with(shop(), &eventv1.ProjectRoleRemoved{Key: "reader"}), owner, addRole("reader", "R", ""),
			[]proto.Message{&eventv1.ProjectRoleAdded{Key: "reader", DisplayName: "R"}}, nil},
		{"add one without a key", shop(), owner, addRole("", "R", ""), nil, project.ErrRole},
		{"add one with spaces around", shop(), owner, addRole("a ", "R", ""), nil, project.ErrRole},
		{"add one with a long key", shop(), owner, addRole(long, "R", ""), nil, project.ErrRole},
		{"add one with a long name", shop(), owner, addRole("a", long, ""), nil, project.ErrRole},
		{"add one with a long group", shop(), owner, addRole("a", "A", long), nil, project.ErrRole},
		{"change", shop(), owner, updateRole("reader", pointer(" Reads"), pointer("")),
			[]proto.Message{&eventv1.ProjectRoleChanged{Key: "reader", DisplayName: pointer("Reads"), Group: pointer("")}}, nil},
		{"change what is new", shop(), owner, updateRole("reader", pointer("Reader"), pointer("other")),
			[]proto.Message{&eventv1.ProjectRoleChanged{Key: "reader", Group: pointer("other")}}, nil},
		{"change to what is", shop(), owner, updateRole("reader", pointer("Reader"), nil), nil, nil},
		{"change an unknown one", shop(), owner, updateRole("admin", nil, nil), nil, project.ErrRoleNotFound},
		{"change to no name", shop(), owner, updateRole("reader", pointer(""), nil), nil, project.ErrRole},
		{"change to a long group", shop(), owner, updateRole("reader", nil, &long), nil, project.ErrRole},
		{"remove", granted(), projectOwner, removeRole("reader"), []proto.Message{&eventv1.ProjectRoleRemoved{Key: "reader"}}, nil},
		{"remove an unknown one", granted(), projectOwner, removeRole("admin"), nil, project.ErrRoleNotFound},
	})
}

func addGrant(to string, roles ...string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.AddGrant(ctx, as, project.AddGrant{ProjectID: id, Organization: to, Roles: roles})
		return err
	}
}

func updateGrant(to string, roles ...string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.UpdateGrant(ctx, as, project.UpdateGrant{ProjectID: id, Organization: to, Roles: roles})
		return err
	}
}

func deactivateGrant(to string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.DeactivateGrant(ctx, as, id, to)
		return err
	}
}

func activateGrant(to string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.ActivateGrant(ctx, as, id, to)
		return err
	}
}

func removeGrant(to string) order {
	return func(ctx context.Context, s *project.Service, as *permission.Caller, id string) error {
		_, err := s.RemoveGrant(ctx, as, id, to)
		return err
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	inactive := with(granted(), &eventv1.ProjectGrantDeactivated{OrganizationId: "partner"})
	to := func(organization string, roles ...string) []proto.Message {
		return []proto.Message{&eventv1.ProjectGrantAdded{OrganizationId: organization, RoleKeys: roles}}
	}
	changed := func(roles ...string) []proto.Message {
		return []proto.Message{&eventv1.ProjectGrantChanged{OrganizationId: "partner", RoleKeys: roles}}
	}
	toGone := with(shop(), &eventv1.ProjectGrantAdded{OrganizationId: "gone"})
	run(t, []scenario{
		{"add", shop(), projectOwner, addGrant("partner", "writer", "reader"), to("partner", "writer", "reader"), nil},
		{"add without roles", granted(), owner, addGrant("other"), to("other"), nil},
		{"add a role twice", granted(), owner, addGrant("other", "reader", "reader"), to("other", "reader"), nil},
		{"add a second", granted(), owner, addGrant("partner"), nil, project.ErrGrantExists},
		{"add while it is inactive", inactive, owner, addGrant("partner"), nil, project.ErrGrantExists},
		{"add after the end", with(granted(), &eventv1.ProjectGrantRemoved{OrganizationId: "partner"}), owner, addGrant("partner"), to("partner"), nil},
		{"add to the owner", shop(), owner, addGrant("default"), nil, project.ErrGrantToOwner},
		{"add to nobody", shop(), owner, addGrant("nowhere"), nil, project.ErrOrganizationNotFound},
		{"add to one that is gone", shop(), owner, addGrant("gone"), nil, project.ErrOrganizationNotFound},
		{"add an unknown role", shop(), owner, addGrant("partner", "reader", "admin"), nil, project.ErrRoleUnknown},
		{"add a removed role", with(shop(), &eventv1.ProjectRoleRemoved{Key: "reader"}), owner, addGrant("partner", "reader"), nil, project.ErrRoleUnknown},
		{"add too many roles", shop(), owner, addGrant("partner", make([]string, 1001)...), nil, project.ErrRoleKeys},
		{"change", granted(), owner, updateGrant("partner", "writer"), changed("writer"), nil},
		{"change to none", granted(), owner, updateGrant("partner"), changed(), nil},
		{"change to the same in another order", granted(), owner, updateGrant("partner", "writer", "reader", "writer"), nil, nil},
		{"change what a role left", with(granted(), &eventv1.ProjectRoleRemoved{Key: "reader"}), owner, updateGrant("partner", "writer"), nil, nil},
		{"a role that came again was not granted", with(granted(), &eventv1.ProjectRoleRemoved{Key: "reader"},
			&eventv1.ProjectRoleAdded{Key: "reader"}), owner, updateGrant("partner", "writer", "reader"), changed("writer", "reader"), nil},
		{"change to an unknown role", granted(), owner, updateGrant("partner", "admin"), nil, project.ErrRoleUnknown},
		{"change none", granted(), owner, updateGrant("other"), nil, project.ErrGrantNotFound},
		{"change one to an organization that is gone", toGone, owner, updateGrant("gone", "reader"), nil, project.ErrGrantNotFound},
		{"deactivate", granted(), owner, deactivateGrant("partner"), []proto.Message{&eventv1.ProjectGrantDeactivated{OrganizationId: "partner"}}, nil},
		{"deactivate twice", inactive, owner, deactivateGrant("partner"), nil, project.ErrGrantInactive},
		{"deactivate none", granted(), owner, deactivateGrant("other"), nil, project.ErrGrantNotFound},
		{"activate", inactive, owner, activateGrant("partner"), []proto.Message{&eventv1.ProjectGrantActivated{OrganizationId: "partner"}}, nil},
		{"activate twice", granted(), owner, activateGrant("partner"), nil, project.ErrGrantActive},
		{"remove", granted(), owner, removeGrant("partner"), []proto.Message{&eventv1.ProjectGrantRemoved{OrganizationId: "partner"}}, nil},
		{"remove an inactive one", inactive, owner, removeGrant("partner"), []proto.Message{&eventv1.ProjectGrantRemoved{OrganizationId: "partner"}}, nil},
		{"remove none", granted(), owner, removeGrant("nowhere"), nil, project.ErrGrantNotFound},
		{"remove one to an organization that is gone", toGone, owner, removeGrant("gone"), nil, project.ErrGrantNotFound},
	})
}
