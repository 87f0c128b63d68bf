package user_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// Made elsewhere from "Correct-Horse-7", with the least cost there is.
const foreignHash = "$5$rounds=1000$abcdefgh$YOA4btZCzBXNt7WWuijv/5H1vGEb4sk6U1x9rJBPoH6"

const nextPassword = "Another-Horse-8"

func set(ctx context.Context, n *commandtest.Node, as *permission.Caller, next string, proof user.Proof) error {
	_, err := n.Users.SetPassword(ctx, as, user.SetPassword{UserID: "minnie", New: user.NewPassword{Clear: next}, Proof: proof})
	return err
}

// withPassword returns a node on which minnie's password is goodPassword.
func withPassword(t *testing.T) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person(), &eventv1.UserPasswordChanged{Hash: foreignHash})
	return n
}

func fits(t *testing.T, n *commandtest.Node, pw string) bool {
	t.Helper()
	hash := ""
	for _, e := range n.Recorded(t, "minnie", 0) {
		if changed, ok := e.(*eventv1.UserPasswordChanged); ok {
			hash = changed.GetHash()
		}
	}
	ok, err := password.NewHasher(password.Options{}).Verify(t.Context(), hash, pw)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    *permission.Caller
		next  string
		proof user.Proof
		want  error
	}{
		"by an administrator":                   {admin(), nextPassword, nil, nil},
		"to the same, by an administrator":      {admin(), goodPassword, nil, nil},
		"above 72 bytes":                        {admin(), strings.Repeat("Aa1!", 40), nil, nil},
		"by oneself without a proof":            {minnie(), nextPassword, nil, permission.ErrDenied},
		"by the current one":                    {minnie(), nextPassword, user.CurrentPassword(goodPassword), nil},
		"by the current one, whoever has it":    {stranger(), nextPassword, user.CurrentPassword(goodPassword), nil},
		"by a wrong one":                        {minnie(), nextPassword, user.CurrentPassword("wrong"), user.ErrWrongPassword},
		"by a wrong one, by an administrator":   {admin(), nextPassword, user.CurrentPassword("wrong"), user.ErrWrongPassword},
		"to the current one":                    {minnie(), goodPassword, user.CurrentPassword(goodPassword), user.ErrPasswordNotChanged},
		"empty":                                 {admin(), "", nil, user.ErrPasswordEmpty},
		"empty, by the current one":             {minnie(), "", user.CurrentPassword(goodPassword), user.ErrPasswordEmpty},
		"short":                                 {admin(), "Aa1!", nil, password.ErrTooShort},
		"without a lower-case letter":           {admin(), "AAAAAAA1!", nil, password.ErrNoLower},
		"without an upper-case letter":          {admin(), "aaaaaaa1!", nil, password.ErrNoUpper},
		"without a digit":                       {admin(), "Aaaaaaaa!", nil, password.ErrNoDigit},
		"without a symbol":                      {minnie(), "Aaaaaaaa1", user.CurrentPassword(goodPassword), password.ErrNoSymbol},
		"by a code nobody asked for":            {minnie(), nextPassword, user.ResetCode("AAAAAA"), user.ErrCodeNotFound},
		"by a code nobody asked for, as anyone": {stranger(), nextPassword, user.ResetCode("AAAAAA"), user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := withPassword(t)
			if err := set(t.Context(), n, c.by, c.next, c.proof); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if c.want == nil && !fits(t, n, c.next) || c.want != nil && !fits(t, n, goodPassword) {
				t.Error("the password is another one")
			}
			noSecretsInTheOpen(t, n, "minnie", "argon2", "$5$")
		})
	}
}

