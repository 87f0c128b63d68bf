package organization_test

import (
	"errors"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func person(name string) *user.AddHuman {
	return &user.AddHuman{
		Profile: user.Profile{GivenName: name, FamilyName: "Example"},
		Email:   user.EmailChange{Address: name + "@example.com", Verification: user.Return{}},
	}
}

// roles returns what a user holds on an organization.
func (n *node) roles(t *testing.T, userID, organization string) []permission.Role {
	t.Helper()
	who, err := n.UserStates.Load(t.Context(), n.Tenant, userID)
	must(t, err)
	held, err := n.MemberStates.Load(t.Context(), n.Tenant, userID)
	must(t, err)
	for _, m := range held.State.Memberships(who.State.Added) {
		if m.Organization == organization && m.Project == "" {
			return m.Roles
		}
	}
	return nil
}

func TestFound(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	one, err := n.Users.AddHuman(t.Context(), commandtest.Admin(), *person("one"))
	must(t, err)
	made, err := n.Organizations.Found(t.Context(), manager(), organization.Found{Name: "Made", Admins: []organization.Admin{
		{Human: person("two")}, {UserID: one.UserID, Roles: []permission.Role{permission.OrganizationUserManager}},
	}})
	must(t, err)
	if made.ID == "" || made.Receipt.Organization != made.ID || len(made.Created) != 1 || made.Created[0].EmailCode == "" {
		t.Fatalf("%+v", made)
	}
	two := made.Created[0]
	if two.Receipt.Organization != made.ID {
		t.Errorf("the new admin belongs to %s", two.Receipt.Organization)
	}
	if roles := n.roles(t, two.UserID, made.ID); len(roles) != 1 || roles[0] != permission.OrganizationOwner {
		t.Errorf("the new admin holds %v", roles)
	}
	if roles := n.roles(t, one.UserID, made.ID); len(roles) != 1 || roles[0] != permission.OrganizationUserManager {
		t.Errorf("the other holds %v", roles)
	}
}

// What cannot be completed leaves nobody and no organization behind.
func TestFoundIsTakenBack(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	_, err := n.Users.AddHuman(t.Context(), commandtest.Admin(), *person("taken"))
	must(t, err)
	both := organization.Admin{UserID: "u", Human: person("both")}
	for name, c := range map[string]struct {
		admins []organization.Admin
		want   error
		writes bool
	}{
		"a user who is not there": {[]organization.Admin{{Human: person("new")}, {UserID: "nobody"}}, nil, true},
		"a username that is":      {[]organization.Admin{{Human: person("free")}, {Human: person("taken")}}, user.ErrUsernameTaken, true},
		"nobody":                  {[]organization.Admin{{}}, organization.ErrInvalidAdmin, false},
		"two in one":              {[]organization.Admin{both}, organization.ErrInvalidAdmin, false},
		"a role of another level": {[]organization.Admin{{UserID: "admin", Roles: []string{permission.InstanceOwner}}}, organization.ErrInvalidAdmin, false},
		"too many":                {make([]organization.Admin, 21), organization.ErrTooManyAdmins, false},
	} {
		_, err := n.Organizations.Found(t.Context(), manager(), organization.Found{ID: name, Name: "O", Admins: c.admins})
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !c.writes {
			n.events(t, name)
			continue
		}
		n.events(t, name, "org.added", "org.removed")
	}
	clearing := organization.NewClearing(n.Runtime, n.Users)
	if cleared, err := clearing.Clear(t.Context(), n.Tenant); err != nil || cleared != 1 {
		t.Errorf("%d were left, %v", cleared, err)
	}
	if _, err := n.Organizations.Found(t.Context(), owner("default"), organization.Found{Name: "O"}); !errors.Is(err, permission.ErrDenied) {
		t.Errorf("without permission: %v", err)
	}
}
