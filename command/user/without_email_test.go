package user_test

import (
	"errors"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/user"
)

// Who registers with a username or a number has no address, and nothing is sent to none.
func TestAPersonWithoutAnEmail(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	req := human()
	req.Email = user.EmailChange{}
	if _, err := n.Users.AddHuman(t.Context(), admin(), req); !errors.Is(err, user.ErrEmailEmpty) {
		t.Errorf("without saying so: %v", err)
	}
	req.WithoutEmail = true
	unnamed := req
	unnamed.Username = nil
	if _, err := n.Users.AddHuman(t.Context(), admin(), unnamed); !errors.Is(err, user.ErrInvalidUsername) {
		t.Errorf("without a username: %v", err)
	}
	if _, err := n.Users.AddHuman(t.Context(), admin(), req); err != nil {
		t.Fatal(err)
	}
	before := n.Version(t, "minnie")
	for name, ask := range map[string]func() error{
		"a code": func() error {
			_, err := n.Users.SendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie"})
			return err
		},
		"a returned code": func() error {
			_, err := n.Users.SendEmailCode(t.Context(), admin(), user.RequestCode{UserID: "minnie", Verification: user.Return{}})
			return err
		},
		"a reset": func() error {
			_, err := n.Users.RequestPasswordReset(t.Context(), admin(), user.RequestPasswordReset{UserID: "minnie"})
			return err
		},
		"an invitation": func() error {
			_, err := n.Users.Invite(t.Context(), admin(), user.InviteUser{UserID: "minnie"})
			return err
		},
	} {
		if err := ask(); !errors.Is(err, user.ErrNoEmail) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := n.Version(t, "minnie"); after != before {
		t.Errorf("%d events were recorded", after-before)
	}
	reset := user.RequestPasswordReset{UserID: "minnie", Verification: user.Return{}}
	if out, err := n.Users.RequestPasswordReset(t.Context(), admin(), reset); err != nil || out.Code == "" {
		t.Errorf("a returned reset: %v", err)
	}
	if _, err := n.Users.SetEmail(t.Context(), admin(), user.SetEmail{UserID: "minnie", Email: "minnie@mouse.com"}); err != nil {
		t.Errorf("an address at last: %v", err)
	}
}
