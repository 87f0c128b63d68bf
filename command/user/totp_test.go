package user_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

const (
	totpSeed   = "12345678901234567890"
	totpSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// registered is the history of a person whose authenticator app has not shown a code yet.
func registered(then ...proto.Message) []proto.Message {
	return append([]proto.Message{person(), &eventv1.UserTOTPAdded{TotpId: "t", Seed: []byte(totpSeed)}}, then...)
}

func withTOTP() []proto.Message {
	return registered(&eventv1.UserTOTPVerified{TotpId: "t"})
}

// shown is what an authenticator app shows when its clock is ahead.
func shown(t *testing.T, n *commandtest.Node, secret string, ahead time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, n.Clock.Now().Add(ahead))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// otherThan returns a code that is not right, neither now nor soon.
func otherThan(t *testing.T, n *commandtest.Node) string {
	t.Helper()
	var right []string
	for step := -30; step <= 30; step++ {
		right = append(right, shown(t, n, totpSecret, time.Duration(step)*30*time.Second))
	}
	for _, code := range []string{"123456", "234567", "345678", "456789"} {
		if !slices.Contains(right, code) {
			return code
		}
	}
	t.Fatal("every code is right")
	return ""
}

func TestTOTPCommands(t *testing.T) {
	t.Parallel()
	register := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		out, err := n.Users.RegisterTOTP(ctx, as, "minnie")
		if (err == nil) != (out.URI != "" && out.Secret != "") {
			return errors.New("URI and secret belong to success")
		}
		return err
	}
	verify := func(ahead time.Duration) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.VerifyTOTP(ctx, as, user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, ahead)})
			return err
		}
	}
	typed := func(code string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.VerifyTOTP(ctx, as, user.TOTPCode{UserID: "minnie", Code: code})
			return err
		}
	}
	use := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.UseTOTP(ctx, as, user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, 0)})
		return err
	}
	remove := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.RemoveTOTP(ctx, as, "minnie")
		return err
	}
	active, machine := []proto.Message{person()}, []proto.Message{program()}
	removed := registered(&eventv1.UserTOTPRemoved{TotpId: "t"})
	replaced := registered(&eventv1.UserTOTPAdded{TotpId: "u", Seed: []byte("09876543210987654321")})
	added, verified := []string{"user.totp.added"}, []string{"user.totp.verified"}

	run(t, []scenario{
		{"register", active, admin(), register, added, nil},
		{"register for oneself", active, minnie(), register, added, nil},
		{"register anew before it was verified", registered(), minnie(), register, added, nil},
		{"register anew after it was removed", removed, minnie(), register, added, nil},
		{"register a second", withTOTP(), minnie(), register, nil, user.ErrTOTPReady},
		{"register for a machine", machine, admin(), register, nil, user.ErrNoUser},
		{"register for nobody", nil, admin(), register, nil, user.ErrNoUser},

		{"verify", registered(), admin(), verify(0), verified, nil},
		{"verify for oneself", registered(), minnie(), verify(0), verified, nil},
		{"verify with a slow clock", registered(), minnie(), verify(-30 * time.Second), verified, nil},
		{"verify with a fast clock", registered(), minnie(), verify(30 * time.Second), verified, nil},
		{"verify with a clock that is too slow", registered(), minnie(), verify(-60 * time.Second), nil, user.ErrWrongTOTP},
		{"verify with a clock that is too fast", registered(), minnie(), verify(60 * time.Second), nil, user.ErrWrongTOTP},
		{"verify with the code of a secret that was replaced", replaced, minnie(), verify(0), nil, user.ErrWrongTOTP},
		{"verify with no code", registered(), minnie(), typed(""), nil, user.ErrWrongTOTP},
		{"verify with letters", registered(), minnie(), typed("abcdef"), nil, user.ErrWrongTOTP},
		{"verify what is verified", withTOTP(), minnie(), verify(0), nil, user.ErrTOTPVerified},
		{"verify what was removed", removed, minnie(), verify(0), nil, user.ErrTOTPNotFound},
		{"verify of somebody without", active, minnie(), verify(0), nil, user.ErrTOTPNotFound},
		{"verify of a machine", machine, admin(), verify(0), nil, user.ErrTOTPNotFound},

		{"use what was erased", []proto.Message{person(), &eventv1.UserTOTPAdded{TotpId: "t"}, &eventv1.UserTOTPVerified{TotpId: "t"}}, stranger(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			code := shown(t, n, "", 0)
			_, err := n.Users.UseTOTP(ctx, as, user.TOTPCode{UserID: "minnie", Code: code})
			return err
		}, nil, user.ErrWrongTOTP},
		{"use before it was verified", registered(), minnie(), use, nil, user.ErrOTPNotReady},
		{"use before it was verified, by a stranger", registered(), stranger(), use, nil, user.ErrWrongTOTP},
		{"use what was removed", removed, admin(), use, nil, user.ErrTOTPNotFound},
		{"use what was removed, by a stranger", removed, stranger(), use, nil, user.ErrWrongTOTP},

		{"remove", withTOTP(), admin(), remove, []string{"user.totp.removed"}, nil},
		{"remove one's own", withTOTP(), minnie(), remove, []string{"user.totp.removed"}, nil},
		{"remove before it was verified", registered(), minnie(), remove, []string{"user.totp.removed"}, nil},
		{"remove where there is none", active, admin(), remove, nil, user.ErrTOTPNotFound},
		{"remove twice", removed, admin(), remove, nil, user.ErrTOTPNotFound},
	})
}

