package access_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestAGoodToken(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	for range 2 { // from the log, then from the cache
		caller, err := n.Access.Authenticate(t.Context(), token.Token)
		if err != nil {
			t.Fatal(err)
		}
		if caller.Tenant != n.Tenant || caller.UserID != "robot" || caller.TokenID != token.ID || caller.Session != "" || caller.Organization != "default" || caller.May(permission.UserRead, "default") {
			t.Errorf("caller %+v", caller)
		}
	}
}

func TestBadTokensLookTheSame(t *testing.T) {
	t.Parallel()
	n, good := robot(t, user.NewToken{})
	unknown, err := bearer.New(new(zeros))
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"none": "", "malformed": "x", "cut": good.Token[:30], "prefix": "sgt_", "unknown": unknown, "changed": changed(good.Token),
		"binary": "sgt_\x00\xff", "huge": string(make([]byte, 1<<20)),
	} {
		for range 2 {
			_, err := n.Access.Authenticate(t.Context(), token)
			same(t, name, err)
		}
	}
}

// changed is a token with another character in its middle.
func changed(token string) string {
	other := "0"
	if token[10] == '0' {
		other = "1"
	}
	return token[:10] + other + token[11:]
}

type zeros struct{}

func (*zeros) Read(p []byte) (int, error) { return len(p), nil }

// A token ends with what it stands on: at once where that happens, and elsewhere as soon as the node has read that far.
func TestTheEndOfAToken(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *commandtest.Node, user.Issued) error{
		"revoked": func(ctx context.Context, n *commandtest.Node, token user.Issued) error {
			_, err := n.Users.RevokeToken(ctx, system(), user.RevokeToken{UserID: "robot", TokenID: token.ID})
			return err
		},
		"locked": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Lock(ctx, system(), "robot")
			return err
		},
		"expired by force": func(ctx context.Context, n *commandtest.Node, token user.Issued) error {
			_, err := n.Users.ExpireToken(ctx, commandtest.Caller("robot"), user.ExpireToken{UserID: "robot", TokenID: token.ID})
			return err
		},
		"deactivated": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Deactivate(ctx, system(), "robot")
			return err
		},
		"deleted": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Delete(ctx, system(), "robot")
			return err
		},
		"deleted and added again": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			if _, err := n.Users.Delete(ctx, system(), "robot"); err != nil {
				return err
			}
			_, err := n.Users.AddMachine(ctx, system(), user.AddMachine{UserID: "robot", Organization: "default", Name: "Robot"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, token := robot(t, user.NewToken{})
			other := n.Another(t)
			good(t, name, token.Token, n, other)
			before := other.Store.HighWater()
			if err := end(t.Context(), n, token); err != nil {
				t.Fatal(err)
			}
			refused(t, name, token.Token, n)
			readOn(t, other, before)
			refused(t, name+", elsewhere", token.Token, other)
		})
	}
}

func TestAnExpiredToken(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{ExpiresAt: time.Date(2026, 11, 21, 12, 0, 30, 0, time.UTC)})
	if _, err := n.Access.Authenticate(t.Context(), token.Token); err != nil {
		t.Fatal(err)
	}
	n.Clock.Advance(29 * time.Second)
	if _, err := n.Access.Authenticate(t.Context(), token.Token); err != nil {
		t.Errorf("a second before: %v", err)
	}
	n.Clock.Advance(time.Second)
	for range 2 {
		_, err := n.Access.Authenticate(t.Context(), token.Token)
		same(t, "expired", err)
	}
}

// Without a follower another node notices after a minute.
func TestAnAnswerGetsOld(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	other := n.Another(t)
	if _, err := other.Access.Authenticate(t.Context(), token.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Users.Lock(t.Context(), permission.System(n.Tenant), "robot"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Access.Authenticate(t.Context(), token.Token); err != nil {
		t.Errorf("the cache does not work, and this test shows nothing: %v", err)
	}
	other.Clock.Advance(time.Minute)
	_, err := other.Access.Authenticate(t.Context(), token.Token)
	same(t, "a minute later", err)
}

func TestReactivationBringsATokenBack(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	n.Given(t, "robot", &eventv1.UserDeactivated{})
	_, err := n.Access.Authenticate(t.Context(), token.Token)
	same(t, "deactivated", err)
	n.Given(t, "robot", &eventv1.UserReactivated{})
	if _, err := n.Access.Authenticate(t.Context(), token.Token); err != nil {
		t.Errorf("reactivated: %v", err)
	}
}

// Callers authenticate without pause while the user is locked and unlocked: after each answer to Lock no caller gets in any more.
func TestNoAnswerOutlivesALock(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = n.Access.Authenticate(context.Background(), token.Token)
				}
			}
		})
	}
	for i := range 50 {
		if _, err := n.Users.Lock(t.Context(), system(), "robot"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Access.Authenticate(t.Context(), token.Token); err == nil {
			t.Errorf("round %d: a locked user gets in", i)
		}
		if _, err := n.Users.Unlock(t.Context(), system(), "robot"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Access.Authenticate(t.Context(), token.Token); err != nil {
			t.Errorf("round %d: an unlocked user does not get in: %v", i, err)
		}
	}
	close(stop)
	wg.Wait()
}

func TestALogOutOfReachIsNoRefusalOfTheToken(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.Access.Authenticate(ctx, token.Token); err == nil || errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("%v", err)
	}
}
