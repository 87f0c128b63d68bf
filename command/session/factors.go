package session

import (
	"context"
	"math/bits"

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
// forced. Only factors that the policy allows count; a passkey counts for two if the policy says so. Programs and personal
// access tokens have one factor by nature, and are not asked.
func (f Factors) Enough(p *policy.Login) bool {
	counting := f.allowed(p)
	switch {
	case f&isProgram != 0:
		return true
	case !p.GetForceMfa() && !p.GetForceMfaLocalOnly():
		return counting != 0
	case !p.GetForceMfa() && counting&knowsPassword == 0 && counting&signedInElsewhere != 0:
		return true
	case counting&hasPasskey != 0 && p.GetPasskeyAsMultiFactor():
		return true
	}
	return bits.OnesCount16(uint16(counting)) >= 2
}

// allowed are the proofs that a login policy lets count.
func (f Factors) allowed(p *policy.Login) Factors {
	var allowed Factors
	if p.GetPassword() {
		allowed |= knowsPassword
	}
	if p.GetExternalProvider() {
		allowed |= signedInElsewhere
	}
	if p.GetPasskey() {
		allowed |= hasPasskey
	}
	for _, second := range p.GetSecondFactors() {
		allowed |= secondFactor(second)
	}
	return f & allowed
}

func secondFactor(named eventv1.LoginFactor) Factors {
	switch named {
	case eventv1.LoginFactor_LOGIN_FACTOR_U2F:
		return hasKey
	case eventv1.LoginFactor_LOGIN_FACTOR_TOTP:
		return hasTOTP
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS:
		return readsSMS
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL:
		return readsEmail
	case eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES:
		return hasRecoveryCode
	}
	return 0
}
