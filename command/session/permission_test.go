package session_test

import (
	"context"
	"errors"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

// Whatever became of a session, and whether there is one: who may not learns nothing, and nothing is recorded.
func TestCallersWithoutPermissionLearnNothing(t *testing.T) {
	t.Parallel()
	n := scene(t)
	expiring, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: byPassword(), Lifetime: hour})
	if err != nil {
		t.Fatal(err)
	}
	n.Clock.Advance(hour)
	ended := create(t, n, byPassword())
	if _, err := n.Sessions.Delete(t.Context(), admin(), ended.ID, ""); err != nil {
		t.Fatal(err)
	}
	sessions := map[string]session.Changed{
		"unknown": {ID: "none"}, "about nobody": create(t, n, session.Checks{}), "a name": create(t, n, session.Checks{UserID: "minnie"}),
		"proven": create(t, n, byPassword()), "ended": ended, "expired": expiring,
	}
	foreign := commandtest.Caller("foreign", permission.Membership{Organization: "elsewhere", Roles: []string{permission.OrganizationOwner}})
	reader := commandtest.Caller("reader", permission.Membership{Roles: []string{permission.InstanceOwnerViewer}})
	orders := map[string]func(as *permission.Caller, at session.Changed) error{
		"Set": func(as *permission.Caller, at session.Changed) error {
			_, err := n.Sessions.Set(t.Context(), as, session.Set{ID: at.ID, Token: "wrong"})
			return err
		},
		"Set with a wrong proof": func(as *permission.Caller, at session.Changed) error {
			_, err := n.Sessions.Set(t.Context(), as, session.Set{ID: at.ID, Checks: session.Checks{UserID: "daisy", Password: "wrong"}})
			return err
		},
		"Set with a challenge": func(as *permission.Caller, at session.Changed) error {
			_, err := n.Sessions.Set(t.Context(), as, session.Set{ID: at.ID, Challenges: session.Challenges{OTPEmail: user.Send{}}})
			return err
		},
		"Delete": func(as *permission.Caller, at session.Changed) error {
			_, err := n.Sessions.Delete(t.Context(), as, at.ID, "wrong")
			return err
		},
	}
	before := n.Version(t, "daisy")
	for what, at := range sessions {
		version := sessionVersion(t, n, at.ID)
		for name, order := range orders {
			for who, as := range map[string]*permission.Caller{"a stranger": stranger(), "who owns another organization": foreign, "who may read": reader} {
				refused(t, name+" of a session that is "+what+", by "+who, order(as, at), permission.ErrDenied)
			}
			refused(t, name+" of a session that is "+what+", by nobody", order(nil, at), permission.ErrUnauthenticated)
		}
		if after := sessionVersion(t, n, at.ID); after != version {
			t.Errorf("%s: %d events more", what, after-version)
		}
	}
	if after := n.Version(t, "daisy"); after != before {
		t.Errorf("%d events of the user", after-before)
	}
}

func TestALogOutOfReachIsNoRefusalOfTheToken(t *testing.T) {
	t.Parallel()
	n := scene(t)
	begun := begin(t, n)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Sessions.Refresh(ctx, n.Tenant, begun.RefreshToken); err == nil || errors.Is(err, session.ErrRefreshToken) {
		t.Errorf("refresh: %v", err)
	}
	if err := n.Sessions.CheckToken(ctx, n.Tenant, begun.ID, begun.SessionToken); err == nil || errors.Is(err, permission.ErrDenied) {
		t.Errorf("check: %v", err)
	}
	refresh(t, n, begun.RefreshToken)
}
