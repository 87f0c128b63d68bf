package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetLockoutSettings says after how many wrong answers a user is locked.
func (s *Service) SetLockoutSettings(ctx context.Context, r *settingsv2.SetLockoutSettingsRequest) (*settingsv2.SetLockoutSettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.Lockout{
		PasswordAttempts: limit(m.GetMaxPasswordAttempts()), OtpAttempts: limit(m.GetMaxOtpAttempts()),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetLockoutSettingsResponse{Details: details}, nil
}
