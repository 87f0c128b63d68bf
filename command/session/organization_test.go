package session_test

import (
	"testing"

	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

// Nobody signs in, proves anything or goes on while the own organization is not active.
func TestWhileTheOrganizationIsInactive(t *testing.T) {
	t.Parallel()
	n := scene(t)
	named := create(t, n, session.Checks{UserID: "minnie"})
	begun := begin(t, n)
	if _, err := n.Organizations.Deactivate(t.Context(), admin(), "default"); err != nil {
		t.Fatal(err)
	}
	_, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: byPassword()})
	refused(t, "create", err, user.ErrCannotSignIn)
	_, err = n.Sessions.Set(t.Context(), loginPage(), session.Set{ID: named.ID, Checks: session.Checks{Password: goodPassword}})
	refused(t, "set", err, user.ErrCannotSignIn)
	_, err = n.Sessions.Begin(t.Context(), signIn(t, n))
	refused(t, "begin", err, user.ErrCannotSignIn)
	_, err = n.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
	refused(t, "refresh", err, session.ErrRefreshToken)
	if _, err := n.Organizations.Activate(t.Context(), admin(), "default"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken); err != nil {
		t.Errorf("refresh, active again: %v", err)
	}
	create(t, n, byPassword())
}
