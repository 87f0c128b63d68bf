package user_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

// coded returns a node on which minnie has an email code, and the code.
func coded(t *testing.T) (*commandtest.Node, string) {
	t.Helper()
	n := commandtest.New(t, database(t))
	req := human()
	req.Email.Verification = user.Return{}
	out, err := n.Users.AddHuman(t.Context(), admin(), req)
	if err != nil {
		t.Fatal(err)
	}
	return n, out.EmailCode
}

func guess(t *testing.T, n *commandtest.Node, as *permission.Caller, code string) error {
	t.Helper()
	_, err := n.Users.VerifyEmail(t.Context(), as, user.VerifyCode{UserID: "minnie", Code: code})
	return err
}

// wrong returns a code that is not the right one.
func wrong(code string) string {
	if strings.HasPrefix(code, "A") {
		return "B" + code[1:]
	}
	return "A" + code[1:]
}

func TestVerifyEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    *permission.Caller
		guess func(right string) string
		wait  time.Duration
		want  error
	}{
		"right":              {minnie(), func(c string) string { return c }, 0, nil},
		"right, by anybody":  {stranger(), func(c string) string { return c }, 0, nil},
		"right, typed badly": {minnie(), func(c string) string { return "  " + strings.ToLower(c) + "\n" }, 0, nil},
		"right, just so":     {minnie(), func(c string) string { return c }, time.Hour - time.Second, nil},
		"right, too late":    {minnie(), func(c string) string { return c }, time.Hour, user.ErrWrongCode},
		"wrong":              {minnie(), wrong, 0, user.ErrWrongCode},
		"wrong, by an admin": {admin(), wrong, 0, user.ErrWrongCode},
		"empty":              {minnie(), func(string) string { return "" }, 0, user.ErrWrongCode},
		"long":               {minnie(), func(c string) string { return c + "A" }, 0, user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, code := coded(t)
			n.Clock.Advance(c.wait)
			before := n.Version(t, "minnie")
			if err := guess(t, n, c.by, c.guess(code)); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if events := n.Recorded(t, "minnie", before); (len(events) == 1) != (c.want == nil) {
				t.Errorf("recorded %q", commandtest.Types(events))
			}
		})
	}
}

func TestACodeIsGoodOnceAndForOneAddress(t *testing.T) {
	t.Parallel()
	t.Run("used", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		if err := guess(t, n, minnie(), code); err != nil {
			t.Fatal(err)
		}
		if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("a second time: %v", err)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		again, err := n.Users.ResendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("the earlier code: %v", err)
		}
		if err := guess(t, n, minnie(), again.Code); err != nil {
			t.Errorf("the newer code: %v", err)
		}
	})
	t.Run("of an address that was replaced", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		if _, err := n.Users.SetEmail(t.Context(), minnie(), user.SetEmail{UserID: "minnie", Email: "new@mouse.com"}); err != nil {
			t.Fatal(err)
		}
		if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("%v", err)
		}
	})
	t.Run("replaced on another node", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		again, err := n.Another(t).Users.ResendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := guess(t, n, minnie(), again.Code); err != nil { // this node's cache knows only the earlier one
			t.Errorf("the newer code: %v", err)
		}
		if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("the earlier code: %v", err)
		}
	})
	t.Run("of another user", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		other := human()
		other.UserID, other.Username = "other", text("other")
		if _, err := n.Users.AddHuman(t.Context(), admin(), other); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Users.VerifyEmail(t.Context(), minnie(), user.VerifyCode{UserID: "other", Code: code}); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("%v", err)
		}
	})
}

// The digest of a code, copied to another user's event, is good for nothing.
func TestADigestIsBoundToItsEvent(t *testing.T) {
	t.Parallel()
	n, code := coded(t)
	added := n.Recorded(t, "minnie", 1)[0].(*eventv1.UserEmailCodeAdded)
	n.Given(t, "minnie", added)
	n.Given(t, "other", person(), added)
	if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("a later event of the same user: %v", err)
	}
	if _, err := n.Users.VerifyEmail(t.Context(), minnie(), user.VerifyCode{UserID: "other", Code: code}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("another user: %v", err)
	}
}

