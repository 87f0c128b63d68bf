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

func TestInviteCommands(t *testing.T) {
	t.Parallel()
	invite := func(v user.Verification, application string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.Invite(ctx, as, user.InviteUser{UserID: "minnie", Verification: v, ApplicationName: application})
			return returned(out.Code, v, err)
		}
	}
	resend := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		_, err := n.Users.ResendInvite(ctx, as, "minnie")
		return err
	}
	code := func(medium eventv1.CodeMedium) proto.Message {
		return &eventv1.UserInviteCodeAdded{Code: &eventv1.Code{Medium: medium}}
	}
	sent, handed := code(eventv1.CodeMedium_CODE_MEDIUM_EMAIL), code(eventv1.CodeMedium_CODE_MEDIUM_RETURNED)
	history := func(events ...proto.Message) []proto.Message { return append([]proto.Message{person()}, events...) }
	passkey := func(purpose eventv1.WebAuthnPurpose) []proto.Message {
		return history(&eventv1.UserWebAuthnAdded{WebauthnId: "w", Purpose: purpose}, &eventv1.UserWebAuthnVerified{WebauthnId: "w"})
	}
	link := &eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "x"}
	added := []string{"user.invite.code.added"}

	run(t, []scenario{
		{"invite", history(), admin(), invite(nil, ""), added, nil},
		{"invite oneself", history(), minnie(), invite(nil, ""), added, nil},
		{"invite and return", history(), admin(), invite(user.Return{}, ""), added, nil},
		{"invite oneself and return", history(), minnie(), invite(user.Return{}, ""), nil, permission.ErrDenied},
		{"invite with a link and a name", history(), admin(), invite(user.Send{URLTemplate: "https://x.y/{{.Code}}"}, "Harbour Works"), added, nil},
		{"invite with the template of another message", history(), admin(), invite(user.Send{URLTemplate: "https://x.y/{{.CodeID}}"}, ""), nil, user.ErrInvalidTemplate},
		{"invite with a line break", history(), admin(), invite(nil, "a\nb"), nil, user.ErrInvalidApplication},
		{"invite with a long name", history(), admin(), invite(nil, strings.Repeat("ä", 201)), nil, user.ErrInvalidApplication},
		{"invite verified", history(), admin(), invite(user.Verified{}, ""), nil, user.ErrVerification},
		{"invite again", history(sent), admin(), invite(nil, ""), added, nil},
		{"invite after a code was handed out", history(handed), admin(), invite(nil, ""), added, nil},
		{"invite somebody who accepted and did no more", history(sent, &eventv1.UserInviteAccepted{}), admin(), invite(nil, ""), added, nil},
		{"invite somebody with a verified address", history(&eventv1.UserEmailVerified{}), admin(), invite(nil, ""), added, nil},
		{"invite somebody with a password", history(&eventv1.UserPasswordChanged{Hash: "x"}), admin(), invite(nil, ""), nil, user.ErrAlreadyInitialised},
		{"invite somebody with an account elsewhere", history(link), admin(), invite(nil, ""), nil, user.ErrAlreadyInitialised},
		{"invite somebody with a passkey", passkey(eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY), admin(), invite(nil, ""), nil, user.ErrAlreadyInitialised},
		{"invite somebody with half a passkey", passkey(eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY)[:2], admin(), invite(nil, ""), added, nil},
		{"invite somebody with a security key", passkey(eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_SECOND_FACTOR), admin(), invite(nil, ""), added, nil},
		{"invite a machine", []proto.Message{program()}, admin(), invite(nil, ""), nil, user.ErrNoUser},
		{"invite nobody", nil, admin(), invite(nil, ""), nil, user.ErrNoUser},

		{"resend", history(sent), admin(), resend, added, nil},
		{"resend to oneself", history(sent), minnie(), resend, added, nil},
		{"resend after too many guesses", history(sent, &eventv1.UserInviteCodeBlocked{}), admin(), resend, added, nil},
		{"resend to another address", history(sent, &eventv1.UserEmailChanged{Email: "new@mouse.com"}), admin(), resend, added, nil},
		{"resend where none was made", history(), admin(), resend, nil, user.ErrNoInvite},
		{"resend where one was handed out", history(sent, handed), admin(), resend, nil, user.ErrNoInvite},
		{"resend an accepted one", history(sent, &eventv1.UserInviteAccepted{}), admin(), resend, nil, user.ErrNoInvite},
		{"resend to somebody with a password", history(sent, &eventv1.UserPasswordChanged{Hash: "x"}), admin(), resend, nil, user.ErrAlreadyInitialised},
		{"resend to nobody", nil, admin(), resend, nil, user.ErrNoUser},
	})
}

