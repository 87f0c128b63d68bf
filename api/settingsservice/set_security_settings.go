package settingsservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetSecuritySettings says who may show pages in a frame, and whether users may be impersonated.
func (s *Service) SetSecuritySettings(ctx context.Context, r *settingsv2.SetSecuritySettingsRequest) (*settingsv2.SetSecuritySettingsResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.policies.Set(ctx, caller, policy.Set{Policy: &policy.Security{
		EmbeddedIframe: r.GetEmbeddedIframe().GetEnabled(), AllowedOrigins: r.GetEmbeddedIframe().GetAllowedOrigins(),
		Impersonation: r.GetEnableImpersonation(),
	}})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetSecuritySettingsResponse{Details: written(ctx, receipt)}, nil
}
