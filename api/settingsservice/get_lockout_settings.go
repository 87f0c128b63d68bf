package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetLockoutSettings returns after how many wrong answers a user is locked.
func (s *Service) GetLockoutSettings(ctx context.Context, r *settingsv2.GetLockoutSettingsRequest) (*settingsv2.GetLockoutSettingsResponse, error) {
	h, err := read[*policy.Lockout](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetLockoutSettingsResponse{Details: h.details, Settings: &settingsv2.LockoutSettings{
		MaxPasswordAttempts: uint64(p.GetPasswordAttempts()), MaxOtpAttempts: uint64(p.GetOtpAttempts()),
		ResourceOwnerType: h.owner,
	}}, nil
}
