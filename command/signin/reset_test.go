package signin_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
)

// reset asks for a code and returns it with the ticket; there is none for who gets no code.
func reset(t testing.TB, n *commandtest.Node, who signin.Identifier) (code, ticket string) {
	t.Helper()
	before := len(sent(t, n, "minnie"))
	ticket, err := n.SignIn.RequestPasswordReset(t.Context(), who)
	if err != nil || ticket == "" {
		t.Fatalf("ticket %q, %v", ticket, err)
	}
	if codes := sent(t, n, "minnie"); len(codes) > before {
		code = codes[len(codes)-1]
	}
	return code, ticket
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked, shown signin.Identifier
		medium       eventv1.CodeMedium
	}{
		"by username": {byUsername("minnie"), byUsername("Minnie"), eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		"by email":    {byEmail(email), byEmail("MINNIE@mouse.com"), eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		"by phone":    {byPhone(phone), byPhone("0791112233"), eventv1.CodeMedium_CODE_MEDIUM_SMS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			before := login(t, n)
			code, ticket := reset(t, n, c.asked)
			if len(code) != 6 || slices.ContainsFunc([]byte(code), func(c byte) bool { return c < '0' || c > '9' }) {
				t.Fatalf("code %q", code)
			}
			if got := medium(t, n, "minnie"); got != c.medium {
				t.Errorf("sent by %v", got)
			}
			proof := signin.ResetPassword{Identifier: c.shown, Code: code, Ticket: ticket, NewPassword: nextPassword}
			if err := n.SignIn.ResetPassword(t.Context(), proof); err != nil {
				t.Fatal(err)
			}
			if _, err := n.SignIn.Login(t.Context(), minnieWith(nextPassword), false); err != nil {
				t.Errorf("the new password: %v", err)
			}
			_, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), false)
			refused(t, "the old password", err, signin.ErrRejected)
			_, err = n.Access.Authenticate(t.Context(), before.AccessToken)
			refused(t, "an earlier session", err, access.ErrUnauthenticated)
			refused(t, "a second time", n.SignIn.ResetPassword(t.Context(), proof), signin.ErrCode)
		})
	}
}

func TestRefusedResetsLookTheSame(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *commandtest.Node, *signin.ResetPassword){
		"a wrong code": func(_ *testing.T, _ *commandtest.Node, r *signin.ResetPassword) { r.Code = wrong(r.Code) },
		"no code":      func(_ *testing.T, _ *commandtest.Node, r *signin.ResetPassword) { r.Code = "" },
		"no ticket":    func(_ *testing.T, _ *commandtest.Node, r *signin.ResetPassword) { r.Ticket = "" },
		"a late code":  func(_ *testing.T, n *commandtest.Node, _ *signin.ResetPassword) { n.Clock.Advance(time.Hour) },
		"a voided code": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			for next := r.Code; next == r.Code; { // one in a million is the same
				next, _ = reset(t, n, byUsername("minnie"))
			}
		},
		"another name": func(_ *testing.T, _ *commandtest.Node, r *signin.ResetPassword) { r.Identifier = byEmail(email) },
		"an unknown":   func(_ *testing.T, _ *commandtest.Node, r *signin.ResetPassword) { r.Identifier = byUsername("nobody") },
		"a ticket of another": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			add(t, n, person{id: "daisy", email: "daisy@duck.com"})
			_, r.Ticket = reset(t, n, byUsername("daisy"))
		},
		"a ticket of nobody": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			_, r.Ticket = reset(t, n, byUsername("nobody"))
		},
		"all of nobody": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			_, r.Ticket = reset(t, n, byUsername("nobody"))
			r.Identifier = byUsername("nobody")
		},
		"a ticket for another purpose": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			ticket, err := n.SignIn.RequestVerification(t.Context(), byUsername("minnie"))
			if err != nil {
				t.Fatal(err)
			}
			r.Ticket = ticket
		},
		"a short ticket": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			ticket, err := n.Tokens.IssueTicket(t.Context(), accesstoken.Ticket{Purpose: "password-reset", Value: "AAAA", Life: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			r.Ticket = ticket
		},
		"an access token": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) { r.Ticket = login(t, n).AccessToken },
		"spent guesses": func(t *testing.T, n *commandtest.Node, r *signin.ResetPassword) {
			for range 5 {
				guess := *r
				guess.Code = wrong(r.Code)
				refused(t, "a guess", n.SignIn.ResetPassword(t.Context(), guess), signin.ErrCode)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			code, ticket := reset(t, n, byUsername("minnie"))
			r := signin.ResetPassword{Identifier: byUsername("minnie"), Code: code, Ticket: ticket, NewPassword: nextPassword}
			change(t, n, &r)
			refused(t, name, n.SignIn.ResetPassword(t.Context(), r), signin.ErrCode)
			login(t, n) // with the old one
		})
	}
}

