package access_test

import (
	"context"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/user"
)

// With SIGNET_FULL=1 the measurements have their full length, and the machine is taken to have nothing else to do.
func full() bool { return os.Getenv("SIGNET_FULL") == "1" }

const (
	revocations, fewRevocations       = 10_000, 500
	farRevocations, fewFarRevocations = 10_000, 200
	farLatency, farLatencyWhileBusy   = 50 * time.Millisecond, time.Second
)

// trial is a token that is about to be revoked.
type trial struct {
	token   string
	revoked atomic.Bool // the answer to the revocation has come
}

// revocation is a token and what ends it.
type revocation struct {
	token string
	end   func(context.Context) error
	after func(context.Context) error // makes the user good again; may be nil
}

// revocationOf returns the next of all kinds of revocations.
func revocationOf(t *testing.T, n *commandtest.Node, round int) revocation {
	t.Helper()
	if round%5 == 0 {
		token, err := n.Users.IssueToken(t.Context(), system(), user.IssueToken{UserID: "robot"})
		if err != nil {
			t.Fatal(err)
		}
		return revocation{token: token.Token, end: func(ctx context.Context) error {
			_, err := n.Users.RevokeToken(ctx, system(), user.RevokeToken{UserID: "robot", TokenID: token.ID})
			return err
		}}
	}
	s := signIn(t, n, "robot", "")
	deleted := func(ctx context.Context) error {
		_, err := n.Sessions.Delete(ctx, commandtest.Admin(), s.ID, "")
		return err
	}
	switch round % 5 {
	case 1:
		return revocation{token: s.SessionToken, end: deleted}
	case 2:
		return revocation{token: s.jwt, end: deleted}
	case 3:
		return revocation{token: s.jwt, end: func(ctx context.Context) error {
			caller, err := n.Access.Authenticate(ctx, s.jwt)
			if err != nil {
				return err
			}
			return n.Sessions.Logout(ctx, caller)
		}}
	}
	return revocation{
		token: s.jwt,
		end: func(ctx context.Context) error {
			_, err := n.Users.Lock(ctx, system(), "robot")
			return err
		},
		after: func(ctx context.Context) error {
			_, err := n.Users.Unlock(ctx, system(), "robot")
			return err
		},
	}
}

func (r *revocation) over(t *testing.T) {
	t.Helper()
	if r.after == nil {
		return
	}
	if err := r.after(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// While callers use a token without pause it is revoked: after the answer nobody gets in with it, on the same node.
func TestRevokedTokensAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	n, _ := robot(t, user.NewToken{})
	tries := fewRevocations
	if full() {
		tries = revocations
	}
	var current atomic.Pointer[trial]
	var accepted, admitted atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if try := current.Load(); try != nil {
					revoked := try.revoked.Load()
					if _, err := n.Access.Authenticate(context.Background(), try.token); err == nil && revoked {
						accepted.Add(1)
					} else if err == nil {
						admitted.Add(1)
					}
				}
				runtime.Gosched()
			}
		})
	}
	for round := range tries {
		r := revocationOf(t, n, round)
		try := &trial{token: r.token}
		current.Store(try)
		good(t, "before", r.token, n)
		if err := r.end(t.Context()); err != nil {
			t.Fatal(err)
		}
		try.revoked.Store(true)
		refused(t, "after", r.token, n)
		current.Store(nil)
		r.over(t)
	}
	close(stop)
	wg.Wait()
	if accepted.Load() > 0 || admitted.Load() == 0 {
		t.Errorf("%d accepted after %d revocations, %d before", accepted.Load(), tries, admitted.Load())
	}
	t.Logf("%d revocations, %d accepted before the answer, none after", tries, admitted.Load())
}

// How long another node goes on after the answer to a revocation.
func TestRevokedTokensAreRefusedElsewhere(t *testing.T) {
	n, _ := robot(t, user.NewToken{})
	other := n.Another(t)
	other.Follow(t, other.Access, access.Kinds()...)
	tries, limit := fewFarRevocations, farLatencyWhileBusy
	if full() {
		tries, limit = farRevocations, farLatency
	}
	took := make([]time.Duration, 0, tries)
	for round := range tries {
		r := revocationOf(t, n, round)
		good(t, "before", r.token, other)
		if err := r.end(t.Context()); err != nil {
			t.Fatal(err)
		}
		answered := time.Now()
		for {
			if _, err := other.Access.Authenticate(t.Context(), r.token); err != nil {
				same(t, "after", err)
				break
			}
			if time.Since(answered) > 10*time.Second {
				t.Fatal("the other node does not notice")
			}
			runtime.Gosched()
		}
		took = append(took, time.Since(answered))
		r.over(t)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d revocations, refused elsewhere after: median %v, p99 %v, last %v", tries, took[len(took)/2], p99, took[len(took)-1])
	if p99 > limit {
		t.Errorf("p99 %v", p99)
	}
}
