package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/policy"
)

// GetMyPrivacyPolicy returns where the caller's organization has its legal texts and its help.
func (s *Service) GetMyPrivacyPolicy(
	ctx context.Context, _ *authv1.GetMyPrivacyPolicyRequest,
) (*authv1.GetMyPrivacyPolicyResponse, error) {
	found, details, err := effective[*policy.Privacy](ctx, s)
	if err != nil {
		return nil, err
	}
	p := found.Policy
	return &authv1.GetMyPrivacyPolicyResponse{Policy: &authv1.PrivacyPolicy{
		Details: details, IsDefault: found.Organization == "",
		TosLink: p.GetTosLink(), PrivacyLink: p.GetPrivacyLink(), HelpLink: p.GetHelpLink(), SupportEmail: p.GetSupportEmail(),
		DocsLink: p.GetDocsLink(), CustomLink: p.GetCustomLink(), CustomLinkText: p.GetCustomLinkText(),
	}}, nil
}
