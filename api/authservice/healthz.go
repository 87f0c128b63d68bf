package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// Healthz answers whoever asks that the node serves.
func (s *Service) Healthz(context.Context, *authv1.HealthzRequest) (*authv1.HealthzResponse, error) {
	return &authv1.HealthzResponse{}, nil
}