func TestAnInvitationIsLikeTheOneBefore(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	const first, second = "https://x.y/{{.Code}}", "https://y.z/{{.Code}}"
	for i, step := range []struct {
		request               *user.InviteUser // nil: resend
		template, application string
		medium                eventv1.CodeMedium
	}{
		{&user.InviteUser{Verification: user.Send{URLTemplate: first}, ApplicationName: "One"}, first, "One", eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		{&user.InviteUser{}, first, "One", eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		{nil, first, "One", eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		{&user.InviteUser{Verification: user.Return{}}, first, "One", eventv1.CodeMedium_CODE_MEDIUM_RETURNED},
		{&user.InviteUser{ApplicationName: "Two"}, first, "Two", eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
		{&user.InviteUser{Verification: user.Send{URLTemplate: second}}, second, "Two", eventv1.CodeMedium_CODE_MEDIUM_EMAIL},
	} {
		var err error
		if step.request == nil {
			_, err = n.Users.ResendInvite(t.Context(), admin(), "minnie")
		} else {
			step.request.UserID = "minnie"
			_, err = n.Users.Invite(t.Context(), admin(), *step.request)
		}
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		got := n.Recorded(t, "minnie", uint64(i)+1)[0].(*eventv1.UserInviteCodeAdded)
		if got.GetCode().GetUrlTemplate() != step.template || got.GetApplicationName() != step.application || got.GetCode().GetMedium() != step.medium {
			t.Errorf("step %d: recorded %v", i, got)
		}
		if want := n.Clock.Now().Add(72 * time.Hour); !got.GetCode().GetExpiresAt().AsTime().Equal(want) {
			t.Errorf("step %d: expires %s, want %s", i, got.GetCode().GetExpiresAt().AsTime(), want)
		}
	}
}

// invited returns a node on which minnie has an invitation, and its code.
func invited(t *testing.T) (*commandtest.Node, string) {
	t.Helper()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	out, err := n.Users.Invite(t.Context(), admin(), user.InviteUser{UserID: "minnie", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	return n, out.Code
}

func accept(t *testing.T, n *commandtest.Node, as *permission.Caller, code string) error {
	t.Helper()
	_, err := n.Users.AcceptInvite(t.Context(), as, user.VerifyCode{UserID: "minnie", Code: code})
	return err
}

func TestAcceptInvite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    *permission.Caller
		guess func(right string) string
		wait  time.Duration
		want  error
	}{
		"right":             {minnie(), func(c string) string { return c }, 0, nil},
		"right, by anybody": {stranger(), strings.ToLower, 0, nil},
		"right, just so":    {minnie(), func(c string) string { return c }, 72*time.Hour - time.Second, nil},
		"right, too late":   {minnie(), func(c string) string { return c }, 72 * time.Hour, user.ErrWrongCode},
		"wrong":             {admin(), wrong, 0, user.ErrWrongCode},
		"empty":             {minnie(), func(string) string { return "" }, 0, user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, code := invited(t)
			n.Clock.Advance(c.wait)
			if err := accept(t, n, c.by, c.guess(code)); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			var want []string
			if c.want == nil {
				want = []string{"user.invite.accepted"}
			}
			if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, want) {
				t.Errorf("recorded %q, want %q", got, want)
			}
			if err := accept(t, n, c.by, code); c.want == nil && !errors.Is(err, user.ErrWrongCode) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

// A code proves an address if it was sent there, and only while it is the user's.
func TestWhatAnInvitationProves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then []proto.Message // after the code was sent
		want []string
		err  error
	}{
		"the address":                {nil, []string{"user.invite.accepted", "user.email.verified"}, nil},
		"what was proven already":    {[]proto.Message{&eventv1.UserEmailVerified{}}, []string{"user.invite.accepted"}, nil},
		"nothing of another address": {[]proto.Message{&eventv1.UserEmailChanged{Email: "new@mouse.com"}}, nil, user.ErrWrongCode},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			n.Given(t, "minnie", person())
			if _, err := n.Users.Invite(t.Context(), minnie(), user.InviteUser{UserID: "minnie"}); err != nil {
				t.Fatal(err)
			}
			codes := codesTravel(t, n, "minnie", 1)
			noSecretsInTheOpen(t, n, "minnie", codes...)
			if c.then != nil {
				n.Given(t, "minnie", c.then...)
			}
			before := n.Version(t, "minnie")
			if err := accept(t, n, stranger(), codes[0]); !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if got := commandtest.Types(n.Recorded(t, "minnie", before)); !slices.Equal(got, c.want) {
				t.Errorf("recorded %q, want %q", got, c.want)
			}
		})
	}
}

func TestANewInvitationVoidsTheEarlierOne(t *testing.T) {
	t.Parallel()
	n, code := invited(t)
	again, err := n.Another(t).Users.Invite(t.Context(), admin(), user.InviteUser{UserID: "minnie", Verification: user.Return{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := accept(t, n, minnie(), code); !errors.Is(err, user.ErrWrongCode) {
		t.Errorf("the earlier code: %v", err)
	}
	if err := accept(t, n, minnie(), again.Code); err != nil {
		t.Errorf("the newer code: %v", err)
	}
}

func TestAHundredParallelGuessesAtAnInvitation(t *testing.T) {
	t.Parallel()
	try := func(code string) func(context.Context, *user.Service, int) error {
		return func(ctx context.Context, s *user.Service, _ int) error {
			_, err := s.AcceptInvite(ctx, admin(), user.VerifyCode{UserID: "minnie", Code: code})
			return err
		}
	}
	t.Run("all wrong", func(t *testing.T) {
		t.Parallel()
		n, code := invited(t)
		if counts := together(t, n, 100, try(wrong(code))); counts["wrong"] != 5 || counts["throttled"] != 95 {
			t.Errorf("answers: %v", counts)
		}
		if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.invite.code.blocked"}) {
			t.Errorf("recorded %q", got)
		}
		if err := accept(t, n, minnie(), code); !errors.Is(err, user.ErrCodeBlocked) {
			t.Errorf("the right code, too late: %v", err)
		}
		if err := accept(t, n, stranger(), code); !errors.Is(err, user.ErrWrongCode) {
			t.Errorf("the right code, too late, by a stranger: %v", err)
		}
	})
	t.Run("all right", func(t *testing.T) {
		t.Parallel()
		n, code := invited(t)
		if counts := together(t, n, 100, try(code)); counts["right"] != 1 || counts["right"]+counts["wrong"]+counts["throttled"] != 100 {
			t.Errorf("answers: %v", counts)
		}
		if got := commandtest.Types(n.Recorded(t, "minnie", 2)); !slices.Equal(got, []string{"user.invite.accepted"}) {
			t.Errorf("recorded %q", got)
		}
	})
}

func TestUsersMayInviteThemselvesSoOften(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	ask := func(as *permission.Caller) error {
		_, err := n.Users.Invite(t.Context(), as, user.InviteUser{UserID: "minnie"})
		return err
	}
	for i := range 5 {
		if err := ask(minnie()); err != nil {
			t.Fatalf("invitation %d: %v", i+1, err)
		}
	}
	if err := ask(minnie()); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("invitation 6: %v", err)
	}
	if _, err := n.Users.ResendInvite(t.Context(), minnie(), "minnie"); !errors.Is(err, user.ErrTooManyCodes) {
		t.Errorf("sent again: %v", err)
	}
	if err := ask(admin()); err != nil {
		t.Errorf("an administrator: %v", err)
	}
}
