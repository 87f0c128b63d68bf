package session_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

func set(t testing.TB, n *commandtest.Node, as *permission.Caller, req session.Set) session.Changed {
	t.Helper()
	out, err := n.Sessions.Set(t.Context(), as, req)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A sign-in step by step, as a login page does it: each step by the token of the one before.
func TestASignInStepByStep(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, session.Checks{})
	steps := []struct {
		req  session.Set
		then []string
	}{
		{session.Set{Checks: session.Checks{LoginName: "minnie"}}, []string{"session.user.checked"}},
		{session.Set{Checks: session.Checks{Password: goodPassword}}, []string{"session.password.checked"}},
		{session.Set{Challenges: session.Challenges{OTPEmail: user.Return{}}}, []string{"session.otp.email.challenged"}},
		{session.Set{Metadata: map[string][]byte{"a": []byte("1"), "b": []byte("2")}}, []string{"session.metadata.set", "session.metadata.set"}},
		{session.Set{Metadata: map[string][]byte{"a": nil, "c": nil}, Lifetime: time.Minute}, []string{"session.metadata.removed", "session.lifetime.set"}},
		{session.Set{Checks: session.Checks{UserID: "minnie"}}, []string{"session.user.checked"}},
	}
	code := ""
	for i, step := range steps {
		step.req.ID, step.req.Token = at.ID, at.Token
		next := set(t, n, loginPage(), step.req)
		then(t, n, at, append(step.then, "session.token.set")...)
		if next.Token == at.Token || denied(t, n, at.ID, at.Token) == nil || denied(t, n, at.ID, next.Token) != nil {
			t.Errorf("step %d: the token did not change", i)
		}
		if next.Challenged.OTPEmail != "" {
			code = next.Challenged.OTPEmail
		}
		at = next
	}
	_, err := n.Sessions.Set(t.Context(), loginPage(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{OTPEmail: "wrong"}})
	refused(t, "a wrong code", err, user.ErrWrongCode)
	then(t, n, at)
	last := set(t, n, loginPage(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{OTPEmail: code}})
	then(t, n, at, "session.otp.email.checked", "session.token.set")
	_, err = n.Sessions.Set(t.Context(), loginPage(), session.Set{ID: at.ID, Token: last.Token, Checks: session.Checks{OTPEmail: code}})
	refused(t, "the code again", err, session.ErrNoChallenge)
	state := stateOf(t, n, at.ID)
	if !good(t, n, at.ID) || !state.ExpiresAt.Equal(n.Clock.Now().Add(time.Minute)) || len(state.Metadata) != 1 {
		t.Errorf("%+v", state)
	}
}

func TestWhoMayChangeASession(t *testing.T) {
	t.Parallel()
	n := scene(t)
	mine, other := create(t, n, byPassword()), create(t, n, byPassword())
	unbound := create(t, n, session.Checks{})
	old := mine.Token
	mine = set(t, n, loginPage(), session.Set{ID: mine.ID, Token: mine.Token})
	bare := begin(t, n)
	for name, c := range map[string]struct {
		as   *permission.Caller
		req  session.Set
		want error
	}{
		"who has the permission":                     {admin(), session.Set{ID: mine.ID}, nil},
		"who has it, with a wrong token":             {admin(), session.Set{ID: other.ID, Token: "wrong"}, nil},
		"who has it, about nobody yet":               {loginPage(), session.Set{ID: unbound.ID}, nil},
		"who has it, of no session":                  {admin(), session.Set{ID: "none"}, session.ErrNotFound},
		"the user, without the token":                {minnie(), session.Set{ID: mine.ID}, permission.ErrDenied},
		"the user, signed in by it":                  {signedIn(mine.ID), session.Set{ID: mine.ID}, permission.ErrDenied},
		"a stranger":                                 {stranger(), session.Set{ID: mine.ID}, permission.ErrDenied},
		"a stranger, of no session":                  {stranger(), session.Set{ID: "none"}, permission.ErrDenied},
		"a stranger, of no session, with a token":    {stranger(), session.Set{ID: "none", Token: mine.Token}, permission.ErrDenied},
		"with the token of another":                  {minnie(), session.Set{ID: bare.ID, Token: mine.Token}, permission.ErrDenied},
		"with the token before":                      {minnie(), session.Set{ID: mine.ID, Token: old}, permission.ErrDenied},
		"with a refresh token":                       {minnie(), session.Set{ID: bare.ID, Token: bare.RefreshToken}, permission.ErrDenied},
		"who owns the organization, without a token": {owner(), session.Set{ID: mine.ID}, permission.ErrDenied},
		"nobody": {nil, session.Set{ID: bare.ID, Token: bare.SessionToken}, permission.ErrUnauthenticated},
	} {
		_, err := n.Sessions.Set(t.Context(), c.as, c.req)
		refused(t, name, err, c.want)
	}
	set(t, n, stranger(), session.Set{ID: bare.ID, Token: bare.SessionToken})
}

// Who has only the token proves what there is to prove, and makes nobody send anything.
func TestATokenIsNoPermission(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, session.Checks{UserID: "minnie"})
	_, err := n.Sessions.Set(t.Context(), stranger(), session.Set{ID: at.ID, Token: at.Token, Challenges: session.Challenges{OTPEmail: user.Return{}}})
	refused(t, "a challenge", err, permission.ErrDenied)
	at = set(t, n, stranger(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{Password: goodPassword}})
	if !good(t, n, at.ID) {
		t.Error("the right password proves nothing")
	}
	at = set(t, n, minnie(), session.Set{ID: at.ID, Token: at.Token, Challenges: session.Challenges{OTPEmail: user.Send{}}})
	_, err = n.Sessions.Set(t.Context(), minnie(), session.Set{ID: at.ID, Token: at.Token, Challenges: session.Challenges{OTPEmail: user.Return{}}})
	refused(t, "the user, who wants to see the code", err, permission.ErrDenied)
}

