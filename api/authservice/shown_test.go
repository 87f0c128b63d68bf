package authservice_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/policy"
)

// same compares what an answer shows, but for when it came to be so.
func same(t *testing.T, what string, got, want proto.Message, details *authv1.ObjectDetails) {
	t.Helper()
	details.CreationDate, details.ChangeDate = nil, nil
	if !proto.Equal(got, want) {
		t.Errorf("%s\n got %v\nwant %v", what, got, want)
	}
}

func TestMyUser(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	digest := bytes.Repeat([]byte{0xab}, 32)
	n.given(t, "ada",
		&eventv1.UserProfileChanged{Profile: &eventv1.Profile{
			GivenName: "Ada", FamilyName: "Lovelace", NickName: "A", DisplayName: "Ada L", PreferredLanguage: "en", Gender: eventv1.Gender_GENDER_FEMALE,
		}},
		&eventv1.UserEmailVerified{}, &eventv1.UserPhoneChanged{Phone: number}, &eventv1.UserAvatarSet{ContentType: "image/png", Size: 1, Sha256: digest},
	)
	avatar := "https://id.example.com/assets/v1/users/ada/avatar/" + hex.EncodeToString(digest)
	profile := &authv1.Profile{
		FirstName: "Ada", LastName: "Lovelace", NickName: "A", DisplayName: "Ada L", PreferredLanguage: "en",
		Gender: authv1.Gender_GENDER_FEMALE, AvatarUrl: avatar,
	}
	email := &authv1.Email{Email: "ada@example.com", IsEmailVerified: true}
	phone := &authv1.Phone{Phone: number}
	details := &authv1.ObjectDetails{Sequence: 6, ResourceOwner: organization}
	got, err := n.GetMyUser(ctx, &authv1.GetMyUserRequest{})
	must(t, err)
	want := &authv1.GetMyUserResponse{User: &authv1.User{
		Id: "ada", Details: details, State: authv1.UserState_USER_STATE_ACTIVE, UserName: "ada", LoginNames: []string{"ada"}, PreferredLoginName: "ada",
		Type: &authv1.User_Human{Human: &authv1.Human{Profile: profile, Email: email, Phone: phone}},
	}}
	d := got.GetUser().GetDetails()
	if time.Since(d.GetCreationDate().AsTime()) > time.Minute || d.GetChangeDate().AsTime().Before(d.GetCreationDate().AsTime()) {
		t.Errorf("dates %v", d)
	}
	same(t, "user", got, want, d)
	p, err := n.GetMyProfile(ctx, &authv1.GetMyProfileRequest{})
	must(t, err)
	same(t, "profile", p, &authv1.GetMyProfileResponse{Details: details, Profile: profile}, p.GetDetails())
	e, err := n.GetMyEmail(ctx, &authv1.GetMyEmailRequest{})
	must(t, err)
	same(t, "email", e, &authv1.GetMyEmailResponse{Details: details, Email: email}, e.GetDetails())
	o, err := n.GetMyPhone(ctx, &authv1.GetMyPhoneRequest{})
	must(t, err)
	same(t, "phone", o, &authv1.GetMyPhoneResponse{Details: details, Phone: phone}, o.GetDetails())
}

func TestMyUserIsAMachine(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	got, err := n.GetMyUser(n.machine(t, "r2"), &authv1.GetMyUserRequest{})
	must(t, err)
	want := &authv1.GetMyUserResponse{User: &authv1.User{
		Id: "r2", Details: &authv1.ObjectDetails{Sequence: 1, ResourceOwner: organization}, State: authv1.UserState_USER_STATE_ACTIVE,
		UserName: "r2", LoginNames: []string{"r2"}, PreferredLoginName: "r2",
		Type: &authv1.User_Machine{Machine: &authv1.Machine{Name: "Robot", Description: "Beeps"}},
	}}
	same(t, "user", got, want, got.GetUser().GetDetails())
}

