package settingsservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetGeneralSettings says which languages messages are in.
func (s *Service) SetGeneralSettings(ctx context.Context, r *settingsv2.SetGeneralSettingsRequest) (*settingsv2.SetGeneralSettingsResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.policies.Set(ctx, caller, policy.Set{Policy: &policy.Language{
		DefaultLanguage: r.GetDefaultLanguage(), AllowedLanguages: r.GetAllowedLanguages(),
	}})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetGeneralSettingsResponse{Details: written(ctx, receipt)}, nil
}
