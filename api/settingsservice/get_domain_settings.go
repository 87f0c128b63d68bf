package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetDomainSettings returns what domains mean for the names of users.
func (s *Service) GetDomainSettings(ctx context.Context, r *settingsv2.GetDomainSettingsRequest) (*settingsv2.GetDomainSettingsResponse, error) {
	h, err := read[*policy.Domain](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetDomainSettingsResponse{Details: h.details, Settings: &settingsv2.DomainSettings{
		LoginNameIncludesDomain: p.GetLoginNameIncludesDomain(), RequireOrgDomainVerification: p.GetRequireVerification(),
		SmtpSenderAddressMatchesInstanceDomain: p.GetSmtpSenderMatchesDomain(),
		ResourceOwnerType:                      h.owner,
	}}, nil
}
