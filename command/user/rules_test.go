package user_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// order is a well-formed run of one command on the user "minnie", and what the rules of the command promise.
type order struct {
	run    func(ctx context.Context, s *user.Service, as *permission.Caller) error
	needs  permission.Permission
	self   bool  // being the user is enough
	masked error // what a stranger with a wrong proof hears, whoever the user is and if at all; nil: no proof opens the command
}

// orders says by hand what each command asks for. A command that is missing here fails TestEveryCommandHasARule.
func orders() map[string]order {
	const id = "minnie"
	discard := func(_ any, err error) error { return err }
	return map[string]order{
		"AddHuman": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddHuman(ctx, as, human()))
		}},
		"AddMachine": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddMachine(ctx, as, user.AddMachine{UserID: id, Name: "Robot"}))
		}},
		"UpdateHuman": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UpdateHuman(ctx, as, user.UpdateHuman{UserID: id, Username: text("mm")}))
		}},
		"ChangeUsername": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ChangeUsername(ctx, as, user.ChangeUsername{UserID: id, Username: "mm"}))
		}},
		"ChangeProfile": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ChangeProfile(ctx, as, user.ChangeProfile{UserID: id, Profile: user.Profile{GivenName: "M", FamilyName: "M"}}))
		}},
		"Deactivate": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Deactivate(ctx, as, id))
		}},
		"Reactivate": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Reactivate(ctx, as, id))
		}},
		"Lock": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Lock(ctx, as, id))
		}},
		"Unlock": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Unlock(ctx, as, id))
		}},
		"Delete": {needs: permission.UserDelete, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Delete(ctx, as, id))
		}},
		"SetEmail": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetEmail(ctx, as, user.SetEmail{UserID: id, Email: "new@mouse.com"}))
		}},
		"SendEmailCode": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SendEmailCode(ctx, as, user.RequestCode{UserID: id}))
		}},
		"ResendEmailCode": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ResendEmailCode(ctx, as, user.RequestCode{UserID: id}))
		}},
		"VerifyEmail": {needs: permission.UserWrite, self: true, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.VerifyEmail(ctx, as, user.VerifyCode{UserID: id, Code: "WRONG1"}))
		}},
		"SetPhone": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetPhone(ctx, as, user.SetPhone{UserID: id, Phone: "+41791234567"}))
		}},
		"SendPhoneCode": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SendPhoneCode(ctx, as, user.RequestCode{UserID: id}))
		}},
		"ResendPhoneCode": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ResendPhoneCode(ctx, as, user.RequestCode{UserID: id}))
		}},
		"VerifyPhone": {needs: permission.UserWrite, self: true, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.VerifyPhone(ctx, as, user.VerifyCode{UserID: id, Code: "WRONG1"}))
		}},
		"RemovePhone": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemovePhone(ctx, as, id))
		}},
		"RequestPasswordReset": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RequestPasswordReset(ctx, as, user.RequestPasswordReset{UserID: id}))
		}},
		"SetPassword": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetPassword(ctx, as, user.SetPassword{UserID: id, New: user.NewPassword{Clear: goodPassword}}))
		}},
		"SetPassword with the current one": {needs: permission.UserWrite, masked: user.ErrWrongPassword, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetPassword(ctx, as, user.SetPassword{UserID: id, New: user.NewPassword{Clear: goodPassword}, Proof: user.CurrentPassword("wrong")}))
		}},
		"SetPassword with a code": {needs: permission.UserWrite, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetPassword(ctx, as, user.SetPassword{UserID: id, New: user.NewPassword{Clear: goodPassword}, Proof: user.ResetCode("WRONG1")}))
		}},
		"RegisterPasskey": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RegisterPasskey(ctx, as, user.RegisterPasskey{UserID: id}))
		}},
		"RegisterPasskey with a code": {needs: permission.UserCredentialWrite, self: true, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RegisterPasskey(ctx, as, user.RegisterPasskey{UserID: id, Code: &user.PasskeyProof{ID: "c", Code: "WRONG1"}}))
		}},
		"VerifyPasskey": {needs: permission.UserCredentialWrite, self: true, masked: user.ErrCredentialRejected, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.VerifyPasskey(ctx, as, user.VerifyCredential{UserID: id, ID: "w", Name: "phone", Response: attestation()}))
		}},
		"RemovePasskey": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemovePasskey(ctx, as, user.RemoveCredential{UserID: id, ID: "w"}))
		}},
		"RequestPasskeyCode": {needs: permission.UserPasskeyWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RequestPasskeyCode(ctx, as, user.RequestCode{UserID: id}))
		}},
		"RegisterU2F": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RegisterU2F(ctx, as, user.RegisterU2F{UserID: id}))
		}},
		"VerifyU2F": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.VerifyU2F(ctx, as, user.VerifyCredential{UserID: id, ID: "w", Name: "key", Response: attestation()}))
		}},
		"RemoveU2F": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveU2F(ctx, as, user.RemoveCredential{UserID: id, ID: "w"}))
		}},
		"BeginAssertion": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.BeginAssertion(ctx, as, user.BeginAssertion{UserID: id}))
		}},
		"UseWebAuthn": {needs: permission.UserWrite, self: true, masked: user.ErrAssertionRejected, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UseWebAuthn(ctx, as, user.UseWebAuthn{UserID: id, Ceremony: []byte("{}"), Response: assertion()}))
		}},
		"LinkProvider": {needs: permission.UserWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.LinkProvider(ctx, as, user.LinkProvider{UserID: id, Link: user.ProviderLink{ProviderID: "p", UserID: "e", Username: "n"}}))
		}},
		"UnlinkProvider": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UnlinkProvider(ctx, as, user.UnlinkProvider{UserID: id, ProviderID: "p", ExternalID: "e"}))
		}},
		"IssueToken": {needs: permission.UserCredentialWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.IssueToken(ctx, as, user.IssueToken{UserID: id}))
		}},
		"RevokeToken": {needs: permission.UserCredentialWrite, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RevokeToken(ctx, as, user.RevokeToken{UserID: id, TokenID: "t"}))
		}},
		"CreateToken": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.CreateToken(ctx, as, user.CreateToken{UserID: id}))
		}},
		"UpdateToken": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UpdateToken(ctx, as, user.UpdateToken{UserID: id, TokenID: "t", Set: &user.NewToken{Name: "new"}}))
		}},
		"ExpireToken": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ExpireToken(ctx, as, user.ExpireToken{UserID: id, TokenID: "t"}))
		}},
		"RegenerateToken": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RegenerateToken(ctx, as, user.RegenerateToken{UserID: id, TokenID: "t"}))
		}},
		"UpdateMachine": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UpdateMachine(ctx, as, user.UpdateMachine{UserID: id, Name: text("Rob")}))
		}},
		"SetSecret": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetSecret(ctx, as, id))
		}},
		"RemoveSecret": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveSecret(ctx, as, id))
		}},
		"AddKey": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddKey(ctx, as, user.AddKey{UserID: id}))
		}},
		"RemoveKey": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveKey(ctx, as, user.RemoveKey{UserID: id, KeyID: "k"}))
		}},
		"SetMetadata": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetMetadata(ctx, as, user.SetMetadata{UserID: id, Entries: []user.MetadataEntry{{"a", []byte("x")}}}))
		}},
		"SetAvatar": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SetAvatar(ctx, as, user.SetAvatar{UserID: id, Data: picture(1)}))
		}},
		"RemoveAvatar": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveAvatar(ctx, as, id))
		}},
		"RemoveMetadata": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveMetadata(ctx, as, user.RemoveMetadata{UserID: id, Keys: []string{"a"}}))
		}},
		"RegisterTOTP": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RegisterTOTP(ctx, as, id))
		}},
		"VerifyTOTP": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.VerifyTOTP(ctx, as, user.TOTPCode{UserID: id, Code: "wrong"}))
		}},
		"UseTOTP": {needs: permission.UserWrite, self: true, masked: user.ErrWrongTOTP, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UseTOTP(ctx, as, user.TOTPCode{UserID: id, Code: "wrong"}))
		}},
		"RemoveTOTP": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveTOTP(ctx, as, id))
		}},
		"AddOTPSMS": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddOTPSMS(ctx, as, id))
		}},
		"RemoveOTPSMS": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveOTPSMS(ctx, as, id))
		}},
		"AddOTPEmail": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddOTPEmail(ctx, as, id))
		}},
		"RemoveOTPEmail": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveOTPEmail(ctx, as, id))
		}},
		"SkipMFAInit": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.SkipMFAInit(ctx, as, id))
		}},
		"AddRecoveryCodes": {needs: permission.UserCredentialWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AddRecoveryCodes(ctx, as, user.AddRecoveryCodes{UserID: id}))
		}},
		"UseRecoveryCode": {needs: permission.UserWrite, self: true, masked: user.ErrWrongRecoveryCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UseRecoveryCode(ctx, as, user.UseRecoveryCode{UserID: id, Code: "wrong"}))
		}},
		"RemoveRecoveryCodes": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.RemoveRecoveryCodes(ctx, as, id))
		}},
		"Invite": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.Invite(ctx, as, user.InviteUser{UserID: id}))
		}},
		"ResendInvite": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ResendInvite(ctx, as, id))
		}},
		"AcceptInvite": {needs: permission.UserWrite, self: true, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.AcceptInvite(ctx, as, user.VerifyCode{UserID: id, Code: "WRONG1"}))
		}},
		"CheckPassword": {needs: permission.UserWrite, self: true, masked: user.ErrWrongPassword, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.CheckPassword(ctx, as, user.CheckPassword{UserID: id, Password: goodPassword}))
		}},
		"CheckSecret": {needs: permission.UserWrite, self: true, masked: user.ErrWrongSecret, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.CheckSecret(ctx, as, user.CheckSecret{UserID: id, Secret: "wrong"}))
		}},
		"ChallengeOTP": {needs: permission.UserWrite, self: true, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.ChallengeOTP(ctx, as, user.ChallengeOTP{UserID: id}))
		}},
		"UseOTP": {needs: permission.UserWrite, self: true, masked: user.ErrWrongCode, run: func(ctx context.Context, s *user.Service, as *permission.Caller) error {
			return discard(s.UseOTP(ctx, as, user.UseOTP{UserID: id, CodeID: "c", Code: "WRONG1"}))
		}},
	}
}

