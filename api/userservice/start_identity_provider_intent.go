package userservice

import (
	"cmp"
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/intent"
)

// StartIdentityProviderIntent begins a sign-in at an identity provider.
func (s *Service) StartIdentityProviderIntent(ctx context.Context, r *userv2.StartIdentityProviderIntentRequest) (*userv2.StartIdentityProviderIntentResponse, error) {
	ctx, caller := call.Command(ctx)
	start := intent.Start{ProviderID: r.GetIdpId()}
	if u := r.GetUrls(); u != nil {
		start.Browser = &intent.Browser{SuccessURL: u.GetSuccessUrl(), FailureURL: u.GetFailureUrl(), LoginHint: u.GetLoginHint()}
	}
	if l := r.GetLdap(); l != nil {
		start.Directory = &intent.Login{Username: l.GetUsername(), Password: l.GetPassword()}
	}
	begun, err := s.intents.Start(ctx, caller, start)
	if err != nil {
		return nil, err
	}
	answer := &userv2.StartIdentityProviderIntentResponse{Details: object.Written(ctx, begun.Receipt)}
	answer.Details.ResourceOwner = cmp.Or(answer.Details.ResourceOwner, caller.TenantID())
	switch {
	case begun.Done != nil:
		answer.NextStep = &userv2.StartIdentityProviderIntentResponse_IdpIntent{IdpIntent: &userv2.IDPIntent{
			IdpIntentId: begun.Done.ID, IdpIntentToken: begun.Done.Token, UserId: begun.Done.UserID,
		}}
	case begun.Form != nil:
		answer.NextStep = &userv2.StartIdentityProviderIntentResponse_FormData{FormData: &userv2.FormData{
			Url: begun.Form.URL, Fields: begun.Form.Fields,
		}}
	default:
		answer.NextStep = &userv2.StartIdentityProviderIntentResponse_AuthUrl{AuthUrl: begun.URL}
	}
	return answer, nil
}
