package user_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// reachable is the history of somebody who gets codes by SMS and by email.
func reachable(then ...proto.Message) []proto.Message {
	return append([]proto.Message{
		person(), &eventv1.UserEmailVerified{}, &eventv1.UserOTPEmailAdded{},
		&eventv1.UserPhoneChanged{Phone: "+41791234567"}, &eventv1.UserPhoneVerified{}, &eventv1.UserOTPSMSAdded{},
	}, then...)
}

func TestChallengeOTP(t *testing.T) {
	t.Parallel()
	challenge := func(sms bool, v user.Verification) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.ChallengeOTP(ctx, as, user.ChallengeOTP{UserID: "minnie", SMS: sms, Verification: v})
			if _, returned := v.(user.Return); err == nil && (out.CodeID == "" || returned != (out.Code != "")) {
				return errors.New("a code that nobody asked for, or none")
			}
			return err
		}
	}
	mail, sms := challenge(false, nil), challenge(true, user.Send{})
	byMail, bySMS := []string{"user.otp.email.code.added"}, []string{"user.otp.sms.code.added"}
	other := &eventv1.UserPhoneChanged{Phone: "+41791234568"}

	run(t, []scenario{
		{"by email", reachable(), admin(), mail, byMail, nil},
		{"by SMS", reachable(), admin(), sms, bySMS, nil},
		{"by oneself", reachable(), minnie(), sms, bySMS, nil},
		{"returned", reachable(), admin(), challenge(true, user.Return{}), bySMS, nil},
		{"returned by email", reachable(), admin(), challenge(false, user.Return{}), byMail, nil},
		{"with a link", reachable(), admin(), challenge(false, user.Send{URLTemplate: "https://x.example/{{.Code}}"}), byMail, nil},
		{"returned to oneself", reachable(), minnie(), challenge(true, user.Return{}), nil, permission.ErrDenied},
		{"by a stranger", reachable(), stranger(), sms, nil, permission.ErrDenied},
		{"taken for proven", reachable(), admin(), challenge(true, user.Verified{}), nil, user.ErrVerification},
		{"with a bad link", reachable(), admin(), challenge(false, user.Send{URLTemplate: "{{"}), nil, user.ErrInvalidTemplate},
		{"without the factor", []proto.Message{person(), &eventv1.UserEmailVerified{}}, admin(), mail, nil, user.ErrOTPNotFound},
		{"with the other factor", reachable(&eventv1.UserOTPEmailRemoved{}), admin(), mail, nil, user.ErrOTPNotFound},
		{"to a number that is not proven", reachable(other, &eventv1.UserOTPSMSAdded{}), admin(), sms, nil, user.ErrOTPNotReady},
		{"to an address that is not proven", reachable(&eventv1.UserEmailChanged{Email: "new@mouse.com"}), admin(), mail, nil, user.ErrOTPNotReady},
		{"after the number is gone", reachable(&eventv1.UserPhoneRemoved{}), admin(), sms, nil, user.ErrOTPNotFound},
		{"to somebody locked", reachable(&eventv1.UserLocked{}), admin(), sms, nil, user.ErrCannotSignIn},
		{"to somebody inactive", reachable(&eventv1.UserDeactivated{}), admin(), mail, nil, user.ErrCannotSignIn},
		{"to a machine", []proto.Message{program()}, admin(), mail, nil, user.ErrOTPNotFound},
		{"to nobody", nil, admin(), mail, nil, user.ErrOTPNotFound},
	})
}

// challenged returns a node on which minnie can get codes, and one of them.
func challenged(t testing.TB, sms bool) (*commandtest.Node, user.OTPChallenge) {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", reachable()...)
	return n, challengeAgain(t, n, sms)
}

