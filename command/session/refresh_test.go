package session_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/session"
)

func refresh(t testing.TB, n *commandtest.Node, token string) session.Refreshed {
	t.Helper()
	next, err := n.Sessions.Refresh(t.Context(), n.Tenant, token)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	begun := begin(t, n)
	token := begun.RefreshToken
	for i, node := range []*commandtest.Node{n, other, other, n} {
		next := refresh(t, node, token)
		if next.ID != begun.ID || next.UserID != "minnie" || next.RefreshToken == token || !strings.HasPrefix(next.RefreshToken, "sgr_") {
			t.Errorf("refreshed %+v", next)
		}
		token = next.RefreshToken
		last := recorded(t, n, begun.ID, begun.Receipt.Version+uint64(i))
		if e := last[0].(*eventv1.SessionRefreshed); len(last) != 1 || e.GetGeneration() != uint32(i)+2 {
			t.Errorf("recorded %v", last)
		}
	}
	if !good(t, n, begun.ID) {
		t.Error("the session is not good any more")
	}
}

// A token that was used and comes back ends the session and everything that came of it, on whatever node.
func TestAUsedRefreshTokenEndsTheSession(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	begun := begin(t, n)
	second := refresh(t, n, begun.RefreshToken)
	third := refresh(t, n, second.RefreshToken)
	_, err := other.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
	refused(t, "the used one", err, session.ErrRefreshToken)
	events := recorded(t, n, begun.ID, begun.Receipt.Version+2)
	if len(events) != 1 || events[0].(*eventv1.SessionEnded).GetReason() != eventv1.SessionEnd_SESSION_END_REFRESH_REUSED {
		t.Errorf("recorded %v", events)
	}
	for name, token := range map[string]string{"the first": begun.RefreshToken, "the second": second.RefreshToken, "the newest": third.RefreshToken} {
		_, err := n.Sessions.Refresh(t.Context(), n.Tenant, token)
		refused(t, name, err, session.ErrRefreshToken)
	}
	refused(t, "the session token", denied(t, n, begun.ID, begun.SessionToken), errDenied)
	if good(t, n, begun.ID) {
		t.Error("the session is good")
	}
	if more := recorded(t, n, begun.ID, begun.Receipt.Version+3); len(more) > 0 {
		t.Errorf("recorded %v", more)
	}
}

// Nobody ends a session who has not had one of its tokens.
func TestForgedRefreshTokensEndNothing(t *testing.T) {
	t.Parallel()
	n := scene(t)
	begun := begin(t, n)
	token := refresh(t, n, begun.RefreshToken).RefreshToken
	version := begun.Receipt.Version + 1
	const size = 56
	raw, ok := bearer.Open("sgr_", size, begun.RefreshToken)
	if !ok {
		t.Fatal("the form of refresh tokens has changed, and this test shows nothing")
	}
	forge := func(edit func(raw []byte)) string {
		forged := slices.Clone(raw)
		edit(forged)
		return bearer.Seal("sgr_", forged)
	}
	forged := map[string]string{
		"empty": "", "a prefix": "sgr_", "another kind": begun.SessionToken, "cut": token[:40], "mistyped": token[:20] + "!" + token[21:],
		"another session":   forge(func(raw []byte) { raw[3]++ }),
		"another random":    forge(func(raw []byte) { raw[30]++ }),
		"another checksum":  forge(func(raw []byte) { raw[size-1]++ }),
		"no checksum":       forge(func(raw []byte) { clear(raw[40:]) }),
		"an old generation": forge(func(raw []byte) { clear(raw[16:20]) }),
		"one of the future": forge(func(raw []byte) { raw[19] = 77 }),
		"only the id":       forge(func(raw []byte) { clear(raw[16:]) }),
	}
	for name, token := range forged {
		_, err := n.Sessions.Refresh(t.Context(), n.Tenant, token)
		refused(t, name, err, session.ErrRefreshToken)
		if err.Error() != session.ErrRefreshToken.Error() {
			t.Errorf("%s: another text: %v", name, err)
		}
	}
	_, err := n.Sessions.Refresh(t.Context(), n.In(t, "elsewhere").Tenant, token)
	refused(t, "another tenant", err, session.ErrRefreshToken)
	if events := recorded(t, n, begun.ID, version); len(events) > 0 {
		t.Errorf("recorded %v", events)
	}
	refresh(t, n, token)
}

