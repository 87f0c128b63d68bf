package session_test

import (
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
)

func TestWhoMayEndASession(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, c := range map[string]struct {
		as    *permission.Caller
		shows bool // the token
		want  error
	}{
		"who has the permission":          {as: admin()},
		"who has it on the organization":  {as: owner()},
		"who began it":                    {as: loginPage()},
		"the user":                        {as: minnie()},
		"whoever has the token":           {as: stranger(), shows: true},
		"a stranger":                      {as: stranger(), want: permission.ErrDenied},
		"another user":                    {as: commandtest.Caller("daisy"), want: permission.ErrDenied},
		"nobody, though it has the token": {shows: true, want: permission.ErrUnauthenticated},
	} {
		at := create(t, n, byPassword())
		token := ""
		if c.shows {
			token = at.Token
		}
		_, err := n.Sessions.Delete(t.Context(), c.as, at.ID, token)
		refused(t, name, err, c.want)
		if good(t, n, at.ID) != (c.want != nil) {
			t.Errorf("%s: good %v", name, good(t, n, at.ID))
		}
		if c.want != nil {
			continue
		}
		then(t, n, at, "session.ended")
		if e := recorded(t, n, at.ID, at.Receipt.Version)[0].(*eventv1.SessionEnded); e.GetReason() != eventv1.SessionEnd_SESSION_END_DELETED {
			t.Errorf("%s: recorded %v", name, e)
		}
		_, err = n.Sessions.Delete(t.Context(), admin(), at.ID, "")
		refused(t, "once more", err, session.ErrNotFound)
		_, err = n.Sessions.Delete(t.Context(), stranger(), at.ID, at.Token)
		refused(t, "once more by the token", err, permission.ErrDenied)
	}
	_, err := n.Sessions.Delete(t.Context(), admin(), "none", "")
	refused(t, "none", err, session.ErrNotFound)
	_, err = n.Sessions.Delete(t.Context(), stranger(), "none", "")
	refused(t, "none, by a stranger", err, permission.ErrDenied)
}

// A session that expired may be ended still; its token does not help with that.
func TestEndingWhatExpired(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, byPassword())
	n.Clock.Advance(24 * hour)
	_, err := n.Sessions.Delete(t.Context(), stranger(), at.ID, at.Token)
	refused(t, "by the token", err, permission.ErrDenied)
	if _, err := n.Sessions.Delete(t.Context(), minnie(), at.ID, ""); err != nil {
		t.Error(err)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	n := scene(t)
	mine, other := begin(t, n), begin(t, n)
	for _, node := range []*commandtest.Node{n, n.Another(t)} { // the second finds it ended
		if err := node.Sessions.Logout(t.Context(), signedIn(mine.ID)); err != nil {
			t.Error(err)
		}
	}
	events := recorded(t, n, mine.ID, mine.Receipt.Version)
	if len(events) != 1 || events[0].(*eventv1.SessionEnded).GetReason() != eventv1.SessionEnd_SESSION_END_LOGOUT {
		t.Errorf("recorded %v", events)
	}
	if good(t, n, mine.ID) || !good(t, n, other.ID) {
		t.Error("the wrong session ended")
	}
	refused(t, "by a personal access token", n.Sessions.Logout(t.Context(), minnie()), session.ErrNoSession)
	refused(t, "of no session", n.Sessions.Logout(t.Context(), signedIn("none")), session.ErrNoSession)
	refused(t, "nobody", n.Sessions.Logout(t.Context(), nil), permission.ErrUnauthenticated)
	daisy := permission.NewCaller(permission.Identity{Tenant: n.Tenant, UserID: "daisy", Session: other.ID})
	refused(t, "of another", n.Sessions.Logout(t.Context(), daisy), session.ErrNoSession)
	if !good(t, n, other.ID) {
		t.Error("the session of another ended")
	}
}

// Every wrong token looks the same, and so does every session it is shown for.
func TestTokensOfASession(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at, other := create(t, n, byPassword()), create(t, n, byPassword())
	name := create(t, n, session.Checks{UserID: "minnie"})
	for what, c := range map[string]struct {
		id, token string
		want      error
	}{
		"right":                    {at.ID, at.Token, nil},
		"right, of a name":         {name.ID, name.Token, nil},
		"of another":               {at.ID, other.Token, permission.ErrDenied},
		"mistyped":                 {at.ID, at.Token[:20] + "!" + at.Token[21:], permission.ErrDenied},
		"none":                     {at.ID, "", permission.ErrDenied},
		"of no session":            {"none", at.Token, permission.ErrDenied},
		"none of no session":       {"none", "", permission.ErrDenied},
		"none of no id":            {"", "", permission.ErrDenied},
		"of an impossible session": {"#digest", at.Token, permission.ErrDenied},
	} {
		refused(t, what, denied(t, n, c.id, c.token), c.want)
	}
	err := n.Sessions.CheckToken(t.Context(), n.In(t, "elsewhere").Tenant, at.ID, at.Token)
	refused(t, "in another tenant", err, permission.ErrDenied)
	for what, token := range map[string]string{
		"nothing": "", "a prefix": session.TokenPrefix, "a refresh token": begin(t, n).RefreshToken, "cut": at.Token[:len(at.Token)-1],
	} {
		if id, ok := session.TokenSession(token); ok {
			t.Errorf("%s names %q", what, id)
		}
	}
}
