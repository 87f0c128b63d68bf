package settingsservice

import (
	"context"

	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/command/policy"
)

// SetNotificationSettings says what people are told of without having asked.
func (s *Service) SetNotificationSettings(ctx context.Context, r *settingsv2.SetNotificationSettingsRequest) (*settingsv2.SetNotificationSettingsResponse, error) {
	m := r.GetSettings()
	details, err := s.set(ctx, r.GetCtx(), &policy.Notification{
		PasswordChange: m.GetPasswordChange(),
	})
	if err != nil {
		return nil, err
	}
	return &settingsv2.SetNotificationSettingsResponse{Details: details}, nil
}
