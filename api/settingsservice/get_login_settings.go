package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetLoginSettings returns how people may sign in.
func (s *Service) GetLoginSettings(ctx context.Context, r *settingsv2.GetLoginSettingsRequest) (*settingsv2.GetLoginSettingsResponse, error) {
	h, err := read[*policy.Login](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	return &settingsv2.GetLoginSettingsResponse{Details: h.details, Settings: shownLogin(h)}, nil
}