// A change is seen by the very next read, and what a new profile leaves out is gone.
func TestChangesAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	for i := range 10 { // codes are for so many new addresses an hour
		name, address, phone := fmt.Sprintf("ada%d", i), fmt.Sprintf("ada%d@example.com", i), fmt.Sprintf("+417912345%02d", i)
		_, err := n.UpdateMyUserName(ctx, &authv1.UpdateMyUserNameRequest{UserName: name})
		must(t, err)
		_, err = n.SetMyEmail(ctx, &authv1.SetMyEmailRequest{Email: address})
		must(t, err)
		_, err = n.SetMyPhone(ctx, &authv1.SetMyPhoneRequest{Phone: phone})
		must(t, err)
		nick := ""
		if i%2 == 0 {
			nick = name
		}
		written, err := n.UpdateMyProfile(ctx, &authv1.UpdateMyProfileRequest{FirstName: name, LastName: "L", DisplayName: name, NickName: nick})
		must(t, err)
		got, err := n.GetMyUser(ctx, &authv1.GetMyUserRequest{})
		must(t, err)
		u, p := got.GetUser(), got.GetUser().GetHuman().GetProfile()
		if u.GetUserName() != name || u.GetHuman().GetEmail().GetEmail() != address || u.GetHuman().GetPhone().GetPhone() != phone ||
			p.GetFirstName() != name || p.GetNickName() != nick || p.GetPreferredLanguage() != "und" || u.GetDetails().GetSequence() != written.GetDetails().GetSequence() {
			t.Fatalf("round %d: %v", i, got)
		}
	}
}

// What holds is the organization's own policy, or else the instance's, or else the one that is built in.
func TestMyPolicies(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	set := func(of string, p proto.Message) {
		t.Helper()
		_, err := n.policies.Set(t.Context(), admin(), policy.Set{Organization: of, Policy: p})
		must(t, err)
	}
	complexity := func() *authv1.PasswordComplexityPolicy {
		t.Helper()
		got, err := n.GetMyPasswordComplexityPolicy(ctx, &authv1.GetMyPasswordComplexityPolicyRequest{})
		must(t, err)
		return got.GetPolicy()
	}
	if p := complexity(); !p.GetIsDefault() || p.GetMinLength() < 8 || p.GetDetails().GetSequence() != 0 {
		t.Errorf("built in: %v", p)
	}
	set("", &policy.PasswordComplexity{MinLength: 11, Number: true})
	set("elsewhere", &policy.PasswordComplexity{MinLength: 99})
	got := complexity()
	want := &authv1.PasswordComplexityPolicy{Details: &authv1.ObjectDetails{Sequence: 1}, IsDefault: true, MinLength: 11, HasNumber: true}
	same(t, "of the instance", got, want, got.GetDetails())
	set(organization, &policy.PasswordComplexity{MinLength: 12, Uppercase: true, Lowercase: true, Symbol: true})
	want = &authv1.PasswordComplexityPolicy{
		Details: &authv1.ObjectDetails{Sequence: 1, ResourceOwner: organization}, MinLength: 12, HasUppercase: true, HasLowercase: true, HasSymbol: true,
	}
	got = complexity()
	if d := got.GetDetails(); d.GetCreationDate() == nil || d.GetChangeDate() == nil {
		t.Errorf("dates %v", d)
	}
	same(t, "of the organization", got, want, got.GetDetails())
}

func TestMyLabelsAndLinks(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	_, err := n.policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: &policy.Branding{
		Light:   &eventv1.BrandingTheme{PrimaryColor: "#111", BackgroundColor: "#222", WarnColor: "#333", FontColor: "#444", LogoUrl: "https://l.example.com/1", IconUrl: "https://l.example.com/2"},
		Dark:    &eventv1.BrandingTheme{PrimaryColor: "#555", BackgroundColor: "#666", WarnColor: "#777", FontColor: "#888", LogoUrl: "https://l.example.com/3", IconUrl: "https://l.example.com/4"},
		FontUrl: "https://l.example.com/5", HideLoginNameSuffix: true, ThemeMode: eventv1.BrandingThemeMode_BRANDING_THEME_MODE_LIGHT,
	}})
	must(t, err)
	_, err = n.policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: &policy.Privacy{
		TosLink: "https://l.example.com/6", PrivacyLink: "https://l.example.com/7", HelpLink: "https://l.example.com/8", SupportEmail: "help@example.com",
		DocsLink: "https://l.example.com/9", CustomLink: "https://l.example.com/10", CustomLinkText: "More",
	}})
	must(t, err)
	label, err := n.GetMyLabelPolicy(ctx, &authv1.GetMyLabelPolicyRequest{})
	must(t, err)
	same(t, "LabelPolicy", label.GetPolicy(), &authv1.LabelPolicy{
		Details: &authv1.ObjectDetails{Sequence: 1, ResourceOwner: organization}, ThemeMode: authv1.ThemeMode_THEME_MODE_LIGHT,
		PrimaryColor: "#111", BackgroundColor: "#222", WarnColor: "#333", FontColor: "#444", LogoUrl: "https://l.example.com/1", IconUrl: "https://l.example.com/2",
		PrimaryColorDark: "#555", BackgroundColorDark: "#666", WarnColorDark: "#777", FontColorDark: "#888",
		LogoUrlDark: "https://l.example.com/3", IconUrlDark: "https://l.example.com/4", FontUrl: "https://l.example.com/5", HideLoginNameSuffix: true,
	}, label.GetPolicy().GetDetails())
	privacy, err := n.GetMyPrivacyPolicy(ctx, &authv1.GetMyPrivacyPolicyRequest{})
	must(t, err)
	same(t, "PrivacyPolicy", privacy.GetPolicy(), &authv1.PrivacyPolicy{
		Details: &authv1.ObjectDetails{Sequence: 2, ResourceOwner: organization},
		TosLink: "https://l.example.com/6", PrivacyLink: "https://l.example.com/7", HelpLink: "https://l.example.com/8", SupportEmail: "help@example.com",
		DocsLink: "https://l.example.com/9", CustomLink: "https://l.example.com/10", CustomLinkText: "More",
	}, privacy.GetPolicy().GetDetails())
}

