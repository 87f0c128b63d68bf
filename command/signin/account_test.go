package signin_test

import (
	"context"
	"testing"

	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/eventstore/failure"
)

// What acts on the caller is refused to nobody, and to who is not signed in in the way that it is about.
func TestWhoMayActOnThemselves(t *testing.T) {
	t.Parallel()
	methods := map[string]struct {
		call      func(context.Context, *commandtest.Node, *permission.Caller) error
		byToken   *failure.Error // what a personal access token gets; nil: it may
		byAccess  *failure.Error // what the access token of a session gets
		bySession *failure.Error // and its own token
	}{
		"Me": {call: func(ctx context.Context, n *commandtest.Node, c *permission.Caller) error {
			_, err := n.SignIn.Me(ctx, c)
			return err
		}},
		"Access": {byToken: session.ErrNoSession, byAccess: signin.ErrNotRenewed, call: func(ctx context.Context, n *commandtest.Node, c *permission.Caller) error {
			_, err := n.SignIn.Access(ctx, c)
			return err
		}},
		"LoginToken": {byAccess: signin.ErrNoToken, bySession: signin.ErrNoToken, call: func(ctx context.Context, n *commandtest.Node, c *permission.Caller) error {
			_, err := n.SignIn.LoginToken(ctx, c)
			return err
		}},
		"Logout": {byToken: session.ErrNoSession, call: func(ctx context.Context, n *commandtest.Node, c *permission.Caller) error {
			return n.Sessions.Logout(ctx, c)
		}},
		"Remove": {byToken: session.ErrNoSession, call: func(ctx context.Context, n *commandtest.Node, c *permission.Caller) error {
			return n.SignIn.Remove(ctx, c)
		}},
	}
	for name, m := range methods {
		for by, want := range map[string]*failure.Error{"token": m.byToken, "access": m.byAccess, "session": m.bySession} {
			t.Run(name+" by "+by, func(t *testing.T) {
				t.Parallel()
				n := scene(t)
				_, token := robot(t, n)
				in, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), true)
				if err != nil {
					t.Fatal(err)
				}
				refused(t, "nobody", m.call(t.Context(), n, nil), permission.ErrUnauthenticated)
				refused(t, "half a caller", m.call(t.Context(), n, &permission.Caller{Identity: permission.Identity{Tenant: n.Tenant}}), permission.ErrUnauthenticated)
				bearer := map[string]string{"token": token.Token, "access": in.AccessToken, "session": in.SessionToken}[by]
				err = m.call(t.Context(), n, caller(t, n, bearer))
				switch {
				case want != nil:
					refused(t, by, err, want)
				case err != nil:
					t.Errorf("%s: %v", by, err)
				}
			})
		}
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	n := scene(t)
	in := login(t, n)
	me, err := n.SignIn.Me(t.Context(), caller(t, n, in.AccessToken))
	if err != nil || me != in.User {
		t.Errorf("%+v, %v, want %+v", me, err, in.User)
	}
}

// Users remove themselves, in their own name, and everything they are signed in by is dead at once.
func TestRemove(t *testing.T) {
	t.Parallel()
	n := scene(t)
	in := login(t, n)
	other := login(t, n)
	if err := n.SignIn.Remove(t.Context(), caller(t, n, in.AccessToken)); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{in.AccessToken, in.SessionToken, other.AccessToken} {
		_, err := n.Access.Authenticate(t.Context(), token)
		refused(t, "a token", err, access.ErrUnauthenticated)
	}
	_, err := n.SignIn.Refresh(t.Context(), other.RefreshToken)
	refused(t, "refresh", err, session.ErrRefreshToken)
	_, err = n.SignIn.Login(t.Context(), minnieWith(goodPassword), false)
	refused(t, "sign in", err, signin.ErrRejected)
	events, err := n.Store.ReadStream(t.Context(), n.Stream("minnie"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if last := events[len(events)-1]; last.Type != "user.removed" || last.Actor != "minnie" {
		t.Errorf("recorded %s by %s", last.Type, last.Actor)
	}
}
