package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// ListMyZitadelFeatures returns what this installation can do, by the names that clients of this API know. Nothing of it is sold
// apart, so that all of it is switched on for every organization.
func (s *Service) ListMyZitadelFeatures(
	context.Context, *authv1.ListMyZitadelFeaturesRequest,
) (*authv1.ListMyZitadelFeaturesResponse, error) {
	return &authv1.ListMyZitadelFeaturesResponse{Result: []string{
		"label_policy.private_label", "lockout_policy", "login_policy.factors", "login_policy.idp", "login_policy.password_reset",
		"login_policy.passwordless", "login_policy.registration", "login_policy.username_login", "metadata.user",
		"password_complexity_policy", "privacy_policy",
	}}, nil
}