func TestFiveGuesses(t *testing.T) {
	t.Parallel()
	n, code := coded(t)
	for i := range 5 {
		if err := guess(t, n, minnie(), wrong(code)); !errors.Is(err, user.ErrWrongCode) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	events := n.Recorded(t, "minnie", 0)
	if last, ok := events[len(events)-1].(*eventv1.UserEmailCodeBlocked); !ok || last.GetAttempts() != 5 {
		t.Errorf("recorded %q", commandtest.Types(events))
	}
	if err := guess(t, n, minnie(), code); !errors.Is(err, user.ErrCodeBlocked) {
		t.Errorf("the right code, too late: %v", err)
	}
	if err := guess(t, n, stranger(), code); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the right code, by a stranger, too late: %v", err)
	}
	again, err := n.Users.ResendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := guess(t, n, minnie(), again.Code); err != nil {
		t.Errorf("a new code: %v", err)
	}
}

// parallel makes many guesses at once, on two nodes, and counts the answers by their reason.
func parallel(t *testing.T, n *commandtest.Node, guesses []string) map[string]int {
	t.Helper()
	nodes := []*commandtest.Node{n, n.Another(t)}
	results := make([]error, len(guesses))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, code := range guesses {
		wg.Go(func() {
			<-start
			_, results[i] = nodes[i%2].Users.VerifyEmail(t.Context(), admin(), user.VerifyCode{UserID: "minnie", Code: code})
		})
	}
	close(start)
	wg.Wait()
	counts := map[string]int{}
	for _, err := range results {
		switch {
		case err == nil:
			counts["right"]++
		case errors.Is(err, user.ErrWrongCode):
			counts["wrong"]++
		case errors.Is(err, user.ErrCodeBlocked):
			counts["blocked"]++
		default:
			counts[err.Error()]++
		}
	}
	return counts
}

func TestAHundredParallelGuesses(t *testing.T) {
	t.Parallel()
	t.Run("all wrong", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		guesses := make([]string, 100)
		for i := range guesses {
			guesses[i] = wrong(code)
		}
		counts := parallel(t, n, guesses)
		if counts["wrong"] != 5 || counts["blocked"] != 95 {
			t.Errorf("answers: %v", counts)
		}
		onlyBlockedOnce(t, n)
	})
	t.Run("all right", func(t *testing.T) {
		t.Parallel()
		n, code := coded(t)
		guesses := make([]string, 100)
		for i := range guesses {
			guesses[i] = code
		}
		if counts := parallel(t, n, guesses); counts["right"] != 1 || counts["right"]+counts["wrong"]+counts["blocked"] != 100 {
			t.Errorf("answers: %v", counts)
		}
		if got := commandtest.Types(n.Recorded(t, "minnie", 2)); len(got) != 1 || got[0] != "user.email.verified" {
			t.Errorf("recorded %q", got)
		}
	})
	// Whoever has the right code among a hundred wins only if its guess was one of the first five.
	for try := range 5 {
		t.Run(fmt.Sprintf("one right, %d", try), func(t *testing.T) {
			t.Parallel()
			n, code := coded(t)
			guesses := make([]string, 100)
			for i := range guesses {
				guesses[i] = wrong(code)
			}
			guesses[try*20] = code
			counts := parallel(t, n, guesses)
			if counts["right"]+counts["wrong"] < 5 || counts["right"]+counts["wrong"]+counts["blocked"] != 100 {
				t.Errorf("answers: %v", counts)
			}
			if counts["right"] == 0 && counts["wrong"] != 5 {
				t.Errorf("more than five comparisons: %v", counts)
			}
		})
	}
}

func onlyBlockedOnce(t *testing.T, n *commandtest.Node) {
	t.Helper()
	got := commandtest.Types(n.Recorded(t, "minnie", 2))
	if len(got) != 1 || got[0] != "user.email.code.blocked" {
		t.Errorf("recorded %q", got)
	}
}

func TestUsersMayAskForSoManyCodes(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	for i := range 20 {
		address := fmt.Sprintf("minnie%d@mouse.com", i)
		if _, err := n.Users.SetEmail(t.Context(), minnie(), user.SetEmail{UserID: "minnie", Email: address}); err != nil {
			t.Fatalf("code %d: %v", i+1, err)
		}
	}
	ask := func(as *permission.Caller) error {
		_, err := n.Users.SendEmailCode(t.Context(), as, user.RequestCode{UserID: "minnie"})
		return err
	}
	if _, err := n.Users.SetEmail(t.Context(), minnie(), user.SetEmail{UserID: "minnie", Email: "new@mouse.com"}); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("by a new address: %v", err)
	}
	wantDelay(t, ask(minnie()), 30*time.Second)
	if err := ask(admin()); err != nil {
		t.Errorf("an administrator: %v", err)
	}
	n.Clock.Advance(time.Hour)
	if err := ask(minnie()); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func wantDelay(t *testing.T, err error, delay time.Duration) {
	t.Helper()
	refusal, ok := errors.AsType[*failure.Error](err)
	if !ok || !errors.Is(err, user.ErrTooManyCodes) || refusal.After != delay {
		t.Errorf("%v, want to wait for %v", err, delay)
	}
}