// What changes nothing and is for sign-ins alone, which answer alike whatever it finds: no caller, no rule. Nor is there one for
// pictures, which whoever knows their address may see.
var ruleless = map[string]bool{"Avatar": true, "CheckPolicy": true, "Pretend": true, "WithUsername": true}

// Every other exported method of the service is a command; each needs an order above and behaves as it says.
func TestEveryCommandHasARule(t *testing.T) {
	t.Parallel()
	methods := reflect.TypeFor[*user.Service]()
	for i := range methods.NumMethod() {
		if name := methods.Method(i).Name; orders()[name].run == nil && !ruleless[name] {
			t.Errorf("nobody says who may %s", name)
		}
	}
}

// Whatever the state of the user, and whether there is one: who may not learns nothing, and nothing is recorded.
func TestCallersWithoutPermissionLearnNothing(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	ctx := t.Context()
	histories := []string{"nobody", "active", "coded", "blocked", "equipped", "locked", "inactive", "machine", "removed"}
	states := map[string]func(*commandtest.Node){
		"nobody":   func(*commandtest.Node) {},
		"active":   func(n *commandtest.Node) { n.Given(t, "minnie", person()) },
		"coded":    func(n *commandtest.Node) { n.Given(t, "minnie", &eventv1.UserEmailCodeAdded{Code: &eventv1.Code{}}) },
		"blocked":  func(n *commandtest.Node) { n.Given(t, "minnie", &eventv1.UserEmailCodeBlocked{}) },
		"equipped": func(n *commandtest.Node) { n.Given(t, "minnie", equipment()...) },
		"locked":   func(n *commandtest.Node) { n.Given(t, "minnie", &eventv1.UserLocked{}) },
		"inactive": func(n *commandtest.Node) { n.Given(t, "minnie", &eventv1.UserDeactivated{}) },
		"machine":  func(n *commandtest.Node) { n.Given(t, "minnie", program()) },
		"removed":  func(n *commandtest.Node) { n.Given(t, "minnie", &eventv1.UserRemoved{}) },
	}
	for _, history := range histories {
		states[history](n)
		before := n.Version(t, "minnie")
		for name, o := range orders() {
			want := o.masked
			if want == nil {
				want = permission.ErrDenied
			}
			for who, caller := range map[string]*permission.Caller{
				"stranger": stranger(), "owner of another organization": foreign(), "who may only read": reader(),
			} {
				if err := o.run(ctx, n.Users, caller); !errors.Is(err, want) {
					t.Errorf("%s of a user who is %s, by a %s: %v, want %v", name, history, who, err, want)
				}
			}
			for _, caller := range []*permission.Caller{nil, {}} {
				if err := o.run(ctx, n.Users, caller); !errors.Is(err, permission.ErrUnauthenticated) {
					t.Errorf("%s of a user who is %s, by nobody: %v", name, history, err)
				}
			}
		}
		if after := n.Version(t, "minnie"); after != before {
			t.Errorf("%d events by callers without permission", after-before)
		}
	}
}

