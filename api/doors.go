package api

import (
	"github.com/signet-iam/signet/api/gen/signet/accounts/v1/accountsv1connect"
	"github.com/signet-iam/signet/api/gen/signet/auth/v1/authv1connect"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
	"github.com/signet-iam/signet/api/interceptor"
)

// doors are the procedures that do not need a bearer token, by the names of their services. All others do.
func doors() map[string]interceptor.Doors {
	return map[string]interceptor.Doors{
		authenticationv1connect.AuthenticationServiceName: {Open: []string{
			authenticationv1connect.AuthenticationServiceLoginProcedure,
			authenticationv1connect.AuthenticationServiceRegisterProcedure,
			authenticationv1connect.AuthenticationServiceSendPasswordResetProcedure,
			authenticationv1connect.AuthenticationServiceResetPasswordProcedure,
			authenticationv1connect.AuthenticationServiceRefreshTokenProcedure,
			authenticationv1connect.AuthenticationServiceGetAuthConfigProcedure,
			authenticationv1connect.AuthenticationServiceVerifyEmailProcedure,
			authenticationv1connect.AuthenticationServiceVerifyPhoneNumberProcedure,
			authenticationv1connect.AuthenticationServiceSendVerificationEmailProcedure,
		}},
		accountsv1connect.PublicAccountsServiceName: {Open: []string{
			accountsv1connect.PublicAccountsServiceSignInProcedure,
			accountsv1connect.PublicAccountsServiceSignUpProcedure,
		}},
		authv1connect.AuthServiceName:         {Open: []string{authv1connect.AuthServiceHealthzProcedure}},
		testv1connect.TestNoAuthServiceName:   {Open: []string{testv1connect.TestNoAuthServicePingProcedure}},
		accountsv1connect.AccountsServiceName: {Session: accountsv1connect.AccountsServiceRefreshSessionProcedure},
	}
}