// One mailbox is not flooded, whoever asks and by however many users.
func TestAMailboxGetsSoManyCodes(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	send := func(as *permission.Caller) error {
		_, err := n.Users.SendEmailCode(t.Context(), as, user.RequestCode{UserID: "minnie"})
		return err
	}
	for i := range 5 {
		if err := send(minnie()); err != nil {
			t.Fatalf("mail %d: %v", i+1, err)
		}
	}
	for _, delay := range []time.Duration{30 * time.Second, time.Minute} {
		before := n.Version(t, "minnie")
		wantDelay(t, send(minnie()), delay)
		if n.Version(t, "minnie") != before {
			t.Error("a refused request left events")
		}
		n.Clock.Advance(delay)
		if err := send(minnie()); err != nil {
			t.Errorf("after %v: %v", delay, err)
		}
	}
	other := commandtest.Caller("other")
	n.Given(t, "other", person()) // with the same address
	if _, err := n.Users.SendEmailCode(t.Context(), other, user.RequestCode{UserID: "other"}); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("another user: %v", err)
	}
	upper := user.SetEmail{UserID: "other", Email: strings.ToUpper(person().(*eventv1.UserHumanAdded).GetEmail())}
	if _, err := n.Users.SetEmail(t.Context(), other, upper); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("spelled otherwise: %v", err)
	}
	for i := range 20 {
		if err := send(admin()); err != nil {
			t.Fatalf("mail %d by order of an administrator: %v", i+1, err)
		}
	}
	wantDelay(t, send(admin()), 30*time.Second)
	if _, err := n.Users.SendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}}); err != nil {
		t.Errorf("a code that is not sent: %v", err)
	}
	if _, err := n.Users.RequestPasskeyCode(t.Context(), admin(), user.RequestCode{UserID: "minnie"}); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("a passkey's code: %v", err)
	}
	if _, err := n.Users.RequestPasswordReset(t.Context(), admin(), user.RequestPasswordReset{UserID: "minnie"}); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("a password's code: %v", err)
	}
}

// Of many requests at once no more are sent than are free.
func TestAHundredParallelRequests(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	nodes := []*commandtest.Node{n, n.Another(t)}
	var sent, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			_, err := nodes[i%2].Users.SendEmailCode(t.Context(), minnie(), user.RequestCode{UserID: "minnie"})
			switch {
			case err == nil:
				sent.Add(1)
			case errors.Is(err, user.ErrTooManyCodes):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := n.Version(t, "minnie"); sent.Load() != 5 || refused.Load() != 95 || got != 6 {
		t.Errorf("%d sent, %d refused, %d events", sent.Load(), refused.Load(), got)
	}
}

func TestPhoneCodes(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	set, err := n.Users.SetPhone(t.Context(), admin(), user.SetPhone{UserID: "minnie", Phone: "+41791234567", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	verify := func(code string) error {
		_, err := n.Users.VerifyPhone(t.Context(), stranger(), user.VerifyCode{UserID: "minnie", Code: code})
		return err
	}
	if err := guess(t, n, minnie(), set.Code); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("a phone's code proves the mailbox: %v", err)
	}
	if err := verify(wrong(set.Code)); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("wrong: %v", err)
	}
	if err := verify(set.Code); err != nil {
		t.Errorf("right: %v", err)
	}
}

func TestCodesThatTravel(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	if _, err := n.Users.AddHuman(t.Context(), admin(), human()); err != nil {
		t.Fatal(err)
	}
	codes := codesTravel(t, n, "minnie", 1)
	noSecretsInTheOpen(t, n, "minnie", codes...)
	if err := guess(t, n, minnie(), codes[0]); err != nil {
		t.Errorf("the code that was sent: %v", err)
	}
}
