package session_test

import (
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

// A password changes while somebody signs in with the one before: whoever is faster, the session is not good afterwards.
func TestAPasswordThatChangesDuringASignIn(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	old, _ := passwordHash()
	other, err := password.NewHasher(password.Options{Random: rand.Reader}).Hash(t.Context(), "Another-Horse-8")
	if err != nil {
		t.Fatal(err)
	}
	for round := range 20 {
		n.Clock.Advance(hour) // the guesses of the rounds before are forgotten
		n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: old})
		var made session.Changed
		together(func() {
			made, err = nodes[round%2].Sessions.Create(t.Context(), loginPage(), session.Create{Checks: byPassword()})
		}, func() {
			if round%4 > 0 { // takes as long as the sign-in, so that the change comes at about its end
				_, _ = nodes[round%2].Sessions.Create(t.Context(), loginPage(), session.Create{Checks: session.Checks{UserID: "daisy", Password: goodPassword}})
			}
			nodes[(round+1)%2].Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: other})
		})
		switch {
		case err == nil:
			if good(t, n, made.ID) {
				t.Errorf("round %d: the session is good", round)
			}
		case !errors.Is(err, user.ErrWrongPassword) && !errors.Is(err, session.ErrUserChanged):
			t.Errorf("round %d: %v", round, err)
		}
	}
}

// A second factor that is judged after a change of the password brings no session back that stood on the password before.
func TestASecondFactorBringsNothingBack(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	old, _ := passwordHash()
	for round := range 20 {
		n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: old})
		at, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{
			Checks: byPassword(), Challenges: session.Challenges{OTPEmail: user.Return{}},
		})
		if err != nil {
			t.Fatal(err)
		}
		together(func() {
			_, err = nodes[round%2].Sessions.Set(t.Context(), admin(), session.Set{ID: at.ID, Checks: session.Checks{OTPEmail: at.Challenged.OTPEmail}})
		}, func() {
			nodes[(round+1)%2].Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: "another"})
		})
		if err != nil && !errors.Is(err, session.ErrNotFound) && !errors.Is(err, session.ErrUserChanged) {
			t.Errorf("round %d: %v", round, err)
		}
		if good(t, n, at.ID) {
			t.Errorf("round %d: the session is good, after %v", round, err)
		}
	}
}

func together(tasks ...func()) {
	var wg sync.WaitGroup
	for _, task := range tasks {
		wg.Go(task)
	}
	wg.Wait()
}