func TestWhatAnAuthenticatorAppIsTold(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	out, err := n.Users.RegisterTOTP(t.Context(), minnie(), "minnie")
	if err != nil {
		t.Fatal(err)
	}
	key, err := otp.NewKeyFromURL(out.URI)
	if err != nil {
		t.Fatal(err)
	}
	if key.Type() != "totp" || key.Issuer() != "Signet" || key.AccountName() != "minnie" || key.Secret() != out.Secret ||
		key.Digits() != otp.DigitsSix || key.Period() != 30 || key.Algorithm() != otp.AlgorithmSHA1 {
		t.Errorf("%s", out.URI)
	}
	seed, err := base32.StdEncoding.DecodeString(out.Secret)
	if err != nil || len(seed) != 20 {
		t.Errorf("a secret of %d bytes, %v", len(seed), err)
	}
	if got := n.Recorded(t, "minnie", 1)[0].(*eventv1.UserTOTPAdded); !bytes.Equal(got.GetSeed(), seed) || got.GetTotpId() == "" {
		t.Errorf("recorded %v", got)
	}
	noSecretsInTheOpen(t, n, "minnie", string(seed), out.Secret)
	again, err := n.Users.RegisterTOTP(t.Context(), minnie(), "minnie")
	if err != nil || again.Secret == out.Secret {
		t.Errorf("the same secret twice, %v", err)
	}
}

// equipped returns a node on which minnie has an authenticator app.
func equipped(t *testing.T) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", withTOTP()...)
	return n
}

func useTOTP(t *testing.T, n *commandtest.Node, as *permission.Caller, code string) error {
	t.Helper()
	before := n.Version(t, "minnie")
	receipt, err := n.Users.UseTOTP(t.Context(), as, user.TOTPCode{UserID: "minnie", Code: code})
	if err == nil && (receipt.Version != before || n.Version(t, "minnie") != before) {
		t.Errorf("a use recorded something")
	}
	return err
}

func TestATOTPCodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	t.Run("used", func(t *testing.T) {
		t.Parallel()
		n := equipped(t)
		code := shown(t, n, totpSecret, 0)
		if err := useTOTP(t, n, stranger(), " "+code[:3]+" "+code[3:]+"\n"); err != nil {
			t.Fatal(err)
		}
		for who, node := range map[string]*commandtest.Node{"here": n, "on another node": n.Another(t)} {
			if err := useTOTP(t, node, admin(), code); !errors.Is(err, user.ErrWrongTOTP) {
				t.Errorf("a second time, %s: %v", who, err)
			}
		}
	})
	t.Run("used to verify", func(t *testing.T) {
		t.Parallel()
		n := commandtest.New(t, database(t))
		n.Given(t, "minnie", registered()...)
		code := shown(t, n, totpSecret, 0)
		if _, err := n.Users.VerifyTOTP(t.Context(), minnie(), user.TOTPCode{UserID: "minnie", Code: code}); err != nil {
			t.Fatal(err)
		}
		if err := useTOTP(t, n, minnie(), code); !errors.Is(err, user.ErrWrongTOTP) {
			t.Errorf("to sign in: %v", err)
		}
		n.Clock.Advance(30 * time.Second)
		if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
	t.Run("but not less because another node was faster", func(t *testing.T) {
		t.Parallel()
		n := commandtest.New(t, database(t))
		n.Given(t, "minnie", registered()...)
		other := n.Another(t)
		other.Given(t, "minnie", &eventv1.UserMFAInitSkipped{}) // n's cache does not know
		code := user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, 0)}
		if _, err := n.Users.VerifyTOTP(t.Context(), minnie(), code); err != nil {
			t.Fatalf("to verify: %v", err)
		}
		other.Given(t, "minnie", &eventv1.UserMFAInitSkipped{})
		n.Clock.Advance(30 * time.Second)
		code.Code = shown(t, n, totpSecret, 0)
		if _, err := n.Users.UseTOTP(t.Context(), minnie(), code); err != nil {
			t.Errorf("to sign in: %v", err)
		}
	})
	t.Run("older than one that was used", func(t *testing.T) {
		t.Parallel()
		n := equipped(t)
		earlier, now, next := shown(t, n, totpSecret, -30*time.Second), shown(t, n, totpSecret, 0), shown(t, n, totpSecret, 30*time.Second)
		if err := useTOTP(t, n, minnie(), next); err != nil {
			t.Fatal(err)
		}
		for name, code := range map[string]string{"earlier": earlier, "now": now, "next": next} {
			if err := useTOTP(t, n, minnie(), code); !errors.Is(err, user.ErrWrongTOTP) {
				t.Errorf("%s: %v", name, err)
			}
		}
		n.Clock.Advance(30 * time.Second)
		if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 30*time.Second)); err != nil {
			t.Errorf("a newer one: %v", err)
		}
	})
	t.Run("of a secret that takes the place of another", func(t *testing.T) {
		t.Parallel()
		n := equipped(t)
		if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Another(t).Users.RemoveTOTP(t.Context(), minnie(), "minnie"); err != nil {
			t.Fatal(err)
		}
		n.Clock.Advance(30 * time.Second)
		if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); !errors.Is(err, user.ErrTOTPNotFound) {
			t.Errorf("removed on another node: %v", err)
		}
		out, err := n.Users.RegisterTOTP(t.Context(), minnie(), "minnie")
		if err != nil {
			t.Fatal(err)
		}
		code := user.TOTPCode{UserID: "minnie", Code: shown(t, n, out.Secret, -30*time.Second)}
		if _, err := n.Users.VerifyTOTP(t.Context(), minnie(), code); err != nil {
			t.Errorf("the step that was used with the other secret: %v", err)
		}
	})
}

func TestTenGuessesAtTOTP(t *testing.T) {
	t.Parallel()
	n := equipped(t)
	wrong := otherThan(t, n)
	for i := range 9 {
		if err := useTOTP(t, n, minnie(), wrong); !errors.Is(err, user.ErrWrongTOTP) {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); err != nil {
		t.Fatalf("wrong guesses burnt the right code: %v", err)
	}
	for i := range 10 {
		if err := useTOTP(t, n, stranger(), wrong); !errors.Is(err, user.ErrWrongTOTP) {
			t.Fatalf("guess %d after a right one: %v", i+1, err)
		}
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 3)); !slices.Equal(got, []string{"user.totp.throttled"}) {
		t.Errorf("recorded %q", got)
	}
	n.Clock.Advance(30 * time.Second)
	right := shown(t, n, totpSecret, 0)
	if err := useTOTP(t, n, minnie(), right); !errors.Is(err, user.ErrTOTPThrottled) {
		t.Errorf("the right code, too late: %v", err)
	}
	if err := useTOTP(t, n, stranger(), right); !errors.Is(err, user.ErrWrongTOTP) {
		t.Errorf("the right code, too late, by a stranger: %v", err)
	}
	if _, err := n.Users.Lock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Users.Unlock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if err := useTOTP(t, n, minnie(), right); err != nil {
		t.Errorf("the right code, after the user was unlocked: %v", err)
	}
}

func TestGuessingAtTOTPMayGoOnAfterTenMinutes(t *testing.T) {
	t.Parallel()
	n := equipped(t)
	wrong := otherThan(t, n)
	for range 10 {
		if err := useTOTP(t, n, minnie(), wrong); !errors.Is(err, user.ErrWrongTOTP) {
			t.Fatal(err)
		}
	}
	n.Clock.Advance(10*time.Minute - time.Second)
	if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); !errors.Is(err, user.ErrTOTPThrottled) {
		t.Errorf("a second early: %v", err)
	}
	n.Clock.Advance(time.Second)
	if err := useTOTP(t, n, minnie(), shown(t, n, totpSecret, 0)); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}

