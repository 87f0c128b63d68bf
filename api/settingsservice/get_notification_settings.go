package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// GetNotificationSettings returns what people are told of without having asked.
func (s *Service) GetNotificationSettings(ctx context.Context, r *settingsv2.GetNotificationSettingsRequest) (*settingsv2.GetNotificationSettingsResponse, error) {
	h, err := read[*policy.Notification](ctx, s, r.GetCtx())
	if err != nil {
		return nil, err
	}
	p := h.policy
	return &settingsv2.GetNotificationSettingsResponse{Details: h.details, Settings: &settingsv2.NotificationSettings{
		PasswordChange:    p.GetPasswordChange(),
		ResourceOwnerType: h.owner,
	}}, nil
}
