package user_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// robot returns a node on which the machine minnie has a secret, and the secret.
func robot(t testing.TB, then ...proto.Message) (*commandtest.Node, string) {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", program())
	out, err := n.Users.SetSecret(t.Context(), admin(), "minnie")
	if err != nil {
		t.Fatal(err)
	}
	if len(then) > 0 {
		n.Given(t, "minnie", then...)
	}
	return n, out.Secret
}

func checkSecret(t testing.TB, n *commandtest.Node, as *permission.Caller, secret string) (user.Checked, error) {
	t.Helper()
	return n.Users.CheckSecret(t.Context(), as, user.CheckSecret{UserID: "minnie", Secret: secret})
}

func TestCheckSecret(t *testing.T) {
	t.Parallel()
	same := func(secret string) string { return secret }
	for name, c := range map[string]struct {
		then   []proto.Message
		by     *permission.Caller
		secret func(right string) string
		want   error
	}{
		"right":                         {nil, admin(), same, nil},
		"right, whoever has it":         {nil, stranger(), same, nil},
		"wrong":                         {nil, admin(), func(s string) string { return s[1:] + "A" }, user.ErrWrongSecret},
		"in another case":               {nil, admin(), strings.ToLower, user.ErrWrongSecret},
		"with spaces":                   {nil, admin(), func(s string) string { return s + " " }, user.ErrWrongSecret},
		"empty":                         {nil, stranger(), func(string) string { return "" }, user.ErrWrongSecret},
		"of a locked one":               {[]proto.Message{&eventv1.UserLocked{}}, admin(), same, user.ErrCannotSignIn},
		"of a locked one, stranger":     {[]proto.Message{&eventv1.UserLocked{}}, stranger(), same, user.ErrWrongSecret},
		"of an inactive one":            {[]proto.Message{&eventv1.UserDeactivated{}}, admin(), same, user.ErrCannotSignIn},
		"of one without":                {[]proto.Message{&eventv1.UserMachineSecretRemoved{}}, admin(), same, user.ErrSecretNotFound},
		"of one without, stranger":      {[]proto.Message{&eventv1.UserMachineSecretRemoved{}}, stranger(), same, user.ErrWrongSecret},
		"of one without, and empty":     {[]proto.Message{&eventv1.UserMachineSecretRemoved{}}, stranger(), func(string) string { return "" }, user.ErrWrongSecret},
		"after another was set":         {[]proto.Message{&eventv1.UserMachineSecretSet{Hash: "another"}}, admin(), same, user.ErrWrongSecret},
		"of a removed one":              {[]proto.Message{&eventv1.UserRemoved{}}, admin(), same, user.ErrNoSecretHolder},
		"of a person":                   {[]proto.Message{&eventv1.UserRemoved{}, person()}, admin(), same, user.ErrNoSecretHolder},
		"of a person, stranger":         {[]proto.Message{&eventv1.UserRemoved{}, person()}, stranger(), same, user.ErrWrongSecret},
		"of one that was removed since": {[]proto.Message{&eventv1.UserRemoved{}, program()}, admin(), same, user.ErrSecretNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, secret := robot(t, c.then...)
			before := n.Version(t, "minnie")
			checked, err := checkSecret(t, n, c.by, c.secret(secret))
			if !errors.Is(err, c.want) || c.want == nil && checked != (user.Checked{Version: before, Organization: "default"}) {
				t.Errorf("%+v, %v, want %v", checked, err, c.want)
			}
			if after := n.Version(t, "minnie"); after != before {
				t.Errorf("%d events", after-before)
			}
		})
	}
}

func TestAHundredWrongSecrets(t *testing.T) {
	t.Parallel()
	n, secret := robot(t)
	counts := together(t, n, 100, func(ctx context.Context, s *user.Service, _ int) error {
		_, err := s.CheckSecret(ctx, admin(), user.CheckSecret{UserID: "minnie", Secret: "wrong"})
		return err
	})
	if counts["wrong"] != 10 || counts["throttled"] != 90 {
		t.Errorf("answers: %v", counts)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.machine.secret.throttled"}) {
		t.Errorf("recorded %q", got)
	}
	if _, err := checkSecret(t, n, admin(), secret); !errors.Is(err, user.ErrSecretThrottled) {
		t.Errorf("the right one: %v", err)
	}
	if _, err := checkSecret(t, n, stranger(), secret); !errors.Is(err, user.ErrWrongSecret) {
		t.Errorf("the right one, by a stranger: %v", err)
	}
	n.Clock.Advance(10 * time.Minute)
	for range 30 { // right ones give their guesses back
		if _, err := checkSecret(t, n, stranger(), secret); err != nil {
			t.Fatalf("after the time is over: %v", err)
		}
	}
}