// together runs one command many times at once, on two nodes, and counts the answers by their reason.
func together(t *testing.T, n *commandtest.Node, times int, run func(ctx context.Context, s *user.Service, i int) error) map[string]int {
	t.Helper()
	nodes := []*commandtest.Node{n, n.Another(t)}
	results := make([]error, times)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range results {
		wg.Go(func() {
			<-start
			results[i] = run(t.Context(), nodes[i%2].Users, i)
		})
	}
	close(start)
	wg.Wait()
	counts := map[string]int{}
	for _, err := range results {
		switch {
		case err == nil:
			counts["right"]++
		case errors.Is(err, user.ErrWrongTOTP), errors.Is(err, user.ErrWrongCode), errors.Is(err, user.ErrWrongRecoveryCode),
			errors.Is(err, user.ErrWrongPassword), errors.Is(err, user.ErrWrongSecret):
			counts["wrong"]++
		case errors.Is(err, user.ErrTOTPThrottled), errors.Is(err, user.ErrCodeBlocked), errors.Is(err, user.ErrRecoveryThrottled),
			errors.Is(err, user.ErrPasswordThrottled), errors.Is(err, user.ErrSecretThrottled):
			counts["throttled"]++
		default:
			counts[err.Error()]++
		}
	}
	return counts
}

func TestAHundredParallelGuessesAtTOTP(t *testing.T) {
	t.Parallel()
	n := equipped(t)
	code := user.TOTPCode{UserID: "minnie", Code: otherThan(t, n)}
	counts := together(t, n, 100, func(ctx context.Context, s *user.Service, _ int) error {
		_, err := s.UseTOTP(ctx, admin(), code)
		return err
	})
	if counts["wrong"] != 10 || counts["throttled"] != 90 {
		t.Errorf("answers: %v", counts)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 3)); !slices.Equal(got, []string{"user.totp.throttled"}) {
		t.Errorf("recorded %q", got)
	}
}

// One code, presented by fifty at once, lets one in. That the others are told it is wrong and not just too late shows that more
// than one was compared.
func TestFiftyWithOneTOTPCode(t *testing.T) {
	t.Parallel()
	t.Run("to sign in", func(t *testing.T) {
		t.Parallel()
		n := equipped(t)
		code := user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, 0)}
		counts := together(t, n, 50, func(ctx context.Context, s *user.Service, _ int) error {
			_, err := s.UseTOTP(ctx, admin(), code)
			return err
		})
		if counts["right"] != 1 || counts["wrong"] < 5 || counts["right"]+counts["wrong"]+counts["throttled"] != 50 {
			t.Errorf("answers: %v", counts)
		}
	})
	t.Run("to verify", func(t *testing.T) {
		t.Parallel()
		n := commandtest.New(t, database(t))
		n.Given(t, "minnie", registered()...)
		code := user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, 0)}
		counts := together(t, n, 50, func(ctx context.Context, s *user.Service, _ int) error {
			_, err := s.VerifyTOTP(ctx, admin(), code)
			return err
		})
		if counts["right"] != 1 {
			t.Errorf("answers: %v", counts)
		}
		recorded := strings.Join(commandtest.Types(n.Recorded(t, "minnie", 2)), " ")
		if strings.Count(recorded, "user.totp.verified") != 1 {
			t.Errorf("recorded %q", recorded)
		}
	})
}

func TestTOTPSecretsFromElsewhere(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	add := func(id, secret string) error {
		req := human()
		req.UserID, req.Username, req.TOTPSecret = id, text(id), secret
		_, err := n.Users.AddHuman(t.Context(), admin(), req)
		return err
	}
	encode := func(length int) string { return base32.StdEncoding.EncodeToString(make([]byte, length)) }
	for name, secret := range map[string]string{
		"smallest": encode(10), "padded": encode(16), "largest": encode(64), "lower": strings.ToLower(totpSecret), "spaced": " " + totpSecret + "\n",
	} {
		if err := add(name, secret); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, secret := range map[string]string{
		"9 bytes": encode(9), "65 bytes": encode(65), "201 characters": strings.Repeat("A", 201), "blank": "  ", "not base32": strings.Repeat("1", 32),
		"padding only": strings.Repeat("=", 16), "a line within": totpSecret[:8] + "\n" + totpSecret[8:],
	} {
		if err := add("refused", secret); !errors.Is(err, user.ErrInvalidTOTPSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	code := user.TOTPCode{UserID: "lower", Code: shown(t, n, totpSecret, 0)}
	if _, err := n.Users.UseTOTP(t.Context(), stranger(), code); err != nil {
		t.Errorf("a code of it: %v", err)
	}
}
