package settingsservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetGeneralSettings returns the default organization and the languages of the instance.
func (s *Service) GetGeneralSettings(ctx context.Context, _ *settingsv2.GetGeneralSettingsRequest) (*settingsv2.GetGeneralSettingsResponse, error) {
	c := call.From(ctx)
	found, err := policy.Read[*policy.Language](ctx, s.policies, c.Caller, "")
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	organization, err := s.defaults.DefaultOrganization(ctx, c.Caller.TenantID())
	if err != nil {
		return nil, err
	}
	answer := &settingsv2.GetGeneralSettingsResponse{
		DefaultOrgId: organization, DefaultOrganizationId: organization, DefaultLanguage: found.Policy.GetDefaultLanguage(),
		SupportedLanguages: s.policies.Languages(), AllowedLanguages: found.Policy.GetAllowedLanguages(),
	}
	if len(answer.GetAllowedLanguages()) == 0 {
		answer.AllowedLanguages = answer.GetSupportedLanguages()
	}
	return answer, nil
}
