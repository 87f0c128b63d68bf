package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetBrandingSettings returns how pages look.
func (s *Service) GetBrandingSettings(ctx context.Context, r *settingsv2.GetBrandingSettingsRequest) (*settingsv2.GetBrandingSettingsResponse, error) {
	h, err := read[*policy.Branding](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	return &settingsv2.GetBrandingSettingsResponse{Details: h.details, Settings: shownBranding(h)}, nil
}