func challengeAgain(t testing.TB, n *commandtest.Node, sms bool) user.OTPChallenge {
	t.Helper()
	out, err := n.Users.ChallengeOTP(t.Context(), admin(), user.ChallengeOTP{UserID: "minnie", SMS: sms, Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func useOTP(t testing.TB, n *commandtest.Node, as *permission.Caller, use user.UseOTP) error {
	t.Helper()
	use.UserID = "minnie"
	_, err := n.Users.UseOTP(t.Context(), as, use)
	return err
}

func TestUseOTP(t *testing.T) {
	t.Parallel()
	right := func(c user.OTPChallenge) user.UseOTP { return user.UseOTP{SMS: true, CodeID: c.CodeID, Code: c.Code} }
	for name, c := range map[string]struct {
		then []proto.Message
		wait time.Duration
		by   *permission.Caller
		use  func(user.OTPChallenge) user.UseOTP
		want error
	}{
		"right":              {nil, 0, admin(), right, nil},
		"whoever has it":     {nil, 5*time.Minute - time.Second, stranger(), right, nil},
		"with spaces around": {nil, 0, admin(), func(c user.OTPChallenge) user.UseOTP { c.Code = " " + c.Code + "\n"; return right(c) }, nil},
		"too late":           {nil, 5 * time.Minute, admin(), right, user.ErrWrongCode},
		"empty":              {nil, 0, admin(), func(c user.OTPChallenge) user.UseOTP { c.Code = ""; return right(c) }, user.ErrWrongCode},
		"without its id":     {nil, 0, admin(), func(c user.OTPChallenge) user.UseOTP { c.CodeID = ""; return right(c) }, user.ErrWrongCode},
		"as one by email": {nil, 0, admin(), func(c user.OTPChallenge) user.UseOTP {
			return user.UseOTP{CodeID: c.CodeID, Code: c.Code}
		}, user.ErrWrongCode},
		"of a number that was replaced":   {[]proto.Message{&eventv1.UserPhoneChanged{Phone: "+41791234568"}}, 0, admin(), right, user.ErrWrongCode},
		"of a number that was removed":    {[]proto.Message{&eventv1.UserPhoneRemoved{}}, 0, admin(), right, user.ErrOTPNotFound},
		"of a factor that was removed":    {[]proto.Message{&eventv1.UserOTPSMSRemoved{}}, 0, admin(), right, user.ErrOTPNotFound},
		"of a factor that came back":      {[]proto.Message{&eventv1.UserOTPSMSRemoved{}, &eventv1.UserOTPSMSAdded{}}, 0, admin(), right, user.ErrWrongCode},
		"after the other factor went":     {[]proto.Message{&eventv1.UserOTPEmailRemoved{}}, 0, admin(), right, nil},
		"after the email address changed": {[]proto.Message{&eventv1.UserEmailChanged{Email: "new@mouse.com"}}, 0, admin(), right, nil},
		"of somebody locked":              {[]proto.Message{&eventv1.UserLocked{}}, 0, admin(), right, user.ErrCannotSignIn},
		"of somebody locked, stranger":    {[]proto.Message{&eventv1.UserLocked{}}, 0, stranger(), right, user.ErrWrongCode},
		"of somebody removed":             {[]proto.Message{&eventv1.UserRemoved{}}, 0, stranger(), right, user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, code := challenged(t, true)
			if len(c.then) > 0 {
				n.Given(t, "minnie", c.then...)
			}
			n.Clock.Advance(c.wait)
			before := n.Version(t, "minnie")
			if err := useOTP(t, n, c.by, c.use(code)); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			got := commandtest.Types(n.Recorded(t, "minnie", before))
			if c.want == nil && !slices.Equal(got, []string{"user.otp.sms.code.used"}) || c.want != nil && len(got) > 0 {
				t.Errorf("recorded %q", got)
			}
			if c.want == nil {
				if err := useOTP(t, n, c.by, c.use(code)); !errors.Is(err, user.ErrWrongCode) {
					t.Errorf("a second time: %v", err)
				}
			}
		})
	}
}

func TestWhatChallengesMake(t *testing.T) {
	t.Parallel()
	n, first := challenged(t, false)
	form := regexp.MustCompile(`^[0-9]{8}$`)
	second := challengeAgain(t, n, false)
	if !form.MatchString(first.Code) || !form.MatchString(second.Code) || first.Code == second.Code || first.CodeID == second.CodeID {
		t.Errorf("codes %q, %q", first.Code, second.Code)
	}
	noSecretsInTheOpen(t, n, "minnie", first.Code, second.Code)
	codesTravel(t, n, "minnie", 0)
	if _, err := n.Users.ChallengeOTP(t.Context(), admin(), user.ChallengeOTP{UserID: "minnie", SMS: true}); err != nil {
		t.Fatal(err)
	}
	sent := codesTravel(t, n, "minnie", 1)
	noSecretsInTheOpen(t, n, "minnie", sent...)
	events := n.Recorded(t, "minnie", uint64(len(reachable())))
	added := events[2].(*eventv1.UserOTPSMSCodeAdded)
	if added.GetCode().GetMedium() != eventv1.CodeMedium_CODE_MEDIUM_SMS || !form.MatchString(sent[0]) {
		t.Errorf("sent %q by %s", sent[0], added.GetCode().GetMedium())
	}
	if err := useOTP(t, n, stranger(), user.UseOTP{SMS: true, CodeID: added.GetCodeId(), Code: sent[0]}); err != nil {
		t.Errorf("the code that was sent: %v", err)
	}
	for name, code := range map[string]user.OTPChallenge{"first": first, "second": second} {
		if err := useOTP(t, n, minnie(), user.UseOTP{CodeID: code.CodeID, Code: code.Code}); err != nil {
			t.Errorf("the %s: %v", name, err)
		}
	}
}

// Ten codes are good beside each other; the eleventh takes the place of the oldest, expired ones take none.
func TestTheNewestTenCodes(t *testing.T) {
	t.Parallel()
	n, oldest := challenged(t, false)
	next := challengeAgain(t, n, false)
	for range 9 {
		challengeAgain(t, n, false)
	}
	sms := challengeAgain(t, n, true)
	if err := useOTP(t, n, admin(), user.UseOTP{CodeID: oldest.CodeID, Code: oldest.Code}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the oldest of eleven: %v", err)
	}
	if err := useOTP(t, n, admin(), user.UseOTP{CodeID: next.CodeID, Code: next.Code}); err != nil {
		t.Errorf("the tenth: %v", err)
	}
	if err := useOTP(t, n, admin(), user.UseOTP{SMS: true, CodeID: sms.CodeID, Code: sms.Code}); err != nil {
		t.Errorf("one by SMS: %v", err)
	}
	n.Clock.Advance(5 * time.Minute)
	challengeAgain(t, n, false)
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
	if err != nil || len(snap.State.OTPEmailCodes) != 1 || len(snap.State.OTPSMSCodes) != 0 {
		t.Errorf("%d codes by email and %d by SMS are left, %v", len(snap.State.OTPEmailCodes), len(snap.State.OTPSMSCodes), err)
	}
}

// Each code takes five guesses; what is guessed at one does not touch the others.
func TestFiveGuessesAtACodeToSignInWith(t *testing.T) {
	t.Parallel()
	n, code := challenged(t, true)
	other := challengeAgain(t, n, true)
	before := n.Version(t, "minnie")
	counts := together(t, n, 50, func(ctx context.Context, s *user.Service, _ int) error {
		_, err := s.UseOTP(ctx, admin(), user.UseOTP{UserID: "minnie", SMS: true, CodeID: code.CodeID, Code: "x" + code.Code})
		return err
	})
	if counts["wrong"] != 5 || counts["throttled"] != 45 {
		t.Errorf("answers: %v", counts)
	}
	want := []proto.Message{&eventv1.UserOTPSMSCodeBlocked{CodeId: code.CodeID, Attempts: 5}}
	if got := n.Recorded(t, "minnie", before); len(got) != 1 || !proto.Equal(got[0], want[0]) {
		t.Errorf("recorded %v", got)
	}
	if err := useOTP(t, n, admin(), user.UseOTP{SMS: true, CodeID: code.CodeID, Code: code.Code}); !errors.Is(err, user.ErrCodeBlocked) {
		t.Errorf("the right one, too late: %v", err)
	}
	if err := useOTP(t, n, stranger(), user.UseOTP{SMS: true, CodeID: code.CodeID, Code: code.Code}); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the right one, too late, by a stranger: %v", err)
	}
	if err := useOTP(t, n, admin(), user.UseOTP{SMS: true, CodeID: other.CodeID, Code: other.Code}); err != nil {
		t.Errorf("another code: %v", err)
	}
}

func TestACodeToSignInWithIsUsedOnce(t *testing.T) {
	t.Parallel()
	for name, sms := range map[string]bool{"by SMS": true, "by email": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, code := challenged(t, sms)
			before := n.Version(t, "minnie")
			counts := together(t, n, 50, func(ctx context.Context, s *user.Service, _ int) error {
				_, err := s.UseOTP(ctx, admin(), user.UseOTP{UserID: "minnie", SMS: sms, CodeID: code.CodeID, Code: code.Code})
				return err
			})
			if counts["right"] != 1 || counts["right"]+counts["wrong"]+counts["throttled"] != 50 {
				t.Errorf("answers: %v", counts)
			}
			if got := commandtest.Types(n.Recorded(t, "minnie", before)); len(got) != 1 {
				t.Errorf("recorded %q", got)
			}
		})
	}
}

