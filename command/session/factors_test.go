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
	with := func(p *policy.Login, second ...eventv1.LoginFactor) *policy.Login {
		p.Password, p.ExternalProvider, p.SecondFactors = true, true, second
		return p
	}
	forced := with(&policy.Login{ForceMfa: true, Passkey: true, PasskeyAsMultiFactor: true}, totp)
	local := with(&policy.Login{ForceMfaLocalOnly: true}, totp, sms)
	single := with(&policy.Login{ForceMfa: true, Passkey: true}, eventv1.LoginFactor_LOGIN_FACTOR_U2F)
	passkeys := &policy.Login{Passkey: true, SecondFactors: []eventv1.LoginFactor{totp}}
	forcedPasskeys := &policy.Login{Passkey: true, ForceMfa: true, SecondFactors: []eventv1.LoginFactor{totp}}
	password, intent := &eventv1.SessionPasswordChecked{}, &eventv1.SessionIntentChecked{}
	passkey, key := &eventv1.SessionWebAuthnChecked{UserVerified: true}, &eventv1.SessionWebAuthnChecked{}
	app, text := &eventv1.SessionTOTPChecked{}, &eventv1.SessionOTPSMSChecked{}
	for name, c := range map[string]struct {
		p      *policy.Login
		proofs []proto.Message
		want   bool
	}{
		"nothing is forced":                  {with(&policy.Login{}), []proto.Message{password}, true},
		"a passkey where passwords are off":  {passkeys, []proto.Message{passkey}, true},
		"a password where they are off":      {passkeys, []proto.Message{password}, false},
		"it and a passkey":                   {passkeys, []proto.Message{password, passkey}, true},
		"it and a passkey, both asked for":   {forcedPasskeys, []proto.Message{password, passkey}, false},
		"it and an app, both asked for":      {forcedPasskeys, []proto.Message{password, app}, false},
		"a provider where they are off":      {passkeys, []proto.Message{intent}, false},
		"an app alone":                       {passkeys, []proto.Message{app}, true},
		"a message alone that is off":        {passkeys, []proto.Message{text}, false},
		"nothing allowed, by a program":      {&policy.Login{}, []proto.Message{&eventv1.SessionSecretChecked{}}, true},
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
