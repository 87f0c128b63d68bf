package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

func TestASessionSpeaksForItsUser(t *testing.T) {
	t.Parallel()
	n, personal := robot(t, user.NewToken{})
	s := signIn(t, n, "robot", personal.ID)
	for kind, token := range s.tokens() {
		for range 2 { // from the log, then from the cache
			caller, err := n.Access.Authenticate(t.Context(), token)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if caller.Tenant != n.Tenant || caller.UserID != "robot" || caller.Session != s.ID || caller.TokenID != "" || caller.Organization != "default" {
				t.Errorf("%s: caller %+v", kind, caller)
			}
		}
	}
}

// Sessions that are not about anybody, or of which no more than a name is known, speak for nobody.
func TestANameIsNotEnough(t *testing.T) {
	t.Parallel()
	n, _ := robot(t, user.NewToken{})
	for name, checks := range map[string]session.Checks{"about nobody": {}, "about a user": {UserID: "robot"}} {
		created, err := n.Sessions.Create(t.Context(), commandtest.Admin(), session.Create{Checks: checks})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		refused(t, name, created.Token, n)
		refused(t, name+", access token", issue(t, n, accesstoken.Subject{UserID: "robot", SessionID: created.ID}), n)
	}
}

func TestBadSessionTokensLookTheSame(t *testing.T) {
	t.Parallel()
	n, personal := robot(t, user.NewToken{})
	s := signIn(t, n, "robot", personal.ID)
	raw, ok := bearer.Open(session.TokenPrefix, 40, s.SessionToken)
	if !ok {
		t.Fatal("the form of session tokens is another")
	}
	changed := func(at int) string {
		other := append([]byte(nil), raw...)
		other[at] ^= 1
		return bearer.Seal(session.TokenPrefix, other)
	}
	for name, token := range map[string]string{
		"of an unknown session": changed(0), "with another secret": changed(16), "with half a secret": changed(39),
		"cut": s.SessionToken[:30], "prefix only": session.TokenPrefix, "huge": session.TokenPrefix + string(make([]byte, 1<<20)),
		"refresh token": s.RefreshToken, "dots": "..", "words": "a.b.c", "cut JWT": s.jwt[:len(s.jwt)-1], "JWT and more": s.jwt + ".",
		"huge JWT":               s.jwt + string(make([]byte, 1<<20)),
		"JWT of no session":      issue(t, n, accesstoken.Subject{UserID: "robot", SessionID: "none"}),
		"JWT of another user":    issue(t, n, accesstoken.Subject{UserID: "admin", SessionID: s.ID}),
		"JWT of a binary user":   issue(t, n, accesstoken.Subject{UserID: "\x00", SessionID: s.ID}),
		"JWT of a malformed one": issue(t, n, accesstoken.Subject{UserID: "robot", SessionID: "\x00\xff"}),
	} {
		for range 2 {
			refused(t, name, token, n)
		}
	}
	ticket, err := n.Tokens.IssueTicket(t.Context(), accesstoken.Ticket{Purpose: "p", Value: s.ID, Life: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "ticket", ticket, n)
}

// Whatever ends a session, or its user, ends the tokens that speak for it: at once where that happens, and elsewhere as soon as
// the node has read that far.
func TestTheEndOfASession(t *testing.T) {
	t.Parallel()
	type end func(context.Context, *commandtest.Node, signedIn) error
	for name, end := range map[string]end{
		"logged out": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			caller, err := n.Access.Authenticate(ctx, s.jwt)
			if err != nil {
				return err
			}
			return n.Sessions.Logout(ctx, caller)
		},
		"session deleted": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			_, err := n.Sessions.Delete(ctx, commandtest.Admin(), s.ID, "")
			return err
		},
		"refresh token used twice": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			if _, err := n.Sessions.Refresh(ctx, n.Tenant, s.RefreshToken); err != nil {
				return err
			}
			if _, err := n.Sessions.Refresh(ctx, n.Tenant, s.RefreshToken); !errors.Is(err, session.ErrRefreshToken) {
				return errors.New("a refresh token can be used twice")
			}
			return nil
		},
		"locked": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			_, err := n.Users.Lock(ctx, system(), s.user)
			return err
		},
		"locked and unlocked": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			if _, err := n.Users.Lock(ctx, system(), s.user); err != nil {
				return err
			}
			_, err := n.Users.Unlock(ctx, system(), s.user)
			return err
		},
		"deactivated": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			_, err := n.Users.Deactivate(ctx, system(), s.user)
			return err
		},
		"deactivated and reactivated": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			if _, err := n.Users.Deactivate(ctx, system(), s.user); err != nil {
				return err
			}
			_, err := n.Users.Reactivate(ctx, system(), s.user)
			return err
		},
		"deleted": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			_, err := n.Users.Delete(ctx, system(), s.user)
			return err
		},
		"deleted and added again": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			if _, err := n.Users.Delete(ctx, system(), s.user); err != nil {
				return err
			}
			_, err := n.Users.AddMachine(ctx, system(), user.AddMachine{UserID: s.user, Organization: "default", Name: "Robot"})
			return err
		},
		"password changed": func(ctx context.Context, n *commandtest.Node, s signedIn) error {
			_, err := n.Users.SetPassword(ctx, commandtest.Admin(), user.SetPassword{
				UserID: s.user, New: user.NewPassword{Clear: "Another-Horse-8"},
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			person(t, n)
			s := signIn(t, n, "minnie", "")
			untouched := signIn(t, n, "minnie", "")
			other := n.Another(t)
			for kind, token := range s.tokens() {
				good(t, kind, token, n, other)
			}
			before := other.Store.HighWater()
			if err := end(t.Context(), n, s); err != nil {
				t.Fatal(err)
			}
			for kind, token := range s.tokens() {
				refused(t, kind, token, n)
			}
			readOn(t, other, before)
			for kind, token := range s.tokens() {
				refused(t, kind+", elsewhere", token, other)
			}
			state, err := n.SessionStates.Load(t.Context(), n.Tenant, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			if state.State.Ended { // and not its user
				good(t, "another session of the user", untouched.jwt, n, other)
			}
		})
	}
}

