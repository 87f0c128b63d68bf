package settingsservice

import (
	"context"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetSecuritySettings returns who may show pages in a frame, and whether users may be impersonated.
func (s *Service) GetSecuritySettings(ctx context.Context, _ *settingsv2.GetSecuritySettingsRequest) (*settingsv2.GetSecuritySettingsResponse, error) {
	h, err := read[*policy.Security](ctx, s, &objectv2.RequestContext{ResourceOwner: &objectv2.RequestContext_Instance{Instance: true}})
	if err != nil {
		return nil, err
	}
	return &settingsv2.GetSecuritySettingsResponse{Details: h.details, Settings: &settingsv2.SecuritySettings{
		EmbeddedIframe: &settingsv2.EmbeddedIframeSettings{
			Enabled: h.policy.GetEmbeddedIframe(), AllowedOrigins: h.policy.GetAllowedOrigins(),
		},
		EnableImpersonation: h.policy.GetImpersonation(),
	}}, nil
}
