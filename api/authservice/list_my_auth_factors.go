package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	queries "github.com/signet-iam/signet/query/user"
)

// ListMyAuthFactors returns the second factors that the caller can use.
func (s *Service) ListMyAuthFactors(
	ctx context.Context, _ *authv1.ListMyAuthFactorsRequest,
) (*authv1.ListMyAuthFactorsResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Factors(ctx, c.Caller, c.Caller.SubjectID(), queries.FactorFilter{}, c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &authv1.ListMyAuthFactorsResponse{}
	for i := range found.Factors {
		answer.Result = append(answer.Result, factor(&found.Factors[i]))
	}
	return answer, nil
}

func factor(f *queries.Factor) *authv1.AuthFactor {
	message := &authv1.AuthFactor{State: authv1.AuthFactorState(f.State)}
	switch f.Type {
	case queries.FactorTOTP:
		message.Type = &authv1.AuthFactor_Otp{Otp: &authv1.AuthFactorOTP{}}
	case queries.FactorOTPSMS:
		message.Type = &authv1.AuthFactor_OtpSms{OtpSms: &authv1.AuthFactorOTPSMS{}}
	case queries.FactorOTPEmail:
		message.Type = &authv1.AuthFactor_OtpEmail{OtpEmail: &authv1.AuthFactorOTPEmail{}}
	case queries.FactorU2F:
		message.Type = &authv1.AuthFactor_U2F{U2F: &authv1.AuthFactorU2F{Id: f.ID, Name: f.Name}}
	}
	return message
}
