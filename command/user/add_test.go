package user_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestAddHuman(t *testing.T) {
	t.Parallel()
	add := func(change func(*user.AddHuman)) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			req := human()
			change(&req)
			out, err := n.Users.AddHuman(ctx, as, req)
			if err != nil && out != (user.Added{}) {
				t.Errorf("a refusal with an answer: %+v", out)
			}
			return err
		}
	}
	as := func(v user.Verification) func(r *user.AddHuman) {
		return func(r *user.AddHuman) { r.Email.Verification = v }
	}
	const added, code, verified = "user.human.added", "user.email.code.added", "user.email.verified"

	run(t, []scenario{
		{"plain", nil, admin(), add(func(*user.AddHuman) {}), []string{added, code}, nil},
		{"by the organization's owner", nil, owner(), add(func(*user.AddHuman) {}), []string{added, code}, nil},
		{"code returned", nil, admin(), add(as(user.Return{})), []string{added, code}, nil},
		{"verified", nil, admin(), add(as(user.Verified{})), []string{added, verified}, nil},
		{"unverified", nil, admin(), add(as(user.Unverified{})), []string{added}, nil},
		{"everything", nil, admin(), add(func(r *user.AddHuman) {
			r.Phone = &user.PhoneChange{Number: "+41791234567", Verification: user.Verified{}}
			r.Password = &user.NewPassword{Clear: goodPassword}
			r.Metadata = []user.MetadataEntry{{"a", []byte("x")}, {"b", []byte("y")}}
		}), []string{added, code, "user.phone.verified", "user.password.changed", "user.metadata.set", "user.metadata.set"}, nil},
		{"phone with a code", nil, admin(), add(func(r *user.AddHuman) { r.Phone = &user.PhoneChange{Number: "+41791234567"} }), []string{added, code, "user.phone.code.added"}, nil},
		{"phone empty", nil, admin(), add(func(r *user.AddHuman) { r.Phone = &user.PhoneChange{} }), []string{added, code}, nil},
		{"hashed password", nil, admin(), add(func(r *user.AddHuman) {
			r.Password = &user.NewPassword{Hash: "$2a$05$abcdefghijklmnopqrstuuprk/rqhgcPTYTHLq52sX1mIsVNYyi5u"}
		}), []string{added, code, "user.password.changed"}, nil},
		{"username is the email address", nil, admin(), add(func(r *user.AddHuman) { r.Username = nil }), []string{added, code}, nil},

		{"id of a user", []proto.Message{person()}, admin(), add(func(*user.AddHuman) {}), nil, user.ErrIDTaken},
		{"id of a machine", []proto.Message{program()}, admin(), add(func(*user.AddHuman) {}), nil, user.ErrIDTaken},
		{"id of a removed user", []proto.Message{person(), &eventv1.UserRemoved{}}, admin(), add(func(*user.AddHuman) {}), []string{added, code}, nil},
		{"username taken", nil, admin(), add(func(r *user.AddHuman) { r.Username = text("Admin ") }), nil, user.ErrUsernameTaken},
		{"username blank", nil, admin(), add(func(r *user.AddHuman) { r.Username = text("  ") }), nil, user.ErrInvalidUsername},
		{"id of the platform", nil, admin(), add(func(r *user.AddHuman) { r.UserID = "system" }), nil, user.ErrInvalidID},
		{"id of a key", nil, admin(), add(func(r *user.AddHuman) { r.UserID = "#digest" }), nil, user.ErrInvalidID},
		{"id with a control character", nil, admin(), add(func(r *user.AddHuman) { r.UserID = "a\x00b" }), nil, user.ErrInvalidID},
		{"id of 201 bytes", nil, admin(), add(func(r *user.AddHuman) { r.UserID = strings.Repeat("ä", 100) + "x" }), nil, user.ErrInvalidID},
		{"given name blank", nil, admin(), add(func(r *user.AddHuman) { r.Profile.GivenName = " " }), nil, user.ErrFirstNameEmpty},
		{"family name blank", nil, admin(), add(func(r *user.AddHuman) { r.Profile.FamilyName = "" }), nil, user.ErrLastNameEmpty},
		{"email empty", nil, admin(), add(func(r *user.AddHuman) { r.Email.Address = "" }), nil, user.ErrEmailEmpty},
		{"email malformed", nil, admin(), add(func(r *user.AddHuman) { r.Email.Address = "x" }), nil, user.ErrEmailInvalid},
		{"phone malformed", nil, admin(), add(func(r *user.AddHuman) { r.Phone = &user.PhoneChange{Number: "x"} }), nil, user.ErrPhoneInvalid},
		{"bad template", nil, admin(), add(as(user.Send{URLTemplate: "{{"})), nil, user.ErrInvalidTemplate},
		{"metadata key blank", nil, admin(), add(func(r *user.AddHuman) { r.Metadata = []user.MetadataEntry{{" ", []byte("x")}} }), nil, user.ErrMetadataKeyEmpty},
		{"metadata value empty", nil, admin(), add(func(r *user.AddHuman) { r.Metadata = []user.MetadataEntry{{"a", nil}} }), nil, user.ErrMetadataValue},
		{"password too short", nil, admin(), add(func(r *user.AddHuman) { r.Password = &user.NewPassword{Clear: "Aa1!"} }), nil, password.ErrTooShort},
		{"password without symbol", nil, admin(), add(func(r *user.AddHuman) { r.Password = &user.NewPassword{Clear: "Aa1aaaaaa"} }), nil, password.ErrNoSymbol},
		{"password empty", nil, admin(), add(func(r *user.AddHuman) { r.Password = &user.NewPassword{} }), nil, user.ErrPasswordEmpty},
		{"hash unsupported", nil, admin(), add(func(r *user.AddHuman) { r.Password = &user.NewPassword{Hash: "x"} }), nil, password.ErrUnsupported},
		{"provider link", nil, admin(), add(func(r *user.AddHuman) { r.Links = []user.ProviderLink{{"p", "u", "n"}} }), nil, user.ErrProviderNotFound},
		{"TOTP", nil, admin(), add(func(r *user.AddHuman) { r.TOTPSecret = "jbswy3dpehpk3pxp" }), []string{
			"user.human.added", "user.email.code.added", "user.totp.added", "user.totp.verified",
		}, nil},
		{"short TOTP secret", nil, admin(), add(func(r *user.AddHuman) { r.TOTPSecret = "JBSWY3DP" }), nil, user.ErrInvalidTOTPSecret},
		{"unknown organization", nil, admin(), add(func(r *user.AddHuman) { r.Organization = "nowhere" }), nil, user.ErrOrganizationNotFound},
		{"unknown organization, no permission", nil, owner(), add(func(r *user.AddHuman) { r.Organization = "nowhere" }), nil, permission.ErrDenied},
		{"impossible organization", nil, admin(), add(func(r *user.AddHuman) { r.Organization = "\x00" }), nil, user.ErrOrganizationNotFound},
		{"organization by domain", nil, admin(), add(func(r *user.AddHuman) { r.OrganizationDomain = "mouse.com" }), nil, user.ErrOrganizationNotFound},
		{"organization by domain, no permission", nil, owner(), add(func(r *user.AddHuman) { r.OrganizationDomain = "mouse.com" }), nil, permission.ErrDenied},
		{"another organization than one's own", nil, foreign(), add(func(*user.AddHuman) {}), nil, permission.ErrDenied},
		{"by oneself", nil, minnie(), add(func(*user.AddHuman) {}), nil, permission.ErrDenied},
		{"with a link, no permission", nil, stranger(), add(func(r *user.AddHuman) { r.Links = []user.ProviderLink{{"p", "u", "n"}} }), nil, permission.ErrDenied},
	})
}

