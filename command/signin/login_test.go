package signin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]signin.Identifier{
		"by username":                  byUsername("minnie"),
		"by username, in another case": byUsername(" MINNIE "),
		"by email":                     byEmail(email),
		"by email, in another case":    byEmail("Minnie@Mouse.COM "),
		"by phone":                     byPhone(phone),
		"by phone, nationally":         byPhone("079 111 22 33"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			in, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: who, Password: goodPassword}, false)
			if err != nil {
				t.Fatal(err)
			}
			want := signin.Profile{ID: "minnie", Username: "minnie", Email: email, Phone: phone, EmailVerified: true, AddedAt: n.Clock.Now()}
			if in.User != want || in.SessionToken != "" || in.SessionID == "" {
				t.Errorf("signed in as %+v", in)
			}
			as := caller(t, n, in.AccessToken)
			if as.UserID != "minnie" || as.Session != in.SessionID || as.TokenID != "" || as.Organization != "default" {
				t.Errorf("the access token is of %+v", as)
			}
			if _, err := n.SignIn.Refresh(t.Context(), in.RefreshToken); err != nil {
				t.Errorf("refresh: %v", err)
			}
		})
	}
}

func TestLoginWithASessionToken(t *testing.T) {
	t.Parallel()
	n := scene(t)
	in := login(t, n)
	if as := caller(t, n, in.SessionToken); as.UserID != "minnie" || as.Session != in.SessionID {
		t.Errorf("the session token is of %+v", as)
	}
}

// Whatever the reason: to a stranger all refusals are one.
func TestRefusedSignInsLookTheSame(t *testing.T) {
	t.Parallel()
	lock := func(do func(*user.Service, context.Context, *permission.Caller, string) (command.Receipt, error)) func(testing.TB, *commandtest.Node) {
		return func(t testing.TB, n *commandtest.Node) {
			if _, err := do(n.Users, t.Context(), system(), "minnie"); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		who      signin.Identifier
		password string
		given    func(testing.TB, *commandtest.Node)
	}{
		"a wrong password":           {who: byUsername("minnie"), password: "wrong"},
		"a wrong password, by email": {who: byEmail(email), password: "wrong"},
		"a long one":                 {who: byUsername("minnie"), password: string(make([]byte, 2000))},
		"no password":                {who: byUsername("minnie")},
		"an unknown username":        {who: byUsername("nobody"), password: goodPassword},
		"no username":                {password: goodPassword},
		"a binary username":          {who: byUsername("min\x00nie"), password: goodPassword},
		"an unknown address":         {who: byEmail("nobody@mouse.com"), password: goodPassword},
		"no address":                 {who: byEmail("minnie"), password: goodPassword},
		"an unknown number":          {who: byPhone("+41790000000"), password: goodPassword},
		"no number":                  {who: byPhone("minnie"), password: goodPassword},
		"an id":                      {who: byEmail("minnie"), password: goodPassword},
		"an address as a username":   {who: byUsername(email), password: goodPassword},
		"a locked user":              {who: byUsername("minnie"), password: goodPassword, given: lock((*user.Service).Lock)},
		"a deactivated user":         {who: byUsername("minnie"), password: goodPassword, given: lock((*user.Service).Deactivate)},
		"a removed user":             {who: byUsername("minnie"), password: goodPassword, given: lock((*user.Service).Delete)},
		"an unproven address": {who: byEmail("daisy@duck.com"), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) {
			add(t, n, person{id: "daisy", email: "daisy@duck.com", unproven: true})
		}},
		"an unproven number": {who: byPhone("+41790000001"), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) {
			add(t, n, person{id: "daisy", phone: "+41790000001", unproven: true})
		}},
		"an address of two": {who: byEmail(email), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) {
			add(t, n, person{id: "daisy", email: "MINNIE@mouse.com"})
		}},
		"a program": {who: byUsername("robot"), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) { robot(t, n) }},
		"a user without a password": {who: byUsername("minnie"), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) {
			n.Given(t, "minnie", &eventv1.UserPasswordChanged{})
		}},
		"a user whose guesses are spent": {who: byUsername("minnie"), password: goodPassword, given: func(t testing.TB, n *commandtest.Node) {
			for range 10 {
				_, _ = n.Users.CheckPassword(t.Context(), system(), user.CheckPassword{UserID: "minnie", Password: "wrong"})
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			if c.given != nil {
				c.given(t, n)
			}
			in, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: c.who, Password: c.password}, true)
			refused(t, name, err, signin.ErrRejected)
			if in != (signin.SignedIn{}) {
				t.Errorf("and yet %+v", in)
			}
		})
	}
}