// Being the user is enough where the rule says so, and nowhere else.
func TestSelf(t *testing.T) {
	t.Parallel()
	for name, o := range orders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			n.Given(t, "minnie", person())
			err := o.run(t.Context(), n.Users, minnie())
			denied := errors.Is(err, permission.ErrDenied)
			if want := !o.self && o.masked == nil; denied != want {
				t.Errorf("%v, denied should be %v", err, want)
			}
		})
	}
}

// An administrator is told what is wrong: the user is not there.
func TestUnknownUsers(t *testing.T) {
	t.Parallel()
	want := map[string]error{
		"UpdateHuman": user.ErrNotFound, "ChangeUsername": user.ErrNotFound, "ChangeProfile": user.ErrNoUser, "Deactivate": user.ErrNotFound, "Reactivate": user.ErrNotFound, "Lock": user.ErrNotFound,
		"Unlock": user.ErrNotFound, "Delete": user.ErrNotFound, "SetEmail": user.ErrEmailNotFound, "SendEmailCode": user.ErrEmailNotFound,
		"ResendEmailCode": user.ErrEmailNotFound, "VerifyEmail": user.ErrEmailNotFound, "SetPhone": user.ErrPhoneNotFound,
		"SendPhoneCode": user.ErrPhoneNotFound, "ResendPhoneCode": user.ErrPhoneNotFound, "VerifyPhone": user.ErrPhoneNotFound, "RemovePhone": user.ErrPhoneNotFound,
		"RequestPasswordReset": user.ErrNotFound, "SetPassword": user.ErrPasswordNotFound,
		"SetPassword with the current one": user.ErrPasswordNotFound, "SetPassword with a code": user.ErrPasswordNotFound,
		"RegisterPasskey": user.ErrNotFound, "RegisterPasskey with a code": user.ErrWrongCode, "VerifyPasskey": user.ErrNotFound,
		"RemovePasskey": user.ErrCredentialNotFound, "RequestPasskeyCode": user.ErrNotFound, "RegisterU2F": user.ErrNotFound,
		"VerifyU2F": user.ErrNotFound, "RemoveU2F": user.ErrCredentialNotFound, "BeginAssertion": user.ErrNotFound, "UseWebAuthn": user.ErrNotFound,
		"LinkProvider": user.ErrNoUser, "UnlinkProvider": user.ErrLinkNotFound,
		"IssueToken": user.ErrNotFound, "RevokeToken": user.ErrNotFound,
		"CreateToken": user.ErrNotFound, "UpdateToken": user.ErrNotFound, "ExpireToken": user.ErrNotFound, "RegenerateToken": user.ErrNotFound,
		"UpdateMachine": user.ErrNotFound, "SetSecret": user.ErrNoSecretHolder, "RemoveSecret": user.ErrNoSecretHolder,
		"AddKey": user.ErrNoKeyHolder, "RemoveKey": user.ErrNotFound, "SetMetadata": user.ErrNoMetadataHolder, "RemoveMetadata": user.ErrNotFound,
		"SetAvatar": user.ErrNotFound, "RemoveAvatar": user.ErrNotFound,
		"RegisterTOTP": user.ErrNoUser, "VerifyTOTP": user.ErrTOTPNotFound, "UseTOTP": user.ErrTOTPNotFound, "RemoveTOTP": user.ErrTOTPNotFound,
		"AddOTPSMS": user.ErrNotFound, "RemoveOTPSMS": user.ErrOTPNotFound, "AddOTPEmail": user.ErrNotFound, "RemoveOTPEmail": user.ErrOTPNotFound,
		"SkipMFAInit": user.ErrNotFound, "AddRecoveryCodes": user.ErrNoUser, "UseRecoveryCode": user.ErrNoRecoveryCodes,
		"RemoveRecoveryCodes": user.ErrNoRecoveryCodes, "Invite": user.ErrNoUser, "ResendInvite": user.ErrNoUser, "AcceptInvite": user.ErrNoUser,
		"CheckPassword": user.ErrPasswordNotFound, "CheckSecret": user.ErrNoSecretHolder, "ChallengeOTP": user.ErrOTPNotFound, "UseOTP": user.ErrOTPNotFound,
	}
	n := commandtest.New(t, database(t))
	for name, o := range orders() {
		if name == "AddHuman" || name == "AddMachine" {
			continue
		}
		if err := o.run(t.Context(), n.Users, admin()); !errors.Is(err, want[name]) || want[name] == nil {
			t.Errorf("%s: %v, want %v", name, err, want[name])
		}
	}
	for _, id := range []string{"", "\x00", "#digest", "\xff", string(make([]byte, 5000))} {
		if _, err := n.Users.Lock(t.Context(), admin(), id); !errors.Is(err, user.ErrNotFound) {
			t.Errorf("id %.10q: %v", id, err)
		}
	}
}