func TestWhatAddHumanRecords(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	req := human()
	req.UserID, req.Username = "", nil
	req.Phone = &user.PhoneChange{Number: "079 123 45 67", Verification: user.Return{}}
	req.Email = user.EmailChange{Address: "Minnie@Mouse.com", Verification: user.Send{URLTemplate: "https://x.y/{{.Code}}"}}
	req.Password = &user.NewPassword{Clear: goodPassword, ChangeRequired: true}
	out, err := n.Users.AddHuman(t.Context(), admin(), req)
	if err != nil {
		t.Fatal(err)
	}
	if out.UserID == "" || out.EmailCode != "" || len(out.PhoneCode) != 6 {
		t.Errorf("answer: %q %q %q", out.UserID, out.EmailCode, out.PhoneCode)
	}
	if out.Receipt.Version != 4 || out.Receipt.Organization != "default" || out.Receipt.Position == 0 || !out.Receipt.ChangedAt.Equal(n.Clock.Now()) {
		t.Errorf("receipt: %+v", out.Receipt)
	}
	log := n.Recorded(t, out.UserID, 0)
	added := log[0].(*eventv1.UserHumanAdded)
	want := &eventv1.UserHumanAdded{
		OrganizationId: "default", Username: "Minnie@Mouse.com", Email: "Minnie@Mouse.com", Phone: "+41791234567",
		Profile: &eventv1.Profile{GivenName: "Minnie", FamilyName: "Mouse", DisplayName: "Minnie Mouse", PreferredLanguage: "und"},
	}
	if !proto.Equal(added, want) {
		t.Errorf("added: %v", added)
	}
	email, phone := log[1].(*eventv1.UserEmailCodeAdded).GetCode(), log[2].(*eventv1.UserPhoneCodeAdded).GetCode()
	if email.GetMedium() != eventv1.CodeMedium_CODE_MEDIUM_EMAIL || email.GetUrlTemplate() == "" || phone.GetMedium() != eventv1.CodeMedium_CODE_MEDIUM_RETURNED {
		t.Errorf("codes: %v, %v", email.GetMedium(), phone.GetMedium())
	}
	if !email.GetExpiresAt().AsTime().Equal(n.Clock.Now().Add(time.Hour)) {
		t.Errorf("the code lives until %v", email.GetExpiresAt().AsTime())
	}
	changed := log[3].(*eventv1.UserPasswordChanged)
	if !changed.GetChangeRequired() || !strings.HasPrefix(changed.GetHash(), "$argon2id$") {
		t.Errorf("password: %v", changed)
	}
	noSecretsInTheOpen(t, n, out.UserID, "minnie@mouse.com", "minnie", "mouse", "791234567", "argon2", out.PhoneCode)
	codesTravel(t, n, out.UserID, 1)
	if got, err := n.Users.VerifyPhone(t.Context(), stranger(), user.VerifyCode{UserID: out.UserID, Code: strings.ToLower(out.PhoneCode)}); err != nil || got.Version != 5 {
		t.Errorf("the returned code: %+v, %v", got, err)
	}
}

