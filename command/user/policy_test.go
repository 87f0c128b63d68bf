package user_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/user"
)

// with sets a policy of an organization; of the instance where it is empty.
func with(t testing.TB, n *commandtest.Node, organization string, p proto.Message) {
	t.Helper()
	if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: p}); err != nil {
		t.Fatal(err)
	}
}

// longer is a password that is long and nothing else.
const longer = "correcthorsebatterystaple"

func TestPasswordsFollowThePolicyOfTheOrganization(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	with(t, n, "", &policy.PasswordComplexity{MinLength: 40})
	with(t, n, "default", &policy.PasswordComplexity{MinLength: 25})
	other := n.Another(t)
	for name, c := range map[string]struct {
		set  func(next string) error
		weak error // where the new password is not good enough
	}{
		"by an administrator": {func(next string) error { return set(t.Context(), other, admin(), next, nil) }, password.ErrTooShort},
		"by a stranger with a wrong password": {func(next string) error {
			if err := set(t.Context(), n, stranger(), next, user.CurrentPassword("wrong")); !errors.Is(err, user.ErrWrongPassword) {
				return err
			}
			return nil
		}, nil},
		"with the rest": {func(next string) error {
			update := user.UpdateHuman{UserID: "minnie", Password: &user.PasswordUpdate{New: user.NewPassword{Clear: next}}}
			_, err := n.Users.UpdateHuman(t.Context(), admin(), update)
			return err
		}, password.ErrTooShort},
		"of a new user": {func(next string) error {
			add := human()
			add.UserID, add.Username, add.Password = "", text("new-"+next), &user.NewPassword{Clear: next}
			_, err := other.Users.AddHuman(t.Context(), admin(), add)
			return err
		}, password.ErrTooShort},
		"before anybody is there": {func(next string) error {
			return n.Users.CheckPolicy(t.Context(), n.Tenant, "default", next)
		}, password.ErrTooShort},
	} {
		if err := c.set(goodPassword); !errors.Is(err, c.weak) {
			t.Errorf("%s: %v, want %v", name, err, c.weak)
		}
		if err := c.set(longer); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who has the current password or a code hears what a new password lacks, as often as it takes.
func TestARefusedPasswordCostsNoProof(t *testing.T) {
	t.Parallel()
	n := withPassword(t)
	reset, err := n.Users.RequestPasswordReset(t.Context(), admin(), user.RequestPasswordReset{UserID: "minnie", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		for _, proof := range []user.Proof{user.CurrentPassword(goodPassword), user.ResetCode(reset.Code)} {
			if err := set(t.Context(), n, stranger(), "weak", proof); !errors.Is(err, password.ErrTooShort) {
				t.Fatalf("%T: %v", proof, err)
			}
		}
	}
	if err := set(t.Context(), n, stranger(), nextPassword, user.ResetCode(reset.Code)); err != nil {
		t.Error(err)
	}
}

// Wrong codes of all kinds count together, a right one begins anew, and each organization has its own number.
func TestLockoutByCodes(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", withTOTP()...)
	with(t, n, "", &policy.Lockout{OtpAttempts: 2})
	with(t, n, "default", &policy.Lockout{OtpAttempts: 3})
	wrong := func(times int) {
		t.Helper()
		for range times {
			if err := useTOTP(t, n, stranger(), otherThan(t, n)); !errors.Is(err, user.ErrWrongTOTP) {
				t.Fatal(err)
			}
		}
	}
	wrong(2)
	if err := useTOTP(t, n, stranger(), shown(t, n, totpSecret, 0)); err != nil {
		t.Fatal(err)
	}
	wrong(2)
	if got := lifecycle(t, n); got != user.Active {
		t.Fatalf("locked after two in a row: %d", got)
	}
	before := n.Version(t, "minnie")
	wrong(1)
	if got := commandtest.Types(n.Recorded(t, "minnie", before)); !slices.Equal(got, []string{"user.locked"}) {
		t.Errorf("recorded %q", got)
	}
	n.Clock.Advance(time.Minute)
	if err := useTOTP(t, n, admin(), shown(t, n, totpSecret, 0)); !errors.Is(err, user.ErrCannotSignIn) {
		t.Errorf("the right code of a locked user: %v", err)
	}
}

// A message about a changed password is due to a proven address, where the policy says so, and not to who was just added or moved here.
func TestNoticesOfChangedPasswords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given  []proto.Message
		policy *policy.Notification
		want   bool
	}{
		"proven":                  {[]proto.Message{person(), &eventv1.UserEmailVerified{}}, nil, true},
		"unproven":                {[]proto.Message{person()}, nil, false},
		"unwanted":                {[]proto.Message{person(), &eventv1.UserEmailVerified{}}, &policy.Notification{}, false},
		"wanted by the policy":    {[]proto.Message{person(), &eventv1.UserEmailVerified{}}, &policy.Notification{PasswordChange: true}, true},
		"replaced by one unknown": {[]proto.Message{person(), &eventv1.UserEmailVerified{}, &eventv1.UserEmailChanged{Email: "a@b.c"}}, nil, false},
	} {
		n := commandtest.New(t, database(t))
		n.Given(t, "minnie", c.given...)
		if c.policy != nil {
			with(t, n, "default", c.policy)
		}
		if err := set(t.Context(), n, admin(), nextPassword, nil); err != nil {
			t.Fatal(err)
		}
		if due := noticed(t, n, "minnie"); due != c.want {
			t.Errorf("%s: a message is due: %t", name, due)
		}
	}
	n := commandtest.New(t, database(t))
	add := human()
	add.Email.Verification, add.Password = user.Verified{}, &user.NewPassword{Clear: goodPassword}
	if _, err := n.Users.AddHuman(t.Context(), admin(), add); err != nil {
		t.Fatal(err)
	}
	if noticed(t, n, "minnie") {
		t.Error("a new user is told of its first password")
	}
	moved := user.NewPassword{Hash: "$2a$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u"}
	if _, err := n.Users.SetPassword(t.Context(), admin(), user.SetPassword{UserID: "minnie", New: moved}); err != nil {
		t.Fatal(err)
	}
	if noticed(t, n, "minnie") {
		t.Error("a user whose account is moved here is told of a change")
	}
}

// noticed reports whether a deliverable lies beside a user's last event.
func noticed(t testing.TB, n *commandtest.Node, userID string) bool {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), n.Stream(userID), 0)
	if err != nil {
		t.Fatal(err)
	}
	d, due, err := n.Store.Deliverable(t.Context(), n.Tenant, events[len(events)-1].ID)
	if err != nil || due && !d.ExpiresAt.Equal(n.Clock.Now().Add(72*time.Hour)) {
		t.Errorf("%+v, %v", d, err)
	}
	return due
}