func TestSetPasswordByCode(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    *permission.Caller
		guess func(string) string
		wait  time.Duration
		want  error
	}{
		"right":                      {minnie(), func(c string) string { return c }, 0, nil},
		"right, by anybody":          {stranger(), func(c string) string { return c }, 0, nil},
		"wrong":                      {minnie(), wrong, 0, user.ErrWrongCode},
		"expired":                    {minnie(), func(c string) string { return c }, time.Hour, user.ErrCodeExpired},
		"expired, by anybody":        {stranger(), func(c string) string { return c }, time.Hour, user.ErrCodeExpired},
		"expired and wrong":          {admin(), wrong, time.Hour, user.ErrCodeExpired},
		"expired, wrong, by anybody": {stranger(), wrong, time.Hour, user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := withPassword(t)
			reset, err := n.Users.RequestPasswordReset(t.Context(), admin(), user.RequestPasswordReset{UserID: "minnie", Verification: user.Return{}})
			if err != nil {
				t.Fatal(err)
			}
			n.Clock.Advance(c.wait)
			if err := set(t.Context(), n, c.by, nextPassword, user.ResetCode(c.guess(reset.Code))); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if fits(t, n, nextPassword) != (c.want == nil) {
				t.Error("the password is another one")
			}
			if c.want == nil {
				if err := set(t.Context(), n, minnie(), goodPassword, user.ResetCode(reset.Code)); !errors.Is(err, user.ErrCodeNotFound) {
					t.Errorf("the code a second time: %v", err)
				}
			}
		})
	}
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	reset := func(as *permission.Caller, id string, change func(*user.RequestPasswordReset)) (user.Coded, error) {
		req := user.RequestPasswordReset{UserID: id}
		change(&req)
		return n.Users.RequestPasswordReset(t.Context(), as, req)
	}
	n.Given(t, "robot", program())
	for name, c := range map[string]struct {
		by     *permission.Caller
		id     string
		change func(*user.RequestPasswordReset)
		want   error
	}{
		"by email":                   {minnie(), "minnie", func(*user.RequestPasswordReset) {}, nil},
		"returned":                   {admin(), "minnie", func(r *user.RequestPasswordReset) { r.Verification = user.Return{} }, nil},
		"by SMS without a phone":     {admin(), "minnie", func(r *user.RequestPasswordReset) { r.SMS = true }, user.ErrNoPhone},
		"as verified":                {admin(), "minnie", func(r *user.RequestPasswordReset) { r.Verification = user.Verified{} }, user.ErrVerification},
		"with a bad template":        {admin(), "minnie", func(r *user.RequestPasswordReset) { r.Verification = user.Send{URLTemplate: "{{"} }, user.ErrInvalidTemplate},
		"with a bad one, of nobody":  {admin(), "nobody", func(r *user.RequestPasswordReset) { r.Verification = user.Send{URLTemplate: "{{"} }, user.ErrInvalidTemplate},
		"returned to oneself":        {minnie(), "minnie", func(r *user.RequestPasswordReset) { r.Verification = user.Return{} }, permission.ErrDenied},
		"of nobody":                  {admin(), "nobody", func(*user.RequestPasswordReset) {}, user.ErrNotFound},
		"of a machine":               {admin(), "robot", func(*user.RequestPasswordReset) {}, user.ErrNotFound},
		"of somebody, by a stranger": {stranger(), "minnie", func(*user.RequestPasswordReset) {}, permission.ErrDenied},
	} {
		out, err := reset(c.by, c.id, c.change)
		if !errors.Is(err, c.want) || (out.Code != "") != (name == "returned") {
			t.Errorf("%s: %q, %v, want %v", name, out.Code, err, c.want)
		}
	}
	n.Given(t, "minnie", &eventv1.UserPhoneChanged{Phone: "+41791234567"})
	if _, err := reset(minnie(), "minnie", func(r *user.RequestPasswordReset) { r.SMS = true }); err != nil {
		t.Fatal(err)
	}
	events := n.Recorded(t, "minnie", 0)
	if last := events[len(events)-1].(*eventv1.UserPasswordCodeAdded); last.GetCode().GetMedium() != eventv1.CodeMedium_CODE_MEDIUM_SMS {
		t.Errorf("medium %v", last.GetCode().GetMedium())
	}
	if _, err := n.Users.UpdateHuman(t.Context(), admin(), user.UpdateHuman{UserID: "minnie", Password: &user.PasswordUpdate{New: user.NewPassword{Hash: foreignHash}}}); err != nil {
		t.Fatal(err)
	}
	codes := codesTravel(t, n, "minnie", 2)
	if err := set(t.Context(), n, minnie(), nextPassword, user.ResetCode(codes[1])); !errors.Is(err, user.ErrCodeNotFound) {
		t.Errorf("a reset code outlives a new password: %v", err)
	}
}