func TestMyLoginPolicy(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ctx := n.person(t, "ada")
	builtin, err := n.GetMyLoginPolicy(ctx, &authv1.GetMyLoginPolicyRequest{})
	must(t, err)
	if p := builtin.GetPolicy(); !p.GetIsDefault() || !p.GetAllowUsernamePassword() || p.GetPasswordlessType() != authv1.PasswordlessType_PASSWORDLESS_TYPE_ALLOWED ||
		len(p.GetSecondFactors()) != 5 || slices.Contains(p.GetSecondFactors(), 0) || len(p.GetMultiFactors()) != 1 {
		t.Errorf("built in: %v", p)
	}
	_, err = n.policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: &policy.Login{
		Register: true, ExternalProvider: true, ForceMfa: true, ForceMfaLocalOnly: true, HidePasswordReset: true, IgnoreUnknownUsernames: true,
		DefaultRedirectUri: "https://l.example.com", DomainDiscovery: true, DisableLoginWithEmail: true, DisableLoginWithPhone: true,
		PasswordCheckLifetime: durationpb.New(1 * time.Hour), ExternalLoginCheckLifetime: durationpb.New(2 * time.Hour),
		MfaInitSkipLifetime: durationpb.New(3 * time.Hour), SecondFactorCheckLifetime: durationpb.New(4 * time.Hour),
		MultiFactorCheckLifetime: durationpb.New(5 * time.Hour),
		SecondFactors:            []eventv1.LoginFactor{eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS, eventv1.LoginFactor_LOGIN_FACTOR_TOTP},
	}})
	must(t, err)
	got, err := n.GetMyLoginPolicy(ctx, &authv1.GetMyLoginPolicyRequest{})
	must(t, err)
	same(t, "LoginPolicy", got.GetPolicy(), &authv1.LoginPolicy{
		Details: &authv1.ObjectDetails{Sequence: 1, ResourceOwner: organization}, AllowRegister: true, AllowExternalIdp: true,
		ForceMfa: true, ForceMfaLocalOnly: true, HidePasswordReset: true, IgnoreUnknownUsernames: true, DefaultRedirectUri: "https://l.example.com",
		AllowDomainDiscovery: true, DisableLoginWithEmail: true, DisableLoginWithPhone: true,
		PasswordCheckLifetime: durationpb.New(1 * time.Hour), ExternalLoginCheckLifetime: durationpb.New(2 * time.Hour),
		MfaInitSkipLifetime: durationpb.New(3 * time.Hour), SecondFactorCheckLifetime: durationpb.New(4 * time.Hour),
		MultiFactorCheckLifetime: durationpb.New(5 * time.Hour),
		SecondFactors:            []authv1.SecondFactorType{authv1.SecondFactorType_SECOND_FACTOR_TYPE_OTP_SMS, authv1.SecondFactorType_SECOND_FACTOR_TYPE_OTP},
	}, got.GetPolicy().GetDetails())
}
