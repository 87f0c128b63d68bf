package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetLegalAndSupportSettings returns where legal texts and support are.
func (s *Service) GetLegalAndSupportSettings(ctx context.Context, r *settingsv2.GetLegalAndSupportSettingsRequest) (*settingsv2.GetLegalAndSupportSettingsResponse, error) {
	h, err := read[*policy.Privacy](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetLegalAndSupportSettingsResponse{Details: h.details, Settings: &settingsv2.LegalAndSupportSettings{
		TosLink: p.GetTosLink(), PrivacyPolicyLink: p.GetPrivacyLink(), HelpLink: p.GetHelpLink(), SupportEmail: p.GetSupportEmail(),
		DocsLink: p.GetDocsLink(), CustomLink: p.GetCustomLink(), CustomLinkText: p.GetCustomLinkText(),
		ResourceOwnerType: h.owner,
	}}, nil
}
