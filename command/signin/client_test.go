package signin_test

import (
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// robot adds a program with a secret, and a token.
func robot(t testing.TB, n *commandtest.Node) (secret string, token user.Issued) {
	t.Helper()
	name := "R2"
	added, err := n.Users.AddMachine(t.Context(), system(), user.AddMachine{
		UserID: "robot", Username: &name, Organization: "default", Name: "Robot", Token: &user.NewToken{},
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := n.Users.SetSecret(t.Context(), system(), "robot")
	if err != nil {
		t.Fatal(err)
	}
	return set.Secret, added.Token
}

func TestLoginClient(t *testing.T) {
	t.Parallel()
	n := scene(t)
	secret, _ := robot(t, n)
	for _, id := range []string{"robot", "R2", "r2"} {
		in, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: id, Secret: secret})
		if err != nil || in.User.ID != "robot" || in.User.Username != "R2" {
			t.Fatalf("%s: %+v, %v", id, in.User, err)
		}
		if as := caller(t, n, in.AccessToken); as.UserID != "robot" || as.Session != in.SessionID {
			t.Errorf("%s: the access token is of %+v", id, as)
		}
		if _, err := n.SignIn.Refresh(t.Context(), in.RefreshToken); err != nil {
			t.Errorf("%s: refresh: %v", id, err)
		}
	}
}

func TestRefusedClientsLookTheSame(t *testing.T) {
	t.Parallel()
	n := scene(t)
	secret, token := robot(t, n)
	for name, c := range map[string]signin.Client{
		"a wrong secret":        {ID: "robot", Secret: "wrong"},
		"no secret":             {ID: "robot"},
		"a token":               {ID: "robot", Secret: token.Token},
		"unknown":               {ID: "nobody", Secret: secret},
		"nobody":                {Secret: secret},
		"a binary id":           {ID: "a\x00b", Secret: secret},
		"a platform's own id":   {ID: "#signing", Secret: secret},
		"a long id":             {ID: string(make([]byte, 300)), Secret: secret},
		"a person":              {ID: "minnie", Secret: goodPassword},
		"a person, by username": {ID: "MINNIE", Secret: secret},
	} {
		_, err := n.SignIn.LoginClient(t.Context(), c)
		refused(t, name, err, signin.ErrRejected)
	}
	if _, err := n.Users.Deactivate(t.Context(), system(), "robot"); err != nil {
		t.Fatal(err)
	}
	_, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: "robot", Secret: secret})
	refused(t, "deactivated", err, signin.ErrRejected)
}

// Who registers chooses a username. It cannot stand between a program and its secret.
func TestAUsernameDoesNotHideAnID(t *testing.T) {
	t.Parallel()
	n := scene(t)
	secret, _ := robot(t, n)
	if _, err := n.SignIn.Register(t.Context(), signin.Credentials{Identifier: byUsername("robot"), Password: goodPassword}, false); err != nil {
		t.Fatal(err)
	}
	if in, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: "robot", Secret: secret}); err != nil || in.User.ID != "robot" {
		t.Errorf("%+v, %v", in.User, err)
	}
}

func TestClientsAreThrottled(t *testing.T) {
	t.Parallel()
	n := scene(t)
	secret, _ := robot(t, n)
	for name, id := range map[string]string{"known": "robot", "unknown": "nobody"} {
		for range throttle.SignInByIdentifier().Free {
			_, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: id, Secret: "wrong"})
			refused(t, name, err, signin.ErrRejected)
		}
		_, err := n.SignIn.LoginClient(t.Context(), signin.Client{ID: id, Secret: secret})
		refused(t, name, err, throttle.ErrTooManyAttempts.Later(throttle.SignInByIdentifier().Delay))
	}
}
