package signin_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/eventstore/failure"
)

// with sets a policy of the default organization.
func with(t testing.TB, n *commandtest.Node, p proto.Message) {
	t.Helper()
	if _, err := n.Policies.Set(t.Context(), system(), policy.Set{Organization: "default", Policy: p}); err != nil {
		t.Fatal(err)
	}
}

// loginPolicy is the one that is built in, with a change.
func loginPolicy(t testing.TB, n *commandtest.Node, change func(*policy.Login)) *policy.Login {
	t.Helper()
	held, err := n.Policies.Login(t.Context(), n.Tenant, "")
	if err != nil {
		t.Fatal(err)
	}
	p := proto.CloneOf(held.Policy)
	change(p)
	return p
}

func TestWhatLoginPoliciesForbid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*policy.Login)
		by     signin.Identifier
		want   *failure.Error // of a sign-in with the right password; nil: none
	}{
		"nothing":                      {func(*policy.Login) {}, byEmail(email), nil},
		"passwords":                    {func(p *policy.Login) { p.Password = false }, byUsername("minnie"), signin.ErrPasswordOff},
		"single factors":               {func(p *policy.Login) { p.ForceMfa = true }, byUsername("minnie"), signin.ErrMFARequired},
		"single factors, locally":      {func(p *policy.Login) { p.ForceMfaLocalOnly = true }, byUsername("minnie"), signin.ErrMFARequired},
		"addresses":                    {func(p *policy.Login) { p.DisableLoginWithEmail = true }, byEmail(email), signin.ErrRejected},
		"addresses, by another name":   {func(p *policy.Login) { p.DisableLoginWithEmail = true }, byPhone(phone), nil},
		"numbers":                      {func(p *policy.Login) { p.DisableLoginWithPhone = true }, byPhone(phone), signin.ErrRejected},
		"numbers, by another name":     {func(p *policy.Login) { p.DisableLoginWithPhone = true }, byUsername("minnie"), nil},
		"passwords, for an address of": {func(p *policy.Login) { p.Password, p.DisableLoginWithEmail = false, true }, byEmail(email), signin.ErrRejected},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			with(t, n, loginPolicy(t, n, c.change))
			_, err := n.Another(t).SignIn.Login(t.Context(), signin.Credentials{Identifier: c.by, Password: goodPassword}, false)
			if c.want == nil && err != nil {
				t.Error(err)
			}
			if c.want != nil {
				refused(t, "the right password", err, c.want)
			}
			_, err = n.SignIn.Login(t.Context(), signin.Credentials{Identifier: c.by, Password: "wrong"}, false)
			refused(t, "a wrong password", err, signin.ErrRejected)
		})
	}
}

func TestWhereUsersMayRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*policy.Login)
		want   *failure.Error
	}{
		"open":                  {func(*policy.Login) {}, nil},
		"closed":                {func(p *policy.Login) { p.Register = false }, signin.ErrRegistrationOff},
		"without passwords":     {func(p *policy.Login) { p.Password = false }, signin.ErrPasswordOff},
		"without single factor": {func(p *policy.Login) { p.ForceMfa = true }, signin.ErrMFARequired},
	} {
		n := commandtest.New(t, database(t))
		with(t, n, loginPolicy(t, n, c.change))
		open, err := n.SignIn.Open(t.Context())
		if err != nil || open != (c.want == nil) {
			t.Errorf("%s: open %t, %v", name, open, err)
		}
		_, err = n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byUsername("daisy"), Password: goodPassword}, false)
		if c.want == nil && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != nil {
			refused(t, name, err, c.want)
		}
	}
}

func TestWhoRegistersChoosesAPasswordOfTheOrganization(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	with(t, n, &policy.PasswordComplexity{MinLength: 20})
	_, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byUsername("daisy"), Password: goodPassword}, false)
	refused(t, "short", err, password.ErrTooShort)
	if _, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byUsername("daisy"), Password: "äöü äöü äöü äöü äöü x"}, false); err != nil {
		t.Error(err)
	}
}

func TestOldPasswordsDoNotSignIn(t *testing.T) {
	t.Parallel()
	n := scene(t)
	with(t, n, &policy.PasswordAge{MaxAgeDays: 30})
	n.Clock.Advance(30*24*time.Hour - time.Second)
	login(t, n)
	n.Clock.Advance(time.Second)
	_, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), false)
	refused(t, "old", err, signin.ErrPasswordExpired)
	_, err = n.SignIn.Login(t.Context(), minnieWith("wrong"), false)
	refused(t, "wrong", err, signin.ErrRejected)
	code, ticket := reset(t, n, byUsername("minnie"))
	r := signin.ResetPassword{Identifier: byUsername("minnie"), Code: code, Ticket: ticket, NewPassword: nextPassword}
	if err := n.SignIn.ResetPassword(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := n.SignIn.Login(t.Context(), minnieWith(nextPassword), false); err != nil {
		t.Errorf("a new one: %v", err)
	}
}

// With a lock, too, refusals cost the same statements whatever their reason.
func TestRefusedSignInsCostTheSameStatementsWhereThereIsALock(t *testing.T) {
	t.Parallel()
	log, l := overheard(t)
	n := commandtest.New(t, log)
	add(t, n, person{id: "minnie"})
	if _, err := n.Policies.Set(t.Context(), system(), policy.Set{Policy: &policy.Lockout{PasswordAttempts: 100}}); err != nil {
		t.Fatal(err)
	}
	heard := func(id string) []string {
		try := func() {
			_, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: byUsername(id), Password: "wrong"}, false)
			refused(t, id, err, signin.ErrRejected)
		}
		try()
		l.take()
		try()
		return l.take()
	}
	if known, unknown := heard("minnie"), heard("nobody"); !slices.Equal(known, unknown) {
		t.Errorf("known %q\nunknown %q", known, unknown)
	}
}
