package signin_test

import (
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
)

// daisy lives on a node with an address and a number that are not proven.
func daisy(t testing.TB) *commandtest.Node {
	t.Helper()
	n := scene(t)
	add(t, n, person{id: "daisy", email: "daisy@duck.com", phone: "+41790000005", unproven: true})
	return n
}

func verification(t testing.TB, n *commandtest.Node, who signin.Identifier) (code, ticket string) {
	t.Helper()
	before := len(sent(t, n, "daisy"))
	ticket, err := n.SignIn.RequestVerification(t.Context(), who)
	if err != nil || ticket == "" {
		t.Fatalf("ticket %q, %v", ticket, err)
	}
	if codes := sent(t, n, "daisy"); len(codes) > before {
		code = codes[len(codes)-1]
	}
	return code, ticket
}

func TestVerifyEmail(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]signin.Identifier{"by email": byEmail("DAISY@duck.com"), "by username": byUsername("daisy")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := daisy(t)
			code, ticket := verification(t, n, who)
			if len(code) != 6 {
				t.Fatalf("code %q", code)
			}
			if err := n.SignIn.VerifyEmail(t.Context(), "Daisy@Duck.com", code, ticket); err != nil {
				t.Fatal(err)
			}
			in, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: byEmail("daisy@duck.com"), Password: goodPassword}, false)
			if err != nil || !in.User.EmailVerified {
				t.Errorf("%+v, %v", in.User, err)
			}
			refused(t, "again", n.SignIn.VerifyEmail(t.Context(), "daisy@duck.com", code, ticket), signin.ErrCode)
		})
	}
}

func TestRefusedVerificationsLookTheSame(t *testing.T) {
	t.Parallel()
	type proof struct{ email, code, ticket string }
	for name, change := range map[string]func(*testing.T, *commandtest.Node, *proof){
		"a wrong code":       func(_ *testing.T, _ *commandtest.Node, p *proof) { p.code = wrong(p.code) },
		"a late code":        func(_ *testing.T, n *commandtest.Node, _ *proof) { n.Clock.Advance(time.Hour) },
		"no ticket":          func(_ *testing.T, _ *commandtest.Node, p *proof) { p.ticket = "" },
		"another address":    func(_ *testing.T, _ *commandtest.Node, p *proof) { p.email = email },
		"an unknown address": func(_ *testing.T, _ *commandtest.Node, p *proof) { p.email = "nobody@duck.com" },
		"a voided code": func(t *testing.T, n *commandtest.Node, p *proof) {
			for next := p.code; next == p.code; {
				next, _ = verification(t, n, byUsername("daisy"))
			}
		},
		"a ticket of nobody": func(t *testing.T, n *commandtest.Node, p *proof) {
			_, p.ticket = verification(t, n, byEmail("nobody@duck.com"))
		},
		"a ticket for a password": func(t *testing.T, n *commandtest.Node, p *proof) {
			ticket, err := n.SignIn.RequestPasswordReset(t.Context(), byUsername("daisy"))
			if err != nil {
				t.Fatal(err)
			}
			p.ticket = ticket
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := daisy(t)
			code, ticket := verification(t, n, byEmail("daisy@duck.com"))
			p := proof{"daisy@duck.com", code, ticket}
			change(t, n, &p)
			refused(t, name, n.SignIn.VerifyEmail(t.Context(), p.email, p.code, p.ticket), signin.ErrCode)
		})
	}
}

// Somebody who registers with the same address after a code was asked for does not get in between.
func TestATicketIsOfTheUserItWasAskedFor(t *testing.T) {
	t.Parallel()
	n := daisy(t)
	code, ticket := verification(t, n, byEmail("daisy@duck.com"))
	add(t, n, person{id: "mallory", email: "daisy@duck.com", phone: "+41790000005", unproven: true})
	if err := n.SignIn.VerifyEmail(t.Context(), "daisy@duck.com", code, ticket); err != nil {
		t.Fatal(err)
	}
	in, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: byEmail("daisy@duck.com"), Password: goodPassword}, false)
	if err != nil || in.User.ID != "daisy" {
		t.Errorf("%+v, %v", in.User, err)
	}
}

