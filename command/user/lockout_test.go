package user_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/user"
)

// lockingOut sets the policy and returns the node's service.
func lockingOut(t *testing.T, n *commandtest.Node, p *policy.Lockout) *user.Service {
	t.Helper()
	if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Policy: p}); err != nil {
		t.Fatal(err)
	}
	return n.Users
}

const badPassword = "Wrong-Horse-7"

// present presents passwords that are all refused as wrong, or all accepted.
func present(t *testing.T, s *user.Service, times int, pw string) {
	t.Helper()
	for i := range times {
		_, err := s.CheckPassword(t.Context(), admin(), user.CheckPassword{UserID: "minnie", Password: pw})
		if pw == goodPassword && err != nil || pw != goodPassword && !errors.Is(err, user.ErrWrongPassword) {
			t.Fatalf("password %d: %v", i+1, err)
		}
	}
}

func lifecycle(t *testing.T, n *commandtest.Node) user.Lifecycle {
	t.Helper()
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
	if err != nil {
		t.Fatal(err)
	}
	return snap.State.Lifecycle
}

func TestNobodyIsLockedOutUnlessThePolicySaysSo(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	for range 5 {
		present(t, n.Users, 10, badPassword)
		n.Clock.Advance(10 * time.Minute)
	}
	if got := lifecycle(t, n); got != user.Active {
		t.Errorf("lifecycle %d", got)
	}
}

func TestLockout(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	s := lockingOut(t, n, &policy.Lockout{PasswordAttempts: 3})
	present(t, s, 2, badPassword)
	present(t, s, 1, goodPassword) // begins anew
	present(t, s, 2, badPassword)
	if got := lifecycle(t, n); got != user.Active {
		t.Fatalf("locked after two in a row: %d", got)
	}
	before := n.Version(t, "minnie")
	present(t, s, 1, badPassword)
	if got := commandtest.Types(n.Recorded(t, "minnie", before)); !slices.Equal(got, []string{"user.locked"}) {
		t.Fatalf("recorded %q", got)
	}
	if _, err := s.CheckPassword(t.Context(), admin(), user.CheckPassword{UserID: "minnie", Password: goodPassword}); !errors.Is(err, user.ErrCannotSignIn) {
		t.Errorf("the right password of a locked user: %v", err)
	}
	if _, err := s.CheckPassword(t.Context(), stranger(), user.CheckPassword{UserID: "minnie", Password: goodPassword}); !errors.Is(err, user.ErrWrongPassword) {
		t.Errorf("to a stranger: %v", err)
	}
	if _, err := s.Unlock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	present(t, s, 2, badPassword) // an unlocked user has all its attempts
	present(t, s, 1, goodPassword)
}

// The count goes on over the windows of the budget, and the lock stands beside the crossing.
func TestLockoutAndTheBudgetOfGuesses(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int][]string{
		10: {"user.password.throttled", "user.locked"},
		12: {"user.password.throttled", "user.locked"},
	} {
		t.Run(fmt.Sprint(attempts), func(t *testing.T) {
			t.Parallel()
			n := withPassword(t)
			s := lockingOut(t, n, &policy.Lockout{PasswordAttempts: uint32(attempts)})
			present(t, s, 10, badPassword)
			n.Clock.Advance(10 * time.Minute)
			if attempts > 10 {
				present(t, s, attempts-10, badPassword)
			}
			if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, want) {
				t.Errorf("recorded %q", got)
			}
		})
	}
}

// Whoever changes a password by the current one guesses as well.
func TestLockoutByPasswordChanges(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	s := lockingOut(t, n, &policy.Lockout{PasswordAttempts: 3})
	next := user.NewPassword{Clear: "Another-Horse-8"}
	for i := range 3 {
		var err error
		if i == 1 {
			update := user.UpdateHuman{UserID: "minnie", Password: &user.PasswordUpdate{New: next, Proof: user.CurrentPassword(badPassword)}}
			_, err = s.UpdateHuman(t.Context(), minnie(), update)
		} else {
			_, err = s.SetPassword(t.Context(), stranger(), user.SetPassword{UserID: "minnie", New: next, Proof: user.CurrentPassword(badPassword)})
		}
		if !errors.Is(err, user.ErrWrongPassword) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.locked"}) {
		t.Errorf("recorded %q", got)
	}
}

// Of many wrong passwords at once, on two nodes, one locks the user.
func TestLockoutUnderManyGuesses(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	services := []*user.Service{lockingOut(t, n, &policy.Lockout{PasswordAttempts: 5}), n.Another(t).Users}
	results := make([]error, 50)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() {
			_, results[i] = services[i%2].CheckPassword(t.Context(), admin(), user.CheckPassword{UserID: "minnie", Password: badPassword})
		})
	}
	all.Wait()
	counts := map[string]int{}
	for _, err := range results {
		switch {
		case errors.Is(err, user.ErrWrongPassword):
			counts["wrong"]++
		case errors.Is(err, user.ErrCannotSignIn), errors.Is(err, user.ErrPasswordThrottled):
			counts["refused unseen"]++
		default:
			t.Errorf("%v", err)
		}
	}
	if counts["wrong"] > 10 || counts["wrong"]+counts["refused unseen"] != 50 {
		t.Errorf("answers: %v", counts)
	}
	locks := 0
	for _, typ := range commandtest.Types(n.Recorded(t, "minnie", 2)) {
		if typ == "user.locked" {
			locks++
		}
	}
	if locks != 1 || lifecycle(t, n) != user.Locked {
		t.Errorf("locked %d times", locks)
	}
}