// An address that somebody else has and never proved keeps nobody out.
func TestAnUnprovenAddressDoesNotDisturb(t *testing.T) {
	t.Parallel()
	n := scene(t)
	add(t, n, person{id: "mallory", email: email, phone: phone, unproven: true})
	for name, who := range map[string]signin.Identifier{"email": byEmail(email), "phone": byPhone(phone)} {
		if in, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: who, Password: goodPassword}, false); err != nil || in.User.ID != "minnie" {
			t.Errorf("%s: %+v, %v", name, in.User, err)
		}
	}
}

// Ten attempts are free for a name, whether or not there is such a user; then all wait alike, the right password too.
func TestSignInsAreThrottledByName(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, who := range map[string]signin.Identifier{"known": byUsername("minnie"), "unknown": byUsername("nobody")} {
		for range throttle.SignInByIdentifier().Free {
			_, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: who, Password: "wrong"}, false)
			refused(t, name, err, signin.ErrRejected)
		}
		n.Clock.Advance(time.Second / 2)
		_, err := n.SignIn.Login(t.Context(), signin.Credentials{Identifier: who, Password: goodPassword}, false)
		refused(t, name, err, throttle.ErrTooManyAttempts.Later(time.Second/2))
	}
}

func TestASignInForgivesTheName(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for range 2 {
		for range throttle.SignInByIdentifier().Free - 1 {
			_, err := n.SignIn.Login(t.Context(), minnieWith("wrong"), false)
			refused(t, "wrong", err, signin.ErrRejected)
		}
		login(t, n)
	}
}

// Whoever tries many names from one address waits as well, and only it.
func TestSignInsAreThrottledByAddress(t *testing.T) {
	t.Parallel()
	n := scene(t)
	from := func(address string) context.Context {
		return command.WithOrigin(t.Context(), command.Origin{Address: address})
	}
	for range throttle.SignInByAddress().Free {
		if err := n.Limiter.Take(t.Context(), n.Tenant, throttle.Attempt{Limit: throttle.SignInByAddress(), Key: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := n.SignIn.Login(from("192.0.2.1"), minnieWith(goodPassword), false)
	refused(t, "there", err, throttle.ErrTooManyAttempts.Later(time.Second))
	_, err = n.SignIn.LoginClient(from("192.0.2.1"), signin.Client{ID: "robot", Secret: "x"})
	refused(t, "a program there", err, throttle.ErrTooManyAttempts.Later(time.Second))
	if _, err := n.SignIn.Login(from("192.0.2.2"), minnieWith(goodPassword), false); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
	shared := command.WithOrigin(t.Context(), command.Origin{Address: "192.0.2.1", Trusted: true})
	if _, err := n.SignIn.Login(shared, minnieWith(goodPassword), false); err != nil {
		t.Errorf("at an address that many share: %v", err)
	}
}

func TestADatabaseOutOfReachIsNoRefusalOfThePassword(t *testing.T) {
	t.Parallel()
	n := scene(t)
	n.Store.Close()
	_, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), false)
	if refusal, ok := errors.AsType[*failure.Error](err); !ok || refusal.Kind != failure.Unavailable {
		t.Errorf("%v", err)
	}
}
