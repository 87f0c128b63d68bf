package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetDomainSettings says what domains mean for the names of users.
func (s *Service) SetDomainSettings(ctx context.Context, r *settingsv2.SetDomainSettingsRequest) (*settingsv2.SetDomainSettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.Domain{
		LoginNameIncludesDomain: m.GetLoginNameIncludesDomain(), RequireVerification: m.GetRequireOrgDomainVerification(),
		SmtpSenderMatchesDomain: m.GetSmtpSenderAddressMatchesInstanceDomain(),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetDomainSettingsResponse{Details: details}, nil
}
