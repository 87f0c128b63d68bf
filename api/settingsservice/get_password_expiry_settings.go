package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetPasswordExpirySettings returns for how long a password signs its user in.
func (s *Service) GetPasswordExpirySettings(ctx context.Context, r *settingsv2.GetPasswordExpirySettingsRequest) (*settingsv2.GetPasswordExpirySettingsResponse, error) {
	h, err := read[*policy.PasswordAge](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetPasswordExpirySettingsResponse{Details: h.details, Settings: &settingsv2.PasswordExpirySettings{
		MaxAgeDays: uint64(p.GetMaxAgeDays()), ExpireWarnDays: uint64(p.GetWarnDays()),
		ResourceOwnerType: h.owner,
	}}, nil
}
