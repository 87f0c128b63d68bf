package authservice

import (
	"context"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/policy"
)

// GetMyPasswordComplexityPolicy returns what a password of the caller must have.
func (s *Service) GetMyPasswordComplexityPolicy(
	ctx context.Context, _ *authv1.GetMyPasswordComplexityPolicyRequest,
) (*authv1.GetMyPasswordComplexityPolicyResponse, error) {
	found, details, err := effective[*policy.PasswordComplexity](ctx, s)
	if err != nil {
		return nil, err
	}
	p := found.Policy
	return &authv1.GetMyPasswordComplexityPolicyResponse{Policy: &authv1.PasswordComplexityPolicy{
		Details: details, IsDefault: found.Organization == "", MinLength: uint64(p.GetMinLength()),
		HasUppercase: p.GetUppercase(), HasLowercase: p.GetLowercase(), HasNumber: p.GetNumber(), HasSymbol: p.GetSymbol(),
	}}, nil
}