// A session that stands on a personal access token ends with it.
func TestTheEndOfWhatASessionStandsOn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *commandtest.Node, user.Issued) error{
		"revoked": func(ctx context.Context, n *commandtest.Node, token user.Issued) error {
			_, err := n.Users.RevokeToken(ctx, system(), user.RevokeToken{UserID: "robot", TokenID: token.ID})
			return err
		},
		"expired by force": func(ctx context.Context, n *commandtest.Node, token user.Issued) error {
			_, err := n.Users.ExpireToken(ctx, commandtest.Caller("robot"), user.ExpireToken{UserID: "robot", TokenID: token.ID})
			return err
		},
		"expired": func(_ context.Context, n *commandtest.Node, _ user.Issued) error {
			n.Clock.Advance(30 * time.Second) // less than answers are kept
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, token := robot(t, user.NewToken{ExpiresAt: time.Date(2026, 11, 21, 12, 0, 30, 0, time.UTC)})
			s := signIn(t, n, "robot", token.ID)
			other := n.Another(t)
			for kind, token := range s.tokens() {
				good(t, kind, token, n, other)
			}
			before := other.Store.HighWater()
			if err := end(t.Context(), n, token); err != nil {
				t.Fatal(err)
			}
			for kind, token := range s.tokens() {
				refused(t, kind, token, n)
			}
			readOn(t, other, before)
			for kind, token := range s.tokens() {
				refused(t, kind+", elsewhere", token, other)
			}
		})
	}
}

// A sign-in that was judged before the password changed, and is recorded after it, begins a session that never was good.
func TestAJudgementGetsOld(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	person(t, n)
	judged := n.Version(t, "minnie")
	n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: "$other$"})
	begun, err := n.Sessions.Begin(t.Context(), session.Begin{
		Tenant: n.Tenant, UserID: "minnie", Organization: "default", UserVersion: judged, Proof: session.ByPassword, SessionToken: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "session token", begun.SessionToken, n)
	refused(t, "access token", issue(t, n, accesstoken.Subject{UserID: "minnie", SessionID: begun.ID}), n)
}

// Each change makes a new session token and voids the one before; access tokens stay.
func TestANewSessionToken(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	person(t, n)
	s := signIn(t, n, "minnie", "")
	good(t, "session token", s.SessionToken, n)
	changed, err := n.Sessions.Set(t.Context(), commandtest.Admin(), session.Set{ID: s.ID, Metadata: map[string][]byte{"k": []byte("v")}})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "the token before", s.SessionToken, n)
	good(t, "the token after", changed.Token, n)
	good(t, "access token", s.jwt, n)
}

// No cached answer outlives the token.
func TestAccessTokensExpire(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	person(t, n)
	s := signIn(t, n, "minnie", "")
	n.Clock.Advance(commandtest.TokenLife - time.Second)
	good(t, "a second before", s.jwt, n)
	n.Clock.Advance(time.Second)
	refused(t, "expired", s.jwt, n)
	good(t, "the session token", s.SessionToken, n)
	next := issue(t, n, accesstoken.Subject{UserID: "minnie", SessionID: s.ID})
	n.Clock.Advance(commandtest.SessionLife().Session - commandtest.TokenLife - time.Second)
	good(t, "a second before the end of the session", s.SessionToken, n)
	refused(t, "another, long expired", next, n)
	last := issue(t, n, accesstoken.Subject{UserID: "minnie", SessionID: s.ID})
	good(t, "the last", last, n)
	n.Clock.Advance(time.Second)
	refused(t, "the session has expired", s.SessionToken, n)
	refused(t, "the session of a younger token has expired", last, n)
}

// What is cached costs no look into the log, whatever the kind.
func TestACachedAnswerReadsNothing(t *testing.T) {
	t.Parallel()
	n, personal := robot(t, user.NewToken{})
	s := signIn(t, n, "robot", personal.ID)
	gone, cancel := context.WithCancel(t.Context())
	cancel() // every read fails
	tokens := s.tokens()
	tokens["personal access token"] = personal.Token
	for kind, token := range tokens {
		if _, err := n.Access.Authenticate(gone, token); err == nil || errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("%s, not cached: %v", kind, err)
		}
		good(t, kind, token, n)
		if _, err := n.Access.Authenticate(gone, token); err != nil {
			t.Errorf("%s, cached: %v", kind, err)
		}
	}
}
