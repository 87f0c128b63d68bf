package userservice

import (
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/command/intent"
)

// What is proposed for somebody who is linked passes the rules of the requests as it is, and holds only what the provider told.
func TestProposedChange(t *testing.T) {
	t.Parallel()
	rules, err := protovalidate.New()
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	for name, test := range map[string]struct {
		told   *eventv1.IntentInformation
		want   *userv2.UpdateHumanUserRequest
		update *userv2.UpdateUserRequest_Human
	}{
		"everything": {
			told: &eventv1.IntentInformation{
				ExternalId: "e", Username: "minnie", GivenName: "Minnie", FamilyName: "Mouse", NickName: "M", DisplayName: "Minnie M.",
				Email: "minnie@mouse.com", EmailVerified: true, Phone: "+41791234567", PhoneVerified: true, Language: "de-CH",
			},
			want: &userv2.UpdateHumanUserRequest{
				Username: text("minnie"),
				Profile: &userv2.SetHumanProfile{
					GivenName: "Minnie", FamilyName: "Mouse", NickName: text("M"), DisplayName: text("Minnie M."), PreferredLanguage: text("de-CH"),
				},
				Email: &userv2.SetHumanEmail{Email: "minnie@mouse.com", Verification: &userv2.SetHumanEmail_IsVerified{IsVerified: true}},
				Phone: &userv2.SetHumanPhone{Phone: "+41791234567", Verification: &userv2.SetHumanPhone_IsVerified{IsVerified: true}},
			},
			update: &userv2.UpdateUserRequest_Human{Profile: &userv2.UpdateUserRequest_Human_Profile{
				GivenName: text("Minnie"), FamilyName: text("Mouse"), NickName: text("M"), DisplayName: text("Minnie M."), PreferredLanguage: text("de-CH"),
			}},
		},
		"nothing": {
			told: &eventv1.IntentInformation{ExternalId: "e"}, want: &userv2.UpdateHumanUserRequest{},
			update: &userv2.UpdateUserRequest_Human{Profile: &userv2.UpdateUserRequest_Human_Profile{}},
		},
		"one name, and addresses that are not proven": {
			told: &eventv1.IntentInformation{ExternalId: "e", GivenName: "Minnie", Email: "minnie@mouse.com", Phone: "+41791234567"},
			want: &userv2.UpdateHumanUserRequest{
				Email: &userv2.SetHumanEmail{Email: "minnie@mouse.com", Verification: &userv2.SetHumanEmail_SendCode{SendCode: &userv2.SendEmailVerificationCode{}}},
				Phone: &userv2.SetHumanPhone{Phone: "+41791234567", Verification: &userv2.SetHumanPhone_SendCode{SendCode: &userv2.SendPhoneVerificationCode{}}},
			},
			update: &userv2.UpdateUserRequest_Human{Profile: &userv2.UpdateUserRequest_Human_Profile{GivenName: text("Minnie")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.UserId, test.update.Email, test.update.Phone = "minnie", test.want.Email, test.want.Phone
			got := proposedChange(&intent.Outcome{UserID: "minnie", Information: test.told})
			if !proto.Equal(got, test.want) {
				t.Errorf("proposed %v, want %v", got, test.want)
			}
			update := proposedUpdate(got, test.told)
			want := &userv2.UpdateUserRequest{
				UserId: "minnie", Username: test.want.Username, UserType: &userv2.UpdateUserRequest_Human_{Human: test.update},
			}
			if !proto.Equal(update, want) {
				t.Errorf("proposed %v, want %v", update, want)
			}
			for _, request := range []proto.Message{got, update} {
				if err := rules.Validate(request); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
