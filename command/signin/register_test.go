package signin_test

import (
	"context"
	"slices"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who      signin.Identifier
		want     signin.Profile // but for what is made up
		given    string
		recorded []string
	}{
		"by email": {
			byEmail(" Daisy@Duck.com"), signin.Profile{Email: "Daisy@Duck.com"}, "Daisy",
			[]string{"user.human.added", "user.email.code.added", "user.password.changed"},
		},
		"by phone": {
			byPhone("079 000 00 02"), signin.Profile{Phone: "+41790000002"}, "+41790000002",
			[]string{"user.human.added", "user.phone.code.added", "user.password.changed"},
		},
		"by username": {
			byUsername("Daisy"), signin.Profile{Username: "Daisy"}, "Daisy",
			[]string{"user.human.added", "user.password.changed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			in, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: c.who, Password: goodPassword}, true)
			if err != nil {
				t.Fatal(err)
			}
			c.want.ID, c.want.AddedAt = in.User.ID, n.Clock.Now()
			if c.want.Username == "" {
				c.want.Username = in.User.ID
			}
			if in.User != c.want {
				t.Errorf("registered %+v, want %+v", in.User, c.want)
			}
			for _, token := range []string{in.AccessToken, in.SessionToken} {
				if as := caller(t, n, token); as.UserID != in.User.ID || as.Session != in.SessionID {
					t.Errorf("the token is of %+v", as)
				}
			}
			events := n.Recorded(t, in.User.ID, 0)
			if got := commandtest.Types(events); !slices.Equal(got, c.recorded) {
				t.Errorf("recorded %q", got)
			}
			added := events[0].(*eventv1.UserHumanAdded)
			if p := added.GetProfile(); p.GetDisplayName() != c.given || p.GetGivenName() != c.given || added.GetOrganizationId() != "default" {
				t.Errorf("added %v", added)
			}
			again := signin.Credentials{Identifier: byUsername(in.User.Username), Password: goodPassword}
			if _, err := n.SignIn.Login(t.Context(), again, false); err != nil {
				t.Errorf("sign in by the username: %v", err)
			}
			if c.who.Username == "" {
				_, err = n.SignIn.Login(t.Context(), signin.Credentials{Identifier: c.who, Password: goodPassword}, false)
				refused(t, "sign in by what is not proven", err, signin.ErrRejected)
			}
		})
	}
}

// Who registers with an address learns nothing about others who have it.
func TestRegisteringDoesNotTellWhoElseIsThere(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for range 2 {
		in, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byEmail(email), Password: nextPassword}, false)
		if err != nil || in.User.ID == "minnie" || in.User.EmailVerified {
			t.Errorf("%+v, %v", in.User, err)
		}
	}
}

func TestRefusedRegistrations(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, c := range map[string]struct {
		service  *signin.Service
		who      signin.Identifier
		password string
		want     *failure.Error
	}{
		"a weak password":                 {n.SignIn, byEmail("a@b.c"), "weak", password.ErrTooShort},
		"a weak password, for a known":    {n.SignIn, byUsername("minnie"), "weak", password.ErrTooShort},
		"no password":                     {n.SignIn, byEmail("a@b.c"), "", user.ErrPasswordEmpty},
		"a malformed address":             {n.SignIn, byEmail("a@b@c"), goodPassword, user.ErrEmailInvalid},
		"a malformed number":              {n.SignIn, byPhone("x"), goodPassword, user.ErrPhoneInvalid},
		"nothing":                         {n.SignIn, signin.Identifier{}, goodPassword, user.ErrInvalidUsername},
		"a malformed username":            {n.SignIn, byUsername("a\x00b"), goodPassword, user.ErrInvalidUsername},
		"an address for a username":       {n.SignIn, byUsername("daisy@duck.com"), goodPassword, signin.ErrUsername},
		"a username that is taken":        {n.SignIn, byUsername(" MINNIE"), goodPassword, user.ErrUsernameTaken},
		"a weak password for a malformed": {n.SignIn, byEmail("x"), "weak", password.ErrTooShort},
	} {
		_, err := c.service.Register(t.Context(), signin.Credentials{Identifier: c.who, Password: c.password}, false)
		refused(t, name, err, c.want)
	}
}

func TestRegistrationsAreThrottled(t *testing.T) {
	t.Parallel()
	n := scene(t)
	register := func(from, address string) error {
		ctx := command.WithOrigin(context.Background(), command.Origin{Address: from})
		_, err := n.SignIn.Register(ctx, signin.Credentials{Identifier: byEmail(address), Password: goodPassword}, false)
		return err
	}
	for range throttle.CodeByRecipient().Free {
		if err := register("192.0.2.1", "a@b.c"); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, "mail to one address", register("192.0.2.2", "A@b.c"), throttle.ErrTooManyAttempts.Later(throttle.CodeByRecipient().Delay))
	for range throttle.RegisterByAddress().Free - throttle.CodeByRecipient().Free {
		if err := n.Limiter.Take(t.Context(), n.Tenant, throttle.Attempt{Limit: throttle.RegisterByAddress(), Key: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, "from one address", register("192.0.2.1", "d@e.f"), throttle.ErrTooManyAttempts.Later(throttle.RegisterByAddress().Delay))
	if err := register("192.0.2.2", "d@e.f"); err != nil {
		t.Errorf("from another: %v", err)
	}
}