// A password that nobody may choose costs no code, and is told to who has the code and to nobody else.
func TestAWeakPasswordCostsNoCode(t *testing.T) {
	t.Parallel()
	n := scene(t)
	code, ticket := reset(t, n, byUsername("minnie"))
	r := signin.ResetPassword{Identifier: byUsername("minnie"), Code: code, Ticket: ticket, NewPassword: "weak"}
	for range 8 { // more than there are guesses
		refused(t, "weak", n.SignIn.ResetPassword(t.Context(), r), password.ErrTooShort)
	}
	r.Code = "x"
	refused(t, "weak, by a wrong code", n.SignIn.ResetPassword(t.Context(), r), signin.ErrCode)
	r.Identifier, r.Ticket = byUsername("nobody"), "x"
	refused(t, "weak, of nobody", n.SignIn.ResetPassword(t.Context(), r), signin.ErrCode)
	r.Code = code
	r.Identifier, r.Ticket, r.NewPassword = byUsername("minnie"), ticket, nextPassword
	if err := n.SignIn.ResetPassword(t.Context(), r); err != nil {
		t.Errorf("then a good one: %v", err)
	}
}

// Of fifty who bring one code, one sets the password.
func TestACodeSetsOnePassword(t *testing.T) {
	t.Parallel()
	n := scene(t)
	code, ticket := reset(t, n, byUsername("minnie"))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			r := signin.ResetPassword{Identifier: byUsername("minnie"), Code: code, Ticket: ticket, NewPassword: nextPassword}
			if n.SignIn.ResetPassword(t.Context(), r) == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d did", won.Load())
	}
}

// Everybody gets a ticket, and those who cannot prove an address get nothing else.
func TestWhoGetsAResetCode(t *testing.T) {
	t.Parallel()
	n := scene(t)
	add(t, n, person{id: "unproven", email: "u@duck.com", phone: "+41790000003", unproven: true})
	add(t, n, person{id: "mute"})
	add(t, n, person{id: "caller", phone: "+41790000004"})
	add(t, n, person{id: "locked", email: "l@duck.com"})
	if _, err := n.Users.Lock(t.Context(), system(), "locked"); err != nil {
		t.Fatal(err)
	}
	robot(t, n)
	for id, c := range map[string]struct {
		who  signin.Identifier
		want bool
	}{
		"minnie":   {byUsername("minnie"), true},
		"caller":   {byUsername("caller"), true},
		"unproven": {byUsername("unproven"), false},
		"mute":     {byUsername("mute"), false},
		"locked":   {byEmail("l@duck.com"), false},
		"robot":    {byUsername("R2"), false},
	} {
		before := n.Version(t, id)
		ticket, err := n.SignIn.RequestPasswordReset(t.Context(), c.who)
		if err != nil || ticket == "" {
			t.Errorf("%s: ticket %q, %v", id, ticket, err)
		}
		if got := n.Version(t, id) > before; got != c.want {
			t.Errorf("%s gets a code: %t", id, got)
		}
	}
}

// A ticket is of one form whether or not there is a user, and no two are the same.
func TestTicketsTellNothing(t *testing.T) {
	t.Parallel()
	n := scene(t)
	var values []string
	for _, who := range []signin.Identifier{byUsername("minnie"), byUsername("minnie"), byUsername("nobody"), byUsername("nobody"), byEmail("")} {
		ticket, err := n.SignIn.RequestPasswordReset(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		value, err := n.Tokens.VerifyTicket(t.Context(), "password-reset", ticket)
		if err != nil || len(value) != 64 || slices.Contains(values, value) {
			t.Errorf("value %q, %v", value, err)
		}
		values = append(values, value)
	}
}

func TestResetRequestsAreThrottled(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, who := range map[string]signin.Identifier{"known": byEmail(email), "unknown": byEmail("nobody@mouse.com")} {
		for range throttle.CodeByRecipient().Free {
			if _, err := n.SignIn.RequestPasswordReset(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		_, err := n.SignIn.RequestPasswordReset(t.Context(), who)
		refused(t, name, err, throttle.ErrTooManyAttempts.Later(throttle.CodeByRecipient().Delay))
	}
}
