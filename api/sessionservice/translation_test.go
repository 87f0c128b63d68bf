package sessionservice

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/command/permission"
	commands "github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/session"
)

var moment = time.Date(2026, 1, 2, 3, 4, 5, 6_000, time.UTC)

func assertion(fields map[string]*structpb.Value) *sessionv2.CheckWebAuthN {
	return &sessionv2.CheckWebAuthN{CredentialAssertionData: &structpb.Struct{Fields: fields}}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given *sessionv2.Checks
		want  commands.Checks
	}{
		"none":     {nil, commands.Checks{}},
		"user":     {&sessionv2.Checks{User: &sessionv2.CheckUser{Search: &sessionv2.CheckUser_UserId{UserId: "u"}}}, commands.Checks{UserID: "u"}},
		"name":     {&sessionv2.Checks{User: &sessionv2.CheckUser{Search: &sessionv2.CheckUser_LoginName{LoginName: "n"}}}, commands.Checks{LoginName: "n"}},
		"password": {&sessionv2.Checks{Password: &sessionv2.CheckPassword{Password: "p"}}, commands.Checks{Password: "p"}},
		"webauthn": {&sessionv2.Checks{WebAuthN: assertion(map[string]*structpb.Value{"id": structpb.NewStringValue("c")})}, commands.Checks{WebAuthn: []byte(`{"id":"c"}`)}},
		"intent": {
			&sessionv2.Checks{IdpIntent: &sessionv2.CheckIDPIntent{IdpIntentId: "i", IdpIntentToken: "t"}},
			commands.Checks{IntentID: "i", IntentToken: "t"},
		},
		"totp":          {&sessionv2.Checks{Totp: &sessionv2.CheckTOTP{Code: "123456"}}, commands.Checks{TOTP: "123456"}},
		"sms":           {&sessionv2.Checks{OtpSms: &sessionv2.CheckOTP{Code: "1"}}, commands.Checks{OTPSMS: "1"}},
		"email":         {&sessionv2.Checks{OtpEmail: &sessionv2.CheckOTP{Code: "1"}}, commands.Checks{OTPEmail: "1"}},
		"recovery code": {&sessionv2.Checks{RecoveryCode: &sessionv2.CheckRecoveryCode{Code: "1"}}, commands.Checks{RecoveryCode: "1"}},
	} {
		if got, err := checks(c.given); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	unreadable := assertion(map[string]*structpb.Value{"id": structpb.NewNumberValue(math.Inf(1))})
	if _, err := checks(&sessionv2.Checks{WebAuthN: unreadable}); !errors.Is(err, user.ErrUnreadableCredential) {
		t.Errorf("an answer that is no JSON: %v", err)
	}
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	template := "https://example.com/{{.Code}}"
	ask := func(v sessionv2.UserVerificationRequirement) *sessionv2.RequestChallenges {
		return &sessionv2.RequestChallenges{WebAuthN: &sessionv2.RequestChallenges_WebAuthN{Domain: "example.com", UserVerificationRequirement: v}}
	}
	asked := func(v webauthn.UserVerification) commands.Challenges {
		return commands.Challenges{WebAuthn: &commands.WebAuthnChallenge{Domain: "example.com", Verification: v}}
	}
	email := func(e *sessionv2.RequestChallenges_OTPEmail) *sessionv2.RequestChallenges {
		return &sessionv2.RequestChallenges{OtpEmail: e}
	}
	for name, c := range map[string]struct {
		given *sessionv2.RequestChallenges
		want  commands.Challenges
	}{
		"none":        {nil, commands.Challenges{}},
		"required":    {ask(sessionv2.UserVerificationRequirement_USER_VERIFICATION_REQUIREMENT_REQUIRED), asked(webauthn.VerificationRequired)},
		"preferred":   {ask(sessionv2.UserVerificationRequirement_USER_VERIFICATION_REQUIREMENT_PREFERRED), asked(webauthn.VerificationPreferred)},
		"discouraged": {ask(sessionv2.UserVerificationRequirement_USER_VERIFICATION_REQUIREMENT_DISCOURAGED), asked(webauthn.VerificationDiscouraged)},
		"sms":         {&sessionv2.RequestChallenges{OtpSms: &sessionv2.RequestChallenges_OTPSMS{}}, commands.Challenges{OTPSMS: user.Send{}}},
		"sms, back":   {&sessionv2.RequestChallenges{OtpSms: &sessionv2.RequestChallenges_OTPSMS{ReturnCode: true}}, commands.Challenges{OTPSMS: user.Return{}}},
		"email":       {email(&sessionv2.RequestChallenges_OTPEmail{}), commands.Challenges{OTPEmail: user.Send{}}},
		"email, back": {
			email(&sessionv2.RequestChallenges_OTPEmail{DeliveryType: &sessionv2.RequestChallenges_OTPEmail_ReturnCode_{
				ReturnCode: &sessionv2.RequestChallenges_OTPEmail_ReturnCode{},
			}}),
			commands.Challenges{OTPEmail: user.Return{}},
		},
		"email, a link": {
			email(&sessionv2.RequestChallenges_OTPEmail{DeliveryType: &sessionv2.RequestChallenges_OTPEmail_SendCode_{
				SendCode: &sessionv2.RequestChallenges_OTPEmail_SendCode{UrlTemplate: &template},
			}}),
			commands.Challenges{OTPEmail: user.Send{URLTemplate: template}},
		},
	} {
		if got := challenges(c.given); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestChallenged(t *testing.T) {
	t.Parallel()
	options, err := structpb.NewStruct(map[string]any{"publicKey": map[string]any{"timeout": 5}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		given commands.Challenged
		want  *sessionv2.Challenges
	}{
		"nothing": {commands.Challenged{}, nil},
		"codes":   {commands.Challenged{OTPSMS: "1", OTPEmail: "2"}, &sessionv2.Challenges{OtpSms: proto.String("1"), OtpEmail: proto.String("2")}},
		"webauthn": {
			commands.Challenged{WebAuthn: []byte(`{"publicKey":{"timeout":5}}`)},
			&sessionv2.Challenges{WebAuthN: &sessionv2.Challenges_WebAuthN{PublicKeyCredentialRequestOptions: options}},
		},
	} {
		if got, err := challenged(c.given); err != nil || !proto.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	caller := permission.NewCaller(permission.Identity{Tenant: "default", UserID: "me", Organization: "o1"})
	for name, c := range map[string]struct {
		given *sessionv2.SearchQuery
		want  queries.Filter
	}{
		"nothing": {&sessionv2.SearchQuery{}, nil},
		"ids":     {&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_IdsQuery{IdsQuery: &sessionv2.IDsQuery{Ids: []string{"a"}}}}, queries.InIDs{"a"}},
		"user":    {&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_UserIdQuery{UserIdQuery: &sessionv2.UserIDQuery{Id: "u"}}}, queries.OfUser("u")},
		"creator": {
			&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_CreatorQuery{CreatorQuery: &sessionv2.CreatorQuery{Id: proto.String("c")}}},
			queries.BegunBy("c"),
		},
		"oneself": {&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_CreatorQuery{CreatorQuery: &sessionv2.CreatorQuery{}}}, queries.BegunBy("me")},
		"agent": {
			&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_UserAgentQuery{UserAgentQuery: &sessionv2.UserAgentQuery{FingerprintId: proto.String("f")}}},
			queries.OfAgent("f"),
		},
		"created": {
			&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_CreationDateQuery{CreationDateQuery: &sessionv2.CreationDateQuery{
				CreationDate: timestamppb.New(moment), Method: sessionv2.TimestampQueryMethod_TIMESTAMP_QUERY_METHOD_GREATER_OR_EQUALS,
			}}},
			queries.Created{Is: query.AtOrAfter, At: moment},
		},
		"created, never": {&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_CreationDateQuery{CreationDateQuery: &sessionv2.CreationDateQuery{}}}, nil},
		"expires": {
			&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_ExpirationDateQuery{ExpirationDateQuery: &sessionv2.ExpirationDateQuery{
				ExpirationDate: timestamppb.New(moment), Method: sessionv2.TimestampQueryMethod_TIMESTAMP_QUERY_METHOD_LESS,
			}}},
			queries.Expires{Is: query.Before, At: moment},
		},
		"expires, never": {&sessionv2.SearchQuery{Query: &sessionv2.SearchQuery_ExpirationDateQuery{ExpirationDateQuery: &sessionv2.ExpirationDateQuery{}}}, nil},
	} {
		if got := filters(caller, []*sessionv2.SearchQuery{c.given}); !reflect.DeepEqual(got, []queries.Filter{c.want}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Everything that is known of a session is in its message, and what is not is left out.
func TestMessage(t *testing.T) {
	t.Parallel()
	at := func(hours int) time.Time { return moment.Add(time.Duration(hours) * time.Hour) }
	stamp := func(hours int) *timestamppb.Timestamp { return timestamppb.New(at(hours)) }
	all := queries.Session{
		ID: "s", CreatorID: "app", Version: 7, Position: 70, CreatedAt: at(0), ChangedAt: at(1), ExpiresAt: at(2),
		User: queries.User{ID: "u", Organization: "o", LoginName: "n", DisplayName: "d", CheckedAt: at(3)},
		Factors: queries.Factors{
			Password: at(4), WebAuthn: at(5), UserVerified: true, Intent: at(6), TOTP: at(7), OTPSMS: at(8), OTPEmail: at(9), RecoveryCode: at(10),
		},
		Agent:    queries.Agent{FingerprintID: "f", IP: "192.0.2.7", Description: "b", Headers: map[string][]string{"h": {"1", "2"}}},
		Metadata: map[string][]byte{"k": []byte("v")},
	}
	want := &sessionv2.Session{
		Id: "s", CreationDate: stamp(0), ChangeDate: stamp(1), Sequence: 7, ExpirationDate: stamp(2),
		Factors: &sessionv2.Factors{
			User:         &sessionv2.UserFactor{VerifiedAt: stamp(3), Id: "u", LoginName: "n", DisplayName: "d", OrganizationId: "o"},
			Password:     &sessionv2.PasswordFactor{VerifiedAt: stamp(4)},
			WebAuthN:     &sessionv2.WebAuthNFactor{VerifiedAt: stamp(5), UserVerified: true},
			Intent:       &sessionv2.IntentFactor{VerifiedAt: stamp(6)},
			Totp:         &sessionv2.TOTPFactor{VerifiedAt: stamp(7)},
			OtpSms:       &sessionv2.OTPFactor{VerifiedAt: stamp(8)},
			OtpEmail:     &sessionv2.OTPFactor{VerifiedAt: stamp(9)},
			RecoveryCode: &sessionv2.RecoveryCodeFactor{VerifiedAt: stamp(10)},
		},
		UserAgent: &sessionv2.UserAgent{
			FingerprintId: proto.String("f"), Ip: proto.String("192.0.2.7"), Description: proto.String("b"),
			Header: map[string]*sessionv2.UserAgent_HeaderValues{"h": {Values: []string{"1", "2"}}},
		},
		Metadata: map[string][]byte{"k": []byte("v")},
	}
	if got := message(&all); !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	bare := queries.Session{ID: "s", Version: 1, CreatedAt: at(0), ChangedAt: at(0)}
	want = &sessionv2.Session{Id: "s", CreationDate: stamp(0), ChangeDate: stamp(0), Sequence: 1, Factors: &sessionv2.Factors{}}
	if got := message(&bare); !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// What the application says of its user's agent comes out as it went in.
func TestAgent(t *testing.T) {
	t.Parallel()
	said := &sessionv2.UserAgent{
		FingerprintId: proto.String("f"), Ip: proto.String("192.0.2.7"), Description: proto.String("b"),
		Header: map[string]*sessionv2.UserAgent_HeaderValues{"h": {Values: []string{"1", "2"}}},
	}
	got := agent(said)
	if back := queries.Agent(got); !proto.Equal(userAgent(&back), said) {
		t.Errorf("%+v", got)
	}
	if got := agent(nil); !reflect.DeepEqual(got, commands.Agent{}) {
		t.Errorf("of nobody: %+v", got)
	}
}
