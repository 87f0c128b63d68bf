package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetLegalAndSupportSettings says where legal texts and support are.
func (s *Service) SetLegalAndSupportSettings(ctx context.Context, r *settingsv2.SetLegalAndSupportSettingsRequest) (*settingsv2.SetLegalAndSupportSettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.Privacy{
		TosLink: m.GetTosLink(), PrivacyLink: m.GetPrivacyPolicyLink(), HelpLink: m.GetHelpLink(), SupportEmail: m.GetSupportEmail(),
		DocsLink: m.GetDocsLink(), CustomLink: m.GetCustomLink(), CustomLinkText: m.GetCustomLinkText(),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetLegalAndSupportSettingsResponse{Details: details}, nil
}
