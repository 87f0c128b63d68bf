package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	queries "github.com/signet-iam/signet/query/user"
)

// ListAuthenticationFactors returns the second factors of a user.
func (s *Service) ListAuthenticationFactors(
	ctx context.Context, r *userv2.ListAuthenticationFactorsRequest,
) (*userv2.ListAuthenticationFactorsResponse, error) {
	c := call.From(ctx)
	var filter queries.FactorFilter
	for _, t := range r.GetAuthFactors() {
		filter.Types = append(filter.Types, queries.FactorType(t))
	}
	for _, state := range r.GetStates() {
		filter.States = append(filter.States, queries.CredentialState(state))
	}
	found, err := s.queries.Factors(ctx, c.Caller, r.GetUserId(), filter, c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &userv2.ListAuthenticationFactorsResponse{}
	for i := range found.Factors {
		answer.Result = append(answer.Result, factor(&found.Factors[i]))
	}
	return answer, nil
}

func factor(f *queries.Factor) *userv2.AuthFactor {
	message := &userv2.AuthFactor{State: userv2.AuthFactorState(f.State)}
	switch f.Type {
	case queries.FactorTOTP:
		message.Type = &userv2.AuthFactor_Otp{Otp: &userv2.AuthFactorOTP{}}
	case queries.FactorOTPSMS:
		message.Type = &userv2.AuthFactor_OtpSms{OtpSms: &userv2.AuthFactorOTPSMS{}}
	case queries.FactorOTPEmail:
		message.Type = &userv2.AuthFactor_OtpEmail{OtpEmail: &userv2.AuthFactorOTPEmail{}}
	case queries.FactorU2F:
		message.Type = &userv2.AuthFactor_U2F{U2F: &userv2.AuthFactorU2F{Id: f.ID, Name: f.Name}}
	}
	return message
}
