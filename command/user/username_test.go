package user_test

import (
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/user"
)

func TestWithUsername(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	if _, err := n.Users.AddHuman(t.Context(), admin(), human()); err != nil {
		t.Fatal(err)
	}
	find := func(on *commandtest.Node, tenant, username, want string) {
		t.Helper()
		if id, found, err := on.Users.WithUsername(t.Context(), tenant, username); err != nil || id != want || found != (want != "") {
			t.Errorf("%q: %q, %t, %v, want %q", username, id, found, err, want)
		}
	}
	find(n, n.Tenant, "minnie", "minnie")
	find(n, n.Tenant, "  MINNIE ", "minnie")
	find(n, n.Tenant, "minn", "")
	find(n, n.Tenant, "", "")
	find(n, n.Tenant, "min\x00nie", "")
	find(n.In(t, "elsewhere"), "elsewhere", "minnie", "")
	other := n.Another(t)
	if _, err := other.Users.UpdateHuman(t.Context(), admin(), user.UpdateHuman{UserID: "minnie", Username: text("mouse")}); err != nil {
		t.Fatal(err)
	}
	find(n, n.Tenant, "minnie", "")
	find(n, n.Tenant, "mouse", "minnie")
	if _, err := n.Users.Delete(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	find(other, n.Tenant, "mouse", "")
}
