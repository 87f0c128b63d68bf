package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetPasswordComplexitySettings says what a new password must have.
func (s *Service) SetPasswordComplexitySettings(ctx context.Context, r *settingsv2.SetPasswordComplexitySettingsRequest) (*settingsv2.SetPasswordComplexitySettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.PasswordComplexity{
		MinLength: limit(m.GetMinLength()), Uppercase: m.GetRequiresUppercase(), Lowercase: m.GetRequiresLowercase(),
		Number: m.GetRequiresNumber(), Symbol: m.GetRequiresSymbol(),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetPasswordComplexitySettingsResponse{Details: details}, nil
}
