package organization_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
)

func TestOrganizations(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	owner := commandtest.Caller("owner", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
	for _, c := range []struct {
		name, id, title string
		by              *permission.Caller
		want            error
	}{
		{"good", "new", "New", commandtest.Admin(), nil},
		{"twice", "new", "New", commandtest.Admin(), organization.ErrExists},
		{"without a name", "other", " ", commandtest.Admin(), organization.ErrInvalid},
		{"long name", "other", strings.Repeat("x", 201), commandtest.Admin(), organization.ErrInvalid},
		{"without an id", "", "New", commandtest.Admin(), organization.ErrInvalid},
		{"impossible id", "\x00", "New", commandtest.Admin(), organization.ErrInvalid},
		{"by the owner of another", "other", "Other", owner, permission.ErrDenied},
		{"known, by the owner of another", "new", "New", owner, permission.ErrDenied},
		{"by nobody", "other", "Other", nil, permission.ErrUnauthenticated},
	} {
		if _, err := n.Organizations.Add(t.Context(), c.by, c.id, c.title); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	for id, want := range map[string]bool{"default": true, "new": true, "other": false, "": false, "\x00": false} {
		if exists, err := n.Another(t).Organizations.Exists(t.Context(), n.Tenant, id); err != nil || exists != want {
			t.Errorf("%q exists: %v, %v", id, exists, err)
		}
	}
}
