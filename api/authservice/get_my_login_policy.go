package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/policy"
)

// GetMyLoginPolicy returns how the caller may sign in. Which providers there are is another question: GetActiveIdentityProviders of
// the settings answers it.
func (s *Service) GetMyLoginPolicy(
	ctx context.Context, _ *authv1.GetMyLoginPolicyRequest,
) (*authv1.GetMyLoginPolicyResponse, error) {
	found, details, err := effective[*policy.Login](ctx, s)
	if err != nil {
		return nil, err
	}
	message := loginPolicy(found.Policy)
	message.Details, message.IsDefault = details, found.Organization == ""
	return &authv1.GetMyLoginPolicyResponse{Policy: message}, nil
}

func loginPolicy(p *policy.Login) *authv1.LoginPolicy {
	message := &authv1.LoginPolicy{
		AllowUsernamePassword: p.GetPassword(), AllowRegister: p.GetRegister(), AllowExternalIdp: p.GetExternalProvider(),
		ForceMfa: p.GetForceMfa(), ForceMfaLocalOnly: p.GetForceMfaLocalOnly(),
		HidePasswordReset: p.GetHidePasswordReset(), IgnoreUnknownUsernames: p.GetIgnoreUnknownUsernames(),
		DefaultRedirectUri: p.GetDefaultRedirectUri(), AllowDomainDiscovery: p.GetDomainDiscovery(),
		DisableLoginWithEmail: p.GetDisableLoginWithEmail(), DisableLoginWithPhone: p.GetDisableLoginWithPhone(),
		PasswordCheckLifetime: p.GetPasswordCheckLifetime(), ExternalLoginCheckLifetime: p.GetExternalLoginCheckLifetime(),
		MfaInitSkipLifetime: p.GetMfaInitSkipLifetime(), SecondFactorCheckLifetime: p.GetSecondFactorCheckLifetime(),
		MultiFactorCheckLifetime: p.GetMultiFactorCheckLifetime(),
	}
	if p.GetPasskey() {
		message.PasswordlessType = authv1.PasswordlessType_PASSWORDLESS_TYPE_ALLOWED
	}
	for _, f := range p.GetSecondFactors() {
		message.SecondFactors = append(message.SecondFactors, secondFactor(f))
	}
	if p.GetPasskeyAsMultiFactor() {
		message.MultiFactors = []authv1.MultiFactorType{authv1.MultiFactorType_MULTI_FACTOR_TYPE_U2F_WITH_VERIFICATION}
	}
	return message
}

func secondFactor(f eventv1.LoginFactor) authv1.SecondFactorType {
	switch f {
	case eventv1.LoginFactor_LOGIN_FACTOR_TOTP:
		return authv1.SecondFactorType_SECOND_FACTOR_TYPE_OTP
	case eventv1.LoginFactor_LOGIN_FACTOR_U2F:
		return authv1.SecondFactorType_SECOND_FACTOR_TYPE_U2F
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_EMAIL:
		return authv1.SecondFactorType_SECOND_FACTOR_TYPE_OTP_EMAIL
	case eventv1.LoginFactor_LOGIN_FACTOR_OTP_SMS:
		return authv1.SecondFactorType_SECOND_FACTOR_TYPE_OTP_SMS
	case eventv1.LoginFactor_LOGIN_FACTOR_RECOVERY_CODES:
		return authv1.SecondFactorType_SECOND_FACTOR_TYPE_RECOVERY_CODES
	}
	return authv1.SecondFactorType_SECOND_FACTOR_TYPE_UNSPECIFIED
}