func TestWhoGetsAVerificationCode(t *testing.T) {
	t.Parallel()
	n := daisy(t)
	add(t, n, person{id: "newer", email: "daisy@duck.com", unproven: true})
	add(t, n, person{id: "mute"})
	for name, c := range map[string]struct {
		who signin.Identifier
		of  string
		is  bool
	}{
		"the newest with the address":     {byEmail("daisy@duck.com"), "newer", true},
		"an older one with the address":   {byEmail("daisy@duck.com"), "daisy", false},
		"the older one, by username":      {byUsername("daisy"), "daisy", true},
		"who has proven it":               {byEmail(email), "minnie", false},
		"who has proven it, by username":  {byUsername("minnie"), "minnie", false},
		"who has proven it, by phone":     {byPhone(phone), "minnie", false},
		"who has not proven the number":   {byPhone("+41790000005"), "daisy", false},
		"who has no address, by username": {byUsername("mute"), "mute", false},
	} {
		before := n.Version(t, c.of)
		if ticket, err := n.SignIn.RequestVerification(t.Context(), c.who); err != nil || ticket == "" {
			t.Errorf("%s: ticket %q, %v", name, ticket, err)
		}
		if got := n.Version(t, c.of) > before; got != c.is {
			t.Errorf("%s gets a code: %t", name, got)
		}
	}
}

// Somebody who makes an account with the address of another does not have that person confirm it, whatever the account is named by.
func TestNobodyIsAskedToConfirmAnAddressAgain(t *testing.T) {
	t.Parallel()
	n := scene(t)
	add(t, n, person{id: "mallory", email: "Minnie@Mouse.com", phone: "+41790000008", unproven: true})
	n.Given(t, "mallory", &eventv1.UserPhoneVerified{})
	for name, who := range map[string]signin.Identifier{
		"by email": byEmail(email), "by username": byUsername("mallory"), "by phone": byPhone("+41790000008"),
	} {
		before := n.Version(t, "mallory")
		ticket, err := n.SignIn.RequestVerification(t.Context(), who)
		if err != nil || ticket == "" {
			t.Errorf("%s: ticket %q, %v", name, ticket, err)
		}
		if n.Version(t, "mallory") > before || len(sent(t, n, "minnie")) > 0 {
			t.Errorf("%s: a code was sent", name)
		}
		refused(t, name, n.SignIn.VerifyEmail(t.Context(), email, "000000", ticket), signin.ErrCode)
	}
}

func TestVerificationRequestsAreThrottled(t *testing.T) {
	t.Parallel()
	n := daisy(t)
	for name, who := range map[string]signin.Identifier{"known": byEmail("daisy@duck.com"), "unknown": byEmail("nobody@duck.com")} {
		for range throttle.CodeByRecipient().Free {
			if _, err := n.SignIn.RequestVerification(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		_, err := n.SignIn.RequestVerification(t.Context(), who)
		refused(t, name, err, throttle.ErrTooManyAttempts.Later(throttle.CodeByRecipient().Delay))
	}
}

func TestVerifyPhone(t *testing.T) {
	t.Parallel()
	n := scene(t)
	in, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byPhone("+41790000006"), Password: goodPassword}, false)
	if err != nil {
		t.Fatal(err)
	}
	codes := sent(t, n, in.User.ID)
	add(t, n, person{id: "mallory", phone: "+41790000006", unproven: true}) // later, and without a code
	for name, number := range map[string]string{"unknown": "+41790000007", "proven": phone, "malformed": "x", "none": ""} {
		refused(t, name, n.SignIn.VerifyPhone(t.Context(), number, codes[0]), signin.ErrCode)
	}
	refused(t, "a wrong code", n.SignIn.VerifyPhone(t.Context(), "+41790000006", "AAAAAA"), signin.ErrCode)
	if err := n.SignIn.VerifyPhone(t.Context(), "079 000 00 06", codes[0]); err != nil {
		t.Fatal(err)
	}
	who := signin.Credentials{Identifier: byPhone("+41790000006"), Password: goodPassword}
	if again, err := n.SignIn.Login(t.Context(), who, false); err != nil || again.User.ID != in.User.ID {
		t.Errorf("%+v, %v", again.User, err)
	}
}

// Codes are guessed at from one address as seldom as passwords.
func TestGuessesAtCodesAreThrottled(t *testing.T) {
	t.Parallel()
	n := daisy(t)
	_, ticket := verification(t, n, byEmail("daisy@duck.com"))
	for name, try := range map[string]func() error{
		"email": func() error { return n.SignIn.VerifyEmail(t.Context(), "daisy@duck.com", "x", ticket) },
		"phone": func() error { return n.SignIn.VerifyPhone(t.Context(), "+41790000005", "x") },
		"password": func() error {
			return n.SignIn.ResetPassword(t.Context(), signin.ResetPassword{Identifier: byUsername("nobody"), NewPassword: nextPassword})
		},
	} {
		for range throttle.SignInByIdentifier().Free {
			refused(t, name, try(), signin.ErrCode)
		}
		refused(t, name, try(), throttle.ErrTooManyAttempts.Later(throttle.SignInByIdentifier().Delay))
	}
}
