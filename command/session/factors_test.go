package session

import (
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/policy"
)

func TestWhatIsEnough(t *testing.T) {
	t.Parallel()
	const totp, sms = eventv1.LoginFactor_LOGIN_FACTOR_TOTP, eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS
	forced := &policy.Login{ForceMfa: true, Passkey: true, PasskeyAsMultiFactor: true, SecondFactors: []eventv1.LoginFactor{totp}}
	local := &policy.Login{ForceMfaLocalOnly: true, SecondFactors: []eventv1.LoginFactor{totp, sms}}
	single := &policy.Login{ForceMfa: true, Passkey: true, SecondFactors: []eventv1.LoginFactor{eventv1.LoginFactor_LOGIN_FACTOR_U2F}}
	password, intent := &eventv1.SessionPasswordChecked{}, &eventv1.SessionIntentChecked{}
	passkey, key := &eventv1.SessionWebAuthnChecked{UserVerified: true}, &eventv1.SessionWebAuthnChecked{}
	app, text := &eventv1.SessionTOTPChecked{}, &eventv1.SessionOTPSMSChecked{}
	for name, c := range map[string]struct {
		p      *policy.Login
		proofs []proto.Message
		want   bool
	}{
		"nothing is forced":                  {&policy.Login{}, []proto.Message{password}, true},
		"a password":                         {forced, []proto.Message{password}, false},
		"a password twice":                   {forced, []proto.Message{password, password}, false},
		"a password and an app":              {forced, []proto.Message{password, app}, true},
		"a password and what is not allowed": {forced, []proto.Message{password, text}, false},
		"a provider and an app":              {forced, []proto.Message{app, intent}, true},
		"a provider":                         {forced, []proto.Message{intent}, false},
		"a provider, forced for passwords":   {local, []proto.Message{intent}, true},
		"both, forced for passwords":         {local, []proto.Message{intent, password}, true},
		"a password, forced for passwords":   {local, []proto.Message{password}, false},
		"a provider's user, by an app only":  {local, []proto.Message{app}, false},
		"a passkey":                          {forced, []proto.Message{passkey}, true},
		"a passkey that counts for one":      {single, []proto.Message{passkey}, false},
		"and a password":                     {single, []proto.Message{passkey, password}, true},
		"a passkey that is not allowed":      {local, []proto.Message{passkey, password}, false},
		"a security key":                     {single, []proto.Message{key}, false},
		"a security key and a password":      {single, []proto.Message{key, password}, true},
		"one that is not allowed":            {forced, []proto.Message{key, password}, false},
		"a program":                          {forced, []proto.Message{&eventv1.SessionSecretChecked{}}, true},
		"a personal access token":            {forced, []proto.Message{&eventv1.SessionTokenChecked{TokenId: "t"}}, true},
		"a name":                             {forced, []proto.Message{&eventv1.SessionUserChecked{}}, false},
	} {
		s := folded(State{}, append([]proto.Message{&eventv1.SessionAdded{}}, c.proofs...)...)
		if got := s.Factors.Enough(c.p); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
		if ended := folded(s, &eventv1.SessionEnded{}); ended.Factors != 0 {
			t.Errorf("%s: an ended session has %b", name, ended.Factors)
		}
	}
}
