package authenticationservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/provider"
)

// GetAuthConfig returns how one can sign in here.
func (s *Service) GetAuthConfig(ctx context.Context, _ *authenticationv1.GetAuthConfigRequest) (*authenticationv1.GetAuthConfigResponse, error) {
	c := call.From(ctx)
	list, err := s.providers.List(ctx, s.viewer, queries.ListRequest{
		Page: query.Page{Ascending: true, Limit: query.MaxLimit}, Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	open, err := s.signin.Open(ctx)
	if err != nil {
		return nil, err
	}
	answer := &authenticationv1.GetAuthConfigResponse{
		Name: s.config.Name, LogoUrl: s.config.LogoURL, ValidatePassword: true, AllowsRegister: open,
		LoginTypes: []authenticationv1.LoginType{
			authenticationv1.LoginType_LOGIN_TYPE_EMAIL_PASSWORD,
			authenticationv1.LoginType_LOGIN_TYPE_PHONE_PASSWORD,
			authenticationv1.LoginType_LOGIN_TYPE_USERNAME_PASSWORD,
		},
	}
	for i := range list.Rows {
		if p := &list.Rows[i]; s.offers(p) {
			answer.SsoOptions = append(answer.SsoOptions, &authenticationv1.SSOOption{
				Type: authenticationv1.SSOType_SSO_TYPE_OIDC, ProviderId: p.ID, Name: p.Settings.GetName(),
			})
		}
	}
	if len(answer.SsoOptions) > 0 {
		answer.LoginTypes = append(answer.LoginTypes, authenticationv1.LoginType_LOGIN_TYPE_SSO)
	}
	return answer, nil
}

// offers reports whether everybody may see a provider: not one of somebody else's organization, and of a protocol that clients of
// this service know.
func (s *Service) offers(p *queries.Provider) bool {
	return p.Settings.GetOidc() != nil && (p.Organization == "" || p.Organization == s.config.Organization)
}
