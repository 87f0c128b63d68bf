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
	"github.com/signet-iam/signet/eventstore/failure"
)

// robot returns a node with a machine user and its token.
func robot(t testing.TB, token user.NewToken) (*commandtest.Node, user.Issued) {
	t.Helper()
	n := commandtest.New(t, database(t))
	added, err := n.Users.AddMachine(t.Context(), permission.System(n.Tenant), user.AddMachine{
		UserID: "robot", Organization: "default", Name: "Robot", Token: &token,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, added.Token
}

func TestAGoodToken(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	for range 2 { // from the log, then from the cache
		caller, err := n.Access.Authenticate(t.Context(), token.Token)
		if err != nil {
			t.Fatal(err)
		}
		if caller.Tenant != n.Tenant || caller.UserID != "robot" || caller.Organization != "default" || caller.May(permission.UserRead, "default") {
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
		"none": "", "malformed": "x", "cut": good.Token[:30], "prefix": "sgt_", "unknown": unknown, "changed": good.Token[:10] + "0" + good.Token[11:],
		"binary": "sgt_\x00\xff", "huge": string(make([]byte, 1<<20)),
	} {
		for range 2 {
			_, err := n.Access.Authenticate(t.Context(), token)
			same(t, name, err)
		}
	}
}

type zeros struct{}

func (*zeros) Read(p []byte) (int, error) { return len(p), nil }

// same checks that a refusal is the one refusal, to the letter.
func same(t *testing.T, name string, err error) {
	t.Helper()
	if !errors.Is(err, access.ErrUnauthenticated) || err.Error() != "the token is invalid" {
		t.Errorf("%s: %v", name, err)
	}
	if refusal := (*failure.Error)(nil); errors.As(err, &refusal) && (refusal.Kind != failure.Unauthenticated || refusal.Cause != nil) {
		t.Errorf("%s: %+v", name, refusal)
	}
}

// A token ends with what it stands on: at once where that happens, and elsewhere as soon as the node has read that far.
func TestTheEndOfAToken(t *testing.T) {
	t.Parallel()
	system := permission.System(commandtest.Tenant)
	for name, end := range map[string]func(context.Context, *commandtest.Node, user.Issued) error{
		"revoked": func(ctx context.Context, n *commandtest.Node, token user.Issued) error {
			_, err := n.Users.RevokeToken(ctx, system, user.RevokeToken{UserID: "robot", TokenID: token.ID})
			return err
		},
		"locked": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Lock(ctx, system, "robot")
			return err
		},
		"deactivated": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Deactivate(ctx, system, "robot")
			return err
		},
		"deleted": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			_, err := n.Users.Delete(ctx, system, "robot")
			return err
		},
		"deleted and added again": func(ctx context.Context, n *commandtest.Node, _ user.Issued) error {
			if _, err := n.Users.Delete(ctx, system, "robot"); err != nil {
				return err
			}
			_, err := n.Users.AddMachine(ctx, system, user.AddMachine{UserID: "robot", Organization: "default", Name: "Robot"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, token := robot(t, user.NewToken{})
			other := n.Another(t)
			follow(t, other)
			for _, node := range []*commandtest.Node{n, other} {
				if _, err := node.Access.Authenticate(t.Context(), token.Token); err != nil {
					t.Fatal(err)
				}
			}
			if err := end(t.Context(), n, token); err != nil {
				t.Fatal(err)
			}
			_, err := n.Access.Authenticate(t.Context(), token.Token)
			same(t, name, err)
			eventually(t, func() bool {
				_, err := other.Access.Authenticate(t.Context(), token.Token)
				return errors.Is(err, access.ErrUnauthenticated)
			})
		})
	}
}

// follow runs a node's log follower until the test ends.
func follow(t *testing.T, n *commandtest.Node) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.Access.Follow(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("follower: %v", err)
		}
	})
}

// eventually waits for something that another node's event brings about.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatal("it never happened")
		}
		time.Sleep(time.Millisecond)
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
	system := permission.System(n.Tenant)
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
		if _, err := n.Users.Lock(t.Context(), system, "robot"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Access.Authenticate(t.Context(), token.Token); err == nil {
			t.Errorf("round %d: a locked user gets in", i)
		}
		if _, err := n.Users.Unlock(t.Context(), system, "robot"); err != nil {
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

func BenchmarkAuthenticateCached(b *testing.B) {
	n, token := robot(b, user.NewToken{})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Access.Authenticate(ctx, token.Token); err != nil {
			b.Fatal(err)
		}
	}
}
