package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetPasswordComplexitySettings returns what a new password must have.
func (s *Service) GetPasswordComplexitySettings(ctx context.Context, r *settingsv2.GetPasswordComplexitySettingsRequest) (*settingsv2.GetPasswordComplexitySettingsResponse, error) {
	h, err := read[*policy.PasswordComplexity](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetPasswordComplexitySettingsResponse{Details: h.details, Settings: &settingsv2.PasswordComplexitySettings{
		MinLength: uint64(p.GetMinLength()), RequiresUppercase: p.GetUppercase(), RequiresLowercase: p.GetLowercase(),
		RequiresNumber: p.GetNumber(), RequiresSymbol: p.GetSymbol(),
		ResourceOwnerType: h.owner,
	}}, nil
}