// What is wrong with a token is never told.
func TestRefreshTokensOfWhatIsOver(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, n *commandtest.Node, s session.Begun){
		"the token expired":   func(_ *testing.T, n *commandtest.Node, _ session.Begun) { n.Clock.Advance(8 * hour) },
		"the session expired": func(_ *testing.T, n *commandtest.Node, _ session.Begun) { n.Clock.Advance(24 * hour) },
		"logged out": func(t *testing.T, n *commandtest.Node, s session.Begun) {
			if err := n.Sessions.Logout(t.Context(), signedIn(s.ID)); err != nil {
				t.Error(err)
			}
		},
		"locked": func(t *testing.T, n *commandtest.Node, _ session.Begun) { n.Given(t, "minnie", &eventv1.UserLocked{}) },
		"was locked": func(t *testing.T, n *commandtest.Node, _ session.Begun) {
			n.Given(t, "minnie", &eventv1.UserLocked{}, &eventv1.UserUnlocked{})
		},
		"deactivated": func(t *testing.T, n *commandtest.Node, _ session.Begun) {
			n.Given(t, "minnie", &eventv1.UserDeactivated{})
		},
		"removed": func(t *testing.T, n *commandtest.Node, _ session.Begun) { n.Given(t, "minnie", &eventv1.UserRemoved{}) },
		"removed and added again": func(t *testing.T, n *commandtest.Node, _ session.Begun) {
			n.Given(t, "minnie", append([]message{&eventv1.UserRemoved{}}, person(t, "minnie")...)...)
		},
		"a new password": func(t *testing.T, n *commandtest.Node, _ session.Begun) {
			n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: "h"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			other := n.Another(t)
			begun := begin(t, n)
			token := refresh(t, other, begun.RefreshToken).RefreshToken
			end(t, n, begun)
			before := len(recorded(t, n, begun.ID, 0))
			for _, node := range []*commandtest.Node{n, other} {
				_, err := node.Sessions.Refresh(t.Context(), n.Tenant, token)
				refused(t, name, err, session.ErrRefreshToken)
				if err.Error() != session.ErrRefreshToken.Error() {
					t.Errorf("another text: %v", err)
				}
			}
			if after := len(recorded(t, n, begun.ID, 0)); after != before {
				t.Errorf("%d events more", after-before)
			}
		})
	}
}

// Use makes a refresh token live again, but never longer than its session.
func TestARefreshTokenDoesNotOutliveItsSession(t *testing.T) {
	t.Parallel()
	n := scene(t)
	begun := begin(t, n)
	start, token := n.Clock.Now(), begun.RefreshToken
	for n.Clock.Now().Sub(start) < 24*hour {
		token = refresh(t, n, token).RefreshToken
		state := stateOf(t, n, begun.ID)
		want := n.Clock.Now().Add(commandtest.SessionLife().Refresh)
		if state.ExpiresAt.Before(want) {
			want = state.ExpiresAt
		}
		if !state.Refresh.ExpiresAt.Equal(want) {
			t.Errorf("after %s: until %s, want %s", n.Clock.Now().Sub(start), state.Refresh.ExpiresAt, want)
		}
		n.Clock.Advance(7 * hour)
	}
	_, err := n.Sessions.Refresh(t.Context(), n.Tenant, token)
	refused(t, "after a day", err, session.ErrRefreshToken)
}

// Many use one refresh token at once, on one node and on two: one wins, and since the others had a copy, nothing is left of
// the session afterwards.
func TestFiftyParallelRefreshes(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int{"on one node": 1, "on two nodes": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			nodes := []*commandtest.Node{n}
			if count == 2 {
				nodes = append(nodes, n.Another(t))
			}
			for range 5 {
				race(t, nodes)
			}
		})
	}
}

func race(t *testing.T, nodes []*commandtest.Node) {
	t.Helper()
	const users = 50
	n, begun := nodes[0], begin(t, nodes[0])
	var won atomic.Int64
	var winner atomic.Value
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range users {
		wg.Go(func() {
			<-start
			next, err := nodes[i%len(nodes)].Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
			switch {
			case err == nil:
				won.Add(1)
				winner.Store(next.RefreshToken)
			case !errors.Is(err, session.ErrRefreshToken):
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d won", won.Load())
	}
	want := []string{"session.refreshed", "session.ended"}
	if got := commandtest.Types(recorded(t, n, begun.ID, begun.Receipt.Version)); !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
	for _, node := range nodes {
		for _, token := range []string{begun.RefreshToken, winner.Load().(string)} {
			_, err := node.Sessions.Refresh(t.Context(), n.Tenant, token)
			refused(t, "afterwards", err, session.ErrRefreshToken)
		}
		refused(t, "the session token", denied(t, node, begun.ID, begun.SessionToken), errDenied)
		if good(t, node, begun.ID) {
			t.Error("the session is good")
		}
	}
}

func BenchmarkRefresh(b *testing.B) {
	n := scene(b)
	token := begin(b, n).RefreshToken
	b.ReportAllocs()
	for b.Loop() {
		token = refresh(b, n, token).RefreshToken
	}
}