// Codes went to an address that was proven: the factor ends with it, in the same breath.
func TestSentCodesEndWithTheirAddress(t *testing.T) {
	t.Parallel()
	run(t, []scenario{
		{"another address", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.SetEmail(ctx, as, user.SetEmail{UserID: "minnie", Email: "new@mouse.com", Verification: user.Verified{}})
			return err
		}, []string{"user.email.changed", "user.otp.email.removed", "user.email.verified"}, nil},
		{"another number", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.SetPhone(ctx, as, user.SetPhone{UserID: "minnie", Phone: "+41791234568"})
			return err
		}, []string{"user.phone.changed", "user.otp.sms.removed", "user.phone.code.added"}, nil},
		{"no number", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.RemovePhone(ctx, as, "minnie")
			return err
		}, []string{"user.phone.removed", "user.otp.sms.removed"}, nil},
		{"both at once", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.UpdateHuman(ctx, as, user.UpdateHuman{
				UserID: "minnie", Email: &user.EmailChange{Address: "new@mouse.com", Verification: user.Unverified{}},
				Phone: &user.PhoneChange{Number: "+41791234568", Verification: user.Verified{}},
			})
			return err
		}, []string{"user.email.changed", "user.otp.email.removed", "user.phone.changed", "user.otp.sms.removed", "user.phone.verified"}, nil},
		{"no number, by an update", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.UpdateHuman(ctx, as, user.UpdateHuman{UserID: "minnie", RemovePhone: true})
			return err
		}, []string{"user.phone.removed", "user.otp.sms.removed"}, nil},
		{"the same address", reachable(), admin(), func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.UpdateHuman(ctx, as, user.UpdateHuman{
				UserID: "minnie", Email: &user.EmailChange{Address: "minnie@mouse.com"}, Phone: &user.PhoneChange{Number: "+41791234567"},
			})
			return err
		}, nil, nil},
	})
}

// Codes that come back are wanted: who signs in with one many times a day is never kept waiting.
func TestWhoUsesCodesGetsMore(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", reachable()...)
	send := func() error {
		_, err := n.Users.ChallengeOTP(t.Context(), admin(), user.ChallengeOTP{UserID: "minnie"})
		return err
	}
	for round := range 2 {
		for i := range 20 {
			if err := send(); err != nil {
				t.Fatalf("round %d, code %d: %v", round, i+1, err)
			}
		}
		if err := send(); !errors.Is(err, user.ErrTooManyCodes) {
			t.Fatalf("round %d: %v", round, err)
		}
		c := challengeAgain(t, n, false)
		if err := useOTP(t, n, stranger(), user.UseOTP{CodeID: c.CodeID, Code: c.Code}); err != nil {
			t.Fatal(err)
		}
	}
}
