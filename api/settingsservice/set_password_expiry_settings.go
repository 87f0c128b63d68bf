package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetPasswordExpirySettings says for how long a password signs its user in.
func (s *Service) SetPasswordExpirySettings(ctx context.Context, r *settingsv2.SetPasswordExpirySettingsRequest) (*settingsv2.SetPasswordExpirySettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.PasswordAge{
		MaxAgeDays: limit(m.GetMaxAgeDays()), WarnDays: limit(m.GetExpireWarnDays()),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetPasswordExpirySettingsResponse{Details: details}, nil
}
