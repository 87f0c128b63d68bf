package session

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/policy"
)

// Policies tells how the users of an organization may sign in. Package policy has them.
type Policies interface {
	Login(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Login], error)
}

// Factors are the kinds of what was proven in a session.
type Factors uint16

const (
	knowsPassword Factors = 1 << iota
	signedInElsewhere
	hasPasskey // and is its user
	hasKey     // a security key, whoever touches it
	hasTOTP
	readsSMS
	readsEmail
	hasRecoveryCode
	isProgram // or stands on a personal access token
)

// factorOf returns the kind of proof that an event is; none for those that are none.
func factorOf(msg proto.Message) Factors {
	switch e := msg.(type) {
	case *eventv1.SessionPasswordChecked:
		return knowsPassword
	case *eventv1.SessionIntentChecked:
		return signedInElsewhere
	case *eventv1.SessionWebAuthnChecked:
		if e.GetUserVerified() {
			return hasPasskey
		}
		return hasKey
	case *eventv1.SessionTOTPChecked:
		return hasTOTP
	case *eventv1.SessionOTPSMSChecked:
		return readsSMS
	case *eventv1.SessionOTPEmailChecked:
		return readsEmail
	case *eventv1.SessionRecoveryCodeChecked:
		return hasRecoveryCode
	case *eventv1.SessionSecretChecked, *eventv1.SessionTokenChecked:
		return isProgram
	}
	return 0
}

// Enough reports whether what was proven lets somebody in under a login policy: one proof, or two where second factors are
// forced. Factors that the policy does not allow do not count then; a passkey counts for two if the policy says so. Programs and
// personal access tokens have one factor by nature, and are not asked.
func (f Factors) Enough(p *policy.Login) bool {
	switch {
	case f&isProgram != 0, !p.GetForceMfa() && !p.GetForceMfaLocalOnly():
		return true
	case !p.GetForceMfa() && f&knowsPassword == 0 && f&signedInElsewhere != 0:
		return true
	case f&hasPasskey != 0 && p.GetPasskey() && p.GetPasskeyAsMultiFactor():
		return true
	}
	proofs := 0
	for _, first := range [...]Factors{knowsPassword, signedInElsewhere} {
		if f&first != 0 {
			proofs++
		}
	}
	if f&hasPasskey != 0 && p.GetPasskey() {
		proofs++
	}
	for factor, named := range secondFactors() {
		if f&factor != 0 && slices.Contains(p.GetSecondFactors(), named) {
			proofs++
		}
	}
	return proofs >= 2
}

func secondFactors() map[Factors]eventv1.LoginFactor {
	return map[Factors]eventv1.LoginFactor{
		hasKey:          eventv1.LoginFactor_LOGIN_FACTOR_U2F,
		hasTOTP:         eventv1.LoginFactor_LOGIN_FACTOR_TOTP,
		readsSMS:        eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS,
		readsEmail:      eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL,
		hasRecoveryCode: eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES,
	}
}
