package settingsservice

import (
	"slices"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// shownLogin writes a login policy for a reader.
func shownLogin(h held[*policy.Login]) *settingsv2.LoginSettings {
	p := h.policy
	m := &settingsv2.LoginSettings{
		AllowUsernamePassword: p.GetPassword(), AllowRegister: p.GetRegister(), AllowExternalIdp: p.GetExternalProvider(),
		AllowLocalAuthentication: p.GetPassword() || p.GetPasskey(), ForceMfa: p.GetForceMfa(), ForceMfaLocalOnly: p.GetForceMfaLocalOnly(),
		HidePasswordReset: p.GetHidePasswordReset(), IgnoreUnknownUsernames: p.GetIgnoreUnknownUsernames(),
		DefaultRedirectUri: p.GetDefaultRedirectUri(), AllowDomainDiscovery: p.GetDomainDiscovery(),
		DisableLoginWithEmail: p.GetDisableLoginWithEmail(), DisableLoginWithPhone: p.GetDisableLoginWithPhone(),
		PasswordCheckLifetime: p.GetPasswordCheckLifetime(), ExternalLoginCheckLifetime: p.GetExternalLoginCheckLifetime(),
		MfaInitSkipLifetime: p.GetMfaInitSkipLifetime(), SecondFactorCheckLifetime: p.GetSecondFactorCheckLifetime(),
		MultiFactorCheckLifetime: p.GetMultiFactorCheckLifetime(), ResourceOwnerType: h.owner,
	}
	if p.GetPasskey() {
		m.PasskeysType = settingsv2.PasskeysType_PASSKEYS_TYPE_ALLOWED
	}
	for _, f := range p.GetSecondFactors() {
		m.SecondFactors = append(m.SecondFactors, shownFactor(f))
	}
	if p.GetPasskeyAsMultiFactor() {
		m.MultiFactors = append(m.MultiFactors, settingsv2.MultiFactorType_MULTI_FACTOR_TYPE_U2F_WITH_VERIFICATION)
	}
	return m
}

// keptLogin reads a login policy. Whether users are known here at all follows from passwords and passkeys.
func keptLogin(m *settingsv2.LoginSettings) *policy.Login {
	p := &policy.Login{
		Password: m.GetAllowUsernamePassword(), Register: m.GetAllowRegister(), ExternalProvider: m.GetAllowExternalIdp(),
		Passkey: m.GetPasskeysType() == settingsv2.PasskeysType_PASSKEYS_TYPE_ALLOWED, ForceMfa: m.GetForceMfa(),
		ForceMfaLocalOnly: m.GetForceMfaLocalOnly(), HidePasswordReset: m.GetHidePasswordReset(),
		IgnoreUnknownUsernames: m.GetIgnoreUnknownUsernames(), DefaultRedirectUri: m.GetDefaultRedirectUri(),
		PasswordCheckLifetime: m.GetPasswordCheckLifetime(), ExternalLoginCheckLifetime: m.GetExternalLoginCheckLifetime(),
		MfaInitSkipLifetime: m.GetMfaInitSkipLifetime(), SecondFactorCheckLifetime: m.GetSecondFactorCheckLifetime(),
		MultiFactorCheckLifetime: m.GetMultiFactorCheckLifetime(), DomainDiscovery: m.GetAllowDomainDiscovery(),
		DisableLoginWithEmail: m.GetDisableLoginWithEmail(), DisableLoginWithPhone: m.GetDisableLoginWithPhone(),
		PasskeyAsMultiFactor: slices.Contains(m.GetMultiFactors(), settingsv2.MultiFactorType_MULTI_FACTOR_TYPE_U2F_WITH_VERIFICATION),
	}
	for _, f := range m.GetSecondFactors() {
		p.SecondFactors = append(p.SecondFactors, keptFactor(f))
	}
	return p
}

func shownFactor(f eventv1.LoginFactor) settingsv2.SecondFactorType {
	switch f {
	case eventv1.LoginFactor_LOGIN_FACTOR_TOTP:
		return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_TOTP
	case eventv1.LoginFactor_LOGIN_FACTOR_U2F:
		return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_U2F
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL:
		return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_OTP_EMAIL
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS:
		return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_OTP_SMS
	case eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES:
		return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_RECOVERY_CODES
	}
	return settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_UNSPECIFIED
}

// keptFactor leaves what it does not know unspecified, which is refused.
func keptFactor(f settingsv2.SecondFactorType) eventv1.LoginFactor {
	switch f {
	case settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_TOTP:
		return eventv1.LoginFactor_LOGIN_FACTOR_TOTP
	case settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_U2F:
		return eventv1.LoginFactor_LOGIN_FACTOR_U2F
	case settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_OTP_EMAIL:
		return eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL
	case settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_OTP_SMS:
		return eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS
	case settingsv2.SecondFactorType_SECOND_FACTOR_TYPE_RECOVERY_CODES:
		return eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES
	}
	return eventv1.LoginFactor_LOGIN_FACTOR_UNSPECIFIED
}