func TestTheUserOfASessionIsFixed(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, byPassword())
	for name, checks := range map[string]session.Checks{
		"another": {UserID: "daisy"}, "another by name": {LoginName: "daisy"}, "nobody": {UserID: "nobody"}, "nobody by name": {LoginName: "nobody"},
		"another by proof": {UserID: "daisy", Password: goodPassword},
	} {
		_, err := n.Sessions.Set(t.Context(), loginPage(), session.Set{ID: at.ID, Token: at.Token, Checks: checks})
		refused(t, name, err, session.ErrOtherUser)
	}
	then(t, n, at)
}

// Many bind one session to different users at once: it is about one of them.
func TestARaceForTheUser(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	for range 10 {
		at := create(t, n, session.Checks{})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				who := []string{"minnie", "daisy"}[i/2%2]
				_, err := nodes[i%2].Sessions.Set(t.Context(), admin(), session.Set{ID: at.ID, Checks: session.Checks{UserID: who}})
				if err != nil && !errors.Is(err, session.ErrOtherUser) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		users := map[string]bool{}
		for _, e := range recorded(t, n, at.ID, 0) {
			if e, ok := e.(*eventv1.SessionUserChecked); ok {
				users[e.GetUserId()] = true
			}
		}
		if len(users) != 1 {
			t.Errorf("the session was about %v", users)
		}
	}
}

// Many use one session token at once: it is good for one change.
func TestASessionTokenIsGoodOnce(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	at := create(t, n, byPassword())
	for range 10 {
		var won atomic.Int64
		var next atomic.Value
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				out, err := nodes[i%2].Sessions.Set(t.Context(), stranger(), session.Set{ID: at.ID, Token: at.Token, Metadata: map[string][]byte{fmt.Sprint(i): []byte("x")}})
				switch {
				case err == nil:
					won.Add(1)
					next.Store(out)
				case !errors.Is(err, permission.ErrDenied):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d changes by one token", won.Load())
		}
		at = next.Load().(session.Changed)
	}
}

// What ended is no session any more: for those who may, there is none; the token is nobody's.
func TestSessionsThatAreOver(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, n *commandtest.Node, at session.Changed){
		"expired": func(_ *testing.T, n *commandtest.Node, _ session.Changed) { n.Clock.Advance(24 * hour) },
		"deleted": func(t *testing.T, n *commandtest.Node, at session.Changed) {
			if _, err := n.Sessions.Delete(t.Context(), admin(), at.ID, ""); err != nil {
				t.Error(err)
			}
		},
		"a new password": func(t *testing.T, n *commandtest.Node, _ session.Changed) {
			hash, _ := passwordHash()
			n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: hash})
		},
		"was locked": func(t *testing.T, n *commandtest.Node, _ session.Changed) {
			n.Given(t, "minnie", &eventv1.UserLocked{}, &eventv1.UserUnlocked{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			other := n.Another(t)
			at := create(t, n, byPassword())
			if err := denied(t, other, at.ID, at.Token); err != nil {
				t.Fatal(err)
			}
			end(t, n, at)
			before := sessionVersion(t, n, at.ID)
			for _, node := range []*commandtest.Node{other, n} {
				for what, checks := range map[string]session.Checks{"nothing": {}, "the user": {UserID: "minnie"}, "the password": {Password: goodPassword}} {
					_, err := node.Sessions.Set(t.Context(), admin(), session.Set{ID: at.ID, Token: at.Token, Checks: checks})
					refused(t, what+", by who may", err, session.ErrNotFound)
					_, err = node.Sessions.Set(t.Context(), minnie(), session.Set{ID: at.ID, Token: at.Token, Checks: checks})
					refused(t, what+", by the token", err, permission.ErrDenied)
				}
				refused(t, "the token", denied(t, node, at.ID, at.Token), errDenied)
			}
			if after := sessionVersion(t, n, at.ID); after != before || good(t, n, at.ID) {
				t.Errorf("%d events more; good %v", after-before, good(t, n, at.ID))
			}
		})
	}
}

// Somebody who does not know the password sets a new one, and goes on in the session that knows no more than the name.
func TestANewPasswordDoesNotEndWhatWasNotProven(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, session.Checks{LoginName: "minnie"})
	hash, _ := passwordHash()
	n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: hash})
	at = set(t, n, loginPage(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{Password: goodPassword}})
	if !good(t, n, at.ID) {
		t.Error("the session is not good")
	}
}

// The sum of entries is bounded, whoever adds them at once.
func TestMetadataHasABound(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, session.Checks{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			entries := make(map[string][]byte)
			for j := range 30 {
				entries[fmt.Sprint(i, "/", j)] = []byte("x")
			}
			_, err := n.Sessions.Set(t.Context(), admin(), session.Set{ID: at.ID, Metadata: entries})
			if err != nil && !errors.Is(err, session.ErrMetadataSize) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if have := len(stateOf(t, n, at.ID).Metadata); have != 90 {
		t.Errorf("%d entries", have)
	}
}

func sessionVersion(t testing.TB, n *commandtest.Node, id string) uint64 {
	t.Helper()
	head, err := n.Store.StreamHead(t.Context(), streamOf(n, id))
	if err != nil {
		t.Fatal(err)
	}
	return head.Version
}
