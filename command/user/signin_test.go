package user_test

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// Whoever is locked or inactive is not let in by a right proof either, and a stranger does not learn why.
func TestWhoCannotSignIn(t *testing.T) {
	t.Parallel()
	useTOTP := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.UseTOTP(ctx, as, user.TOTPCode{UserID: "minnie", Code: shown(t, n, totpSecret, 0)})
		return err
	}
	recover := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.UseRecoveryCode(ctx, as, user.UseRecoveryCode{UserID: "minnie", Code: "AAAAAA-AAAAAA"})
		return err
	}
	begin := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.BeginAssertion(ctx, as, user.BeginAssertion{UserID: "minnie"})
		return err
	}
	totp := func(then ...proto.Message) []proto.Message { return append(withTOTP(), then...) }
	codes := func(then ...proto.Message) []proto.Message {
		return append([]proto.Message{person(), &eventv1.UserRecoveryCodesAdded{SetId: "s", Digests: [][]byte{[]byte("digest")}}}, then...)
	}
	locked, inactive := &eventv1.UserLocked{}, &eventv1.UserDeactivated{}

	run(t, []scenario{
		{"TOTP, locked", totp(locked), admin(), useTOTP, nil, user.ErrCannotSignIn},
		{"TOTP, inactive", totp(inactive), admin(), useTOTP, nil, user.ErrCannotSignIn},
		{"TOTP, locked, by a stranger", totp(locked), stranger(), useTOTP, nil, user.ErrWrongTOTP},
		{"recovery code, locked", codes(locked), admin(), recover, nil, user.ErrCannotSignIn},
		{"recovery code, inactive, by a stranger", codes(inactive), stranger(), recover, nil, user.ErrWrongRecoveryCode},
		{"passkey, locked", []proto.Message{person(), locked}, admin(), begin, nil, user.ErrCannotSignIn},
		{"passkey, inactive", []proto.Message{person(), inactive}, owner(), begin, nil, user.ErrCannotSignIn},
		{"passkey, locked, by a stranger", []proto.Message{person(), locked}, stranger(), begin, nil, permission.ErrDenied},
	})
}

// An answer that comes after its user was locked comes too late.
func TestAnAnswerOfSomebodyLocked(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	question := asked(t, n)
	d.key.Counter = 7
	answer := d.get(t, question.Options)
	if _, err := n.Another(t).Users.Lock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if _, err := use(t, n, admin(), question.Ceremony, answer); !errors.Is(err, user.ErrCannotSignIn) {
		t.Errorf("locked: %v", err)
	}
	if _, err := use(t, n, stranger(), question.Ceremony, answer); !errors.Is(err, user.ErrAssertionRejected) {
		t.Errorf("locked, by a stranger: %v", err)
	}
	if _, err := n.Users.Unlock(t.Context(), admin(), "minnie"); err != nil {
		t.Fatal(err)
	}
	if _, err := use(t, n, admin(), question.Ceremony, answer); err != nil {
		t.Errorf("unlocked: %v", err)
	}
}

// Codes may be asked for in digits, six of them, and are good like any other.
func TestCodesOfDigits(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person(), &eventv1.UserPhoneChanged{Phone: "+41791234567"}, &eventv1.UserPhoneCodeAdded{Code: &eventv1.Code{}})
	ctx, form := t.Context(), regexp.MustCompile(`^[0-9]{6}$`)
	in := user.RequestCode{UserID: "minnie", Verification: user.Return{}, Digits: true}
	for name, ask := range map[string]struct {
		code func() (user.Coded, error)
		use  func(code string) error
	}{
		"password reset": {
			func() (user.Coded, error) {
				return n.Users.RequestPasswordReset(ctx, admin(), user.RequestPasswordReset{UserID: "minnie", Verification: user.Return{}, Digits: true})
			},
			func(code string) error { return set(ctx, n, stranger(), nextPassword, user.ResetCode(code)) },
		},
		"email, again": {
			func() (user.Coded, error) {
				if _, err := n.Users.SendEmailCode(ctx, admin(), in); err != nil {
					return user.Coded{}, err
				}
				return n.Users.ResendEmailCode(ctx, admin(), in)
			},
			func(code string) error { return guess(t, n, stranger(), code) },
		},
		"phone": {
			func() (user.Coded, error) { return n.Users.ResendPhoneCode(ctx, admin(), in) },
			func(code string) error {
				_, err := n.Users.VerifyPhone(ctx, stranger(), user.VerifyCode{UserID: "minnie", Code: code})
				return err
			},
		},
	} {
		out, err := ask.code()
		if err != nil || !form.MatchString(out.Code) {
			t.Errorf("%s: code %q, %v", name, out.Code, err)
		}
		if err := ask.use(out.Code); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
