package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
)

// SetLoginSettings says how people may sign in.
func (s *Service) SetLoginSettings(ctx context.Context, r *settingsv2.SetLoginSettingsRequest) (*settingsv2.SetLoginSettingsResponse, error) {
	details, err := s.set(ctx, r.GetCtx(), keptLogin(r.GetSettings()))
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetLoginSettingsResponse{Details: details}, nil
}