// Ten wrong passwords in ten minutes, however many ask at once; then the right one does not help either, until the time is over.
func TestGuessingAtAPassword(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	var mu sync.Mutex
	counts := map[error]int{}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			err := set(t.Context(), nodes[i%2], minnie(), nextPassword, user.CurrentPassword("wrong"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, user.ErrWrongPassword):
				counts[user.ErrWrongPassword]++
			case errors.Is(err, user.ErrPasswordThrottled):
				counts[user.ErrPasswordThrottled]++
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	wg.Wait()
	if counts[user.ErrWrongPassword] != 10 || counts[user.ErrPasswordThrottled] != 30 {
		t.Errorf("answers: %v", counts)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); len(got) != 1 || got[0] != "user.password.throttled" {
		t.Errorf("recorded %q", got)
	}
	if err := set(t.Context(), n, minnie(), nextPassword, user.CurrentPassword(goodPassword)); !errors.Is(err, user.ErrPasswordThrottled) {
		t.Errorf("the right one: %v", err)
	}
	if err := set(t.Context(), n, stranger(), nextPassword, user.CurrentPassword(goodPassword)); !errors.Is(err, user.ErrWrongPassword) {
		t.Errorf("the right one, by a stranger: %v", err)
	}
	n.Clock.Advance(10*time.Minute + time.Second)
	if err := set(t.Context(), n, minnie(), nextPassword, user.CurrentPassword(goodPassword)); err != nil {
		t.Errorf("after the time is over: %v", err)
	}
}

func TestARightPasswordOrAnUnlockGivesTheGuessesBack(t *testing.T) {
	t.Parallel()
	for name, forgive := range map[string]func(n *commandtest.Node) error{
		"right password": func(n *commandtest.Node) error {
			return set(context.Background(), n, minnie(), nextPassword, user.CurrentPassword(goodPassword))
		},
		"unlock": func(n *commandtest.Node) error {
			if _, err := n.Users.Lock(context.Background(), admin(), "minnie"); err != nil {
				return err
			}
			_, err := n.Users.Unlock(context.Background(), admin(), "minnie")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := withPassword(t)
			nineWrong := func() {
				for i := range 9 {
					if err := set(t.Context(), n, minnie(), nextPassword, user.CurrentPassword("wrong")); !errors.Is(err, user.ErrWrongPassword) {
						t.Fatalf("guess %d: %v", i+1, err)
					}
				}
			}
			nineWrong()
			if err := forgive(n); err != nil {
				t.Fatal(err)
			}
			nineWrong()
		})
	}
}

func TestUpdateHumanSpendsGuessesToo(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	update := func(current string) error {
		_, err := n.Users.UpdateHuman(t.Context(), minnie(), user.UpdateHuman{UserID: "minnie", Username: text("mm"), Password: &user.PasswordUpdate{
			New: user.NewPassword{Clear: nextPassword}, Proof: user.CurrentPassword(current),
		}})
		return err
	}
	for i := range 10 {
		if err := update("wrong"); !errors.Is(err, user.ErrWrongPassword) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if err := update(goodPassword); !errors.Is(err, user.ErrPasswordThrottled) {
		t.Errorf("guess 11: %v", err)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); len(got) != 1 || got[0] != "user.password.throttled" {
		t.Errorf("recorded %q", got)
	}
}
