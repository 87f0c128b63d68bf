package settingsservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
)

// ResetSettings gives an organization the instance's settings again.
func (s *Service) ResetSettings(ctx context.Context, r *settingsv2.ResetSettingsRequest) (*settingsv2.ResetSettingsResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.policies.Reset(ctx, caller, r.GetOrganizationId(), kind(r.GetKind()))
	if err != nil {
		return nil, err
	}
	return &settingsv2.ResetSettingsResponse{Details: written(ctx, receipt)}, nil
}

// kind leaves what it does not know unspecified, which is refused.
func kind(k settingsv2.SettingsKind) eventv1.PolicyKind {
	switch k {
	case settingsv2.SettingsKind_SETTINGS_KIND_LOGIN:
		return eventv1.PolicyKind_POLICY_KIND_LOGIN
	case settingsv2.SettingsKind_SETTINGS_KIND_PASSWORD_COMPLEXITY:
		return eventv1.PolicyKind_POLICY_KIND_PASSWORD_COMPLEXITY
	case settingsv2.SettingsKind_SETTINGS_KIND_PASSWORD_EXPIRY:
		return eventv1.PolicyKind_POLICY_KIND_PASSWORD_AGE
	case settingsv2.SettingsKind_SETTINGS_KIND_BRANDING:
		return eventv1.PolicyKind_POLICY_KIND_BRANDING
	case settingsv2.SettingsKind_SETTINGS_KIND_DOMAIN:
		return eventv1.PolicyKind_POLICY_KIND_DOMAIN
	case settingsv2.SettingsKind_SETTINGS_KIND_LEGAL_AND_SUPPORT:
		return eventv1.PolicyKind_POLICY_KIND_PRIVACY
	case settingsv2.SettingsKind_SETTINGS_KIND_LOCKOUT:
		return eventv1.PolicyKind_POLICY_KIND_LOCKOUT
	case settingsv2.SettingsKind_SETTINGS_KIND_NOTIFICATION:
		return eventv1.PolicyKind_POLICY_KIND_NOTIFICATION
	}
	return eventv1.PolicyKind_POLICY_KIND_UNSPECIFIED
}
