package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
)

// SetBrandingSettings says how pages look.
func (s *Service) SetBrandingSettings(ctx context.Context, r *settingsv2.SetBrandingSettingsRequest) (*settingsv2.SetBrandingSettingsResponse, error) {
	details, err := s.set(ctx, r.GetCtx(), keptBranding(r.GetSettings()))
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetBrandingSettingsResponse{Details: details}, nil
}
