package session_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
)

// held returns the ids of those sessions whose refresh tokens are good.
func held(t *testing.T, n *commandtest.Node, as *permission.Caller, ids ...string) (held []string) {
	t.Helper()
	tokens, err := n.Sessions.RefreshTokens(t.Context(), as, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		held = append(held, token.SessionID)
	}
	return held
}

func TestRefreshTokensAreThoseThatAreGood(t *testing.T) {
	t.Parallel()
	n := scene(t)
	one, two, over := begin(t, n), begin(t, n), begin(t, n)
	without := create(t, n, byPassword())
	if _, err := n.Sessions.Delete(t.Context(), admin(), over.ID, ""); err != nil {
		t.Fatal(err)
	}
	all := []string{two.ID, without.ID, "none", over.ID, one.ID, "\x00"}
	if got := held(t, n, minnie(), all...); !slices.Equal(got, []string{two.ID, one.ID}) {
		t.Errorf("held %q", got)
	}
	tokens, err := n.Sessions.RefreshTokens(t.Context(), minnie(), []string{one.ID})
	if life, now := commandtest.SessionLife(), n.Clock.Now(); err != nil || !tokens[0].IdleUntil.Equal(now.Add(life.Refresh)) || !tokens[0].Until.Equal(now.Add(life.Session)) {
		t.Errorf("good until %+v, %v", tokens, err)
	}
	for _, as := range []*permission.Caller{stranger(), admin()} {
		if got := held(t, n, as, all...); got != nil {
			t.Errorf("%s holds %q", as.UserID, got)
		}
	}
	n.Clock.Advance(commandtest.SessionLife().Refresh - hour)
	refresh(t, n, two.RefreshToken)
	n.Clock.Advance(hour)
	if got := held(t, n, minnie(), all...); !slices.Equal(got, []string{two.ID}) {
		t.Errorf("held after one was idle: %q", got)
	}
	if _, err := n.Users.Lock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if got := held(t, n, minnie(), all...); got != nil {
		t.Errorf("held by a locked user: %q", got)
	}
}

func TestRevokedRefreshTokens(t *testing.T) {
	t.Parallel()
	n := scene(t)
	one, two, three := begin(t, n), begin(t, n), begin(t, n)
	without := create(t, n, byPassword())
	revoke := func(as *permission.Caller, id string) error {
		_, err := n.Sessions.RevokeRefreshToken(t.Context(), as, id)
		return err
	}
	for what, err := range map[string]error{
		"of nobody's": revoke(minnie(), "none"), "without one": revoke(minnie(), without.ID), "by a stranger": revoke(stranger(), one.ID),
		"by an administrator": revoke(admin(), one.ID),
	} {
		refused(t, what, err, session.ErrNoRefreshToken)
	}
	if err := revoke(minnie(), one.ID); err != nil || good(t, n, one.ID) {
		t.Errorf("revoked: %v", err)
	}
	refused(t, "twice", revoke(minnie(), one.ID), session.ErrNoRefreshToken)
	if _, err := n.Sessions.Refresh(t.Context(), n.Tenant, one.RefreshToken); err == nil {
		t.Error("a revoked token is taken")
	}
	ids := []string{one.ID, two.ID, without.ID, "none", three.ID}
	_, err := n.Sessions.RevokeRefreshTokens(t.Context(), stranger(), ids)
	refused(t, "all, by a stranger", err, session.ErrNoRefreshTokens)
	at, err := n.Sessions.RevokeRefreshTokens(t.Context(), minnie(), ids)
	if err != nil || at == 0 || good(t, n, two.ID) || good(t, n, three.ID) || !good(t, n, without.ID) {
		t.Errorf("all: %d, %v", at, err)
	}
	_, err = n.Sessions.RevokeRefreshTokens(t.Context(), minnie(), ids)
	refused(t, "all, again", err, session.ErrNoRefreshTokens)
}

func TestRefreshTokensAreRefused(t *testing.T) {
	t.Parallel()
	n := scene(t)
	many := make([]string, session.MaxRefreshTokens+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for who, c := range map[string]struct {
		as   *permission.Caller
		ids  []string
		want error
	}{
		"nobody":   {nil, []string{"a"}, permission.ErrUnauthenticated},
		"too many": {minnie(), many, session.ErrTooManySessions},
	} {
		_, err := n.Sessions.RefreshTokens(t.Context(), c.as, c.ids)
		refused(t, "listed by "+who, err, c.want)
		_, err = n.Sessions.RevokeRefreshTokens(t.Context(), c.as, c.ids)
		refused(t, "revoked by "+who, err, c.want)
	}
	_, err := n.Sessions.RevokeRefreshToken(t.Context(), nil, "a")
	refused(t, "one, by nobody", err, permission.ErrUnauthenticated)
}

// A token that is used and revoked at once, on two nodes, ends its session whichever comes first, and once.
func TestRevokingRacesWithUsing(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	begun := begin(t, n)
	var revoked atomic.Int64
	var all sync.WaitGroup
	all.Go(func() { _, _ = other.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken) })
	for _, at := range []*commandtest.Node{n, other, n, other} {
		all.Go(func() {
			if _, err := at.Sessions.RevokeRefreshToken(t.Context(), minnie(), begun.ID); err == nil {
				revoked.Add(1)
			}
		})
	}
	all.Wait()
	if revoked.Load() != 1 || good(t, n, begun.ID) || good(t, other, begun.ID) {
		t.Errorf("revoked %d times; good: %v", revoked.Load(), good(t, n, begun.ID))
	}
}