// noSecretsInTheOpen looks for words in everything of a user's events that is not sealed.
func noSecretsInTheOpen(t *testing.T, n *commandtest.Node, userID string, words ...string) {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), n.Stream(userID), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		for _, word := range words {
			if strings.Contains(strings.ToLower(string(e.Payload)+string(e.Personal)+string(e.Secret)), strings.ToLower(word)) {
				t.Errorf("%s shows %q", e.Type, word)
			}
		}
	}
}

// codesTravel counts the codes that wait for delivery, opens them, and checks that they are those of their events.
func codesTravel(t *testing.T, n *commandtest.Node, userID string, want int) []string {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), n.Stream(userID), 0)
	if err != nil {
		t.Fatal(err)
	}
	key, err := n.Runtime.Vault.Key(t.Context(), n.Tenant, userID)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range events {
		d, ok, err := n.Store.Deliverable(t.Context(), n.Tenant, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		code, err := key.Open([]byte("deliverable:"+e.ID.String()), d.Sealed)
		if err != nil || len(code) < 6 || d.Subject != userID {
			t.Fatalf("deliverable of %s: %d bytes, %v", e.Type, len(code), err)
		}
		codes = append(codes, string(code))
	}
	if len(codes) != want {
		t.Errorf("%d codes travel, want %d", len(codes), want)
	}
	return codes
}
