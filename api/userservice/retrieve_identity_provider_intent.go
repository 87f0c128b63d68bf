package userservice

import (
	"cmp"
	"context"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/intent"
)

// RetrieveIdentityProviderIntent returns who signed in at an identity provider.
func (s *Service) RetrieveIdentityProviderIntent(ctx context.Context, r *userv2.RetrieveIdentityProviderIntentRequest) (*userv2.RetrieveIdentityProviderIntentResponse, error) {
	ctx, caller := call.Command(ctx)
	outcome, err := s.intents.Retrieve(ctx, caller, intent.Retrieve{ID: r.GetIdpIntentId(), Token: r.GetIdpIntentToken()})
	if err != nil {
		return nil, err
	}
	answer := &userv2.RetrieveIdentityProviderIntentResponse{
		Details: object.Written(ctx, outcome.Receipt), IdpInformation: information(&outcome), UserId: outcome.UserID,
	}
	answer.Details.CreationDate = timestamppb.New(outcome.StartedAt)
	answer.Details.ResourceOwner = cmp.Or(outcome.Provider.Organization, caller.TenantID())
	switch {
	case outcome.UserID != "":
		answer.UpdateHumanUser = proposedChange(&outcome)
		answer.UserAction = &userv2.RetrieveIdentityProviderIntentResponse_UpdateUser{UpdateUser: proposedUpdate(answer.UpdateHumanUser, outcome.Information)}
	case outcome.Provider.Exists() && outcome.Provider.Settings.GetCreationAllowed():
		// A provider of one organization brings people into that one.
		home := cmp.Or(outcome.Provider.Organization, caller.Organization)
		answer.AddHumanUser = proposedHuman(&outcome, home)
		answer.UserAction = &userv2.RetrieveIdentityProviderIntentResponse_CreateUser{CreateUser: proposedUser(answer.AddHumanUser, home)}
	}
	return answer, nil
}

func information(o *intent.Outcome) *userv2.IDPInformation {
	who, access := o.Information, o.Credentials
	out := &userv2.IDPInformation{IdpId: o.ProviderID, UserId: who.GetExternalId(), UserName: who.GetUsername()}
	if raw := new(structpb.Struct); raw.UnmarshalJSON(who.GetRaw()) == nil {
		out.RawInformation = raw
	}
	switch {
	case o.Provider.Settings.GetLdap() != nil:
		out.Access = &userv2.IDPInformation_Ldap{Ldap: &userv2.IDPLDAPAccessInformation{Attributes: attributes(who.GetAttributes())}}
	case len(access.GetAssertion()) > 0:
		out.Access = &userv2.IDPInformation_Saml{Saml: &userv2.IDPSAMLAccessInformation{Assertion: access.GetAssertion()}}
	default:
		out.Access = &userv2.IDPInformation_Oauth{Oauth: &userv2.IDPOAuthAccessInformation{
			AccessToken: access.GetAccessToken(), IdToken: given(access.GetIdToken()), RefreshToken: given(access.GetRefreshToken()),
		}}
	}
	return out
}

// attributes are those of a directory's entry: a list of strings each.
func attributes(list []*eventv1.IntentAttribute) *structpb.Struct {
	out := &structpb.Struct{Fields: make(map[string]*structpb.Value, len(list))}
	for _, a := range list {
		values := make([]*structpb.Value, len(a.GetValues()))
		for i, v := range a.GetValues() {
			values[i] = structpb.NewStringValue(v)
		}
		out.Fields[a.GetName()] = structpb.NewListValue(&structpb.ListValue{Values: values})
	}
	return out
}

// proposedHuman is a request that would add the person, filled in as far as the provider told.
func proposedHuman(o *intent.Outcome, organization string) *userv2.AddHumanUserRequest {
	who := o.Information
	out := &userv2.AddHumanUserRequest{
		Username: given(who.GetUsername()),
		Profile: &userv2.SetHumanProfile{
			GivenName: who.GetGivenName(), FamilyName: who.GetFamilyName(), NickName: given(who.GetNickName()),
			DisplayName: given(who.GetDisplayName()), PreferredLanguage: given(who.GetLanguage()),
		},
		Email: proposedEmail(who),
		Phone: proposedPhone(who),
		IdpLinks: []*userv2.IDPLink{{
			IdpId: o.ProviderID, UserId: who.GetExternalId(), UserName: cmp.Or(who.GetUsername(), who.GetExternalId()),
		}},
		Organization: &objectv2.Organization{Org: &objectv2.Organization_OrgId{OrgId: organization}},
	}
	return out
}

func proposedEmail(who *eventv1.IntentInformation) *userv2.SetHumanEmail {
	out := &userv2.SetHumanEmail{Email: who.GetEmail()}
	if who.GetEmailVerified() {
		out.Verification = &userv2.SetHumanEmail_IsVerified{IsVerified: true}
	} else {
		out.Verification = &userv2.SetHumanEmail_SendCode{SendCode: &userv2.SendEmailVerificationCode{}}
	}
	return out
}

// proposedPhone returns nil if the provider told of no number.
func proposedPhone(who *eventv1.IntentInformation) *userv2.SetHumanPhone {
	if who.GetPhone() == "" {
		return nil
	}
	out := &userv2.SetHumanPhone{Phone: who.GetPhone()}
	if who.GetPhoneVerified() {
		out.Verification = &userv2.SetHumanPhone_IsVerified{IsVerified: true}
	} else {
		out.Verification = &userv2.SetHumanPhone_SendCode{SendCode: &userv2.SendPhoneVerificationCode{}}
	}
	return out
}

// proposedUser is the same as a request to CreateUser.
func proposedUser(p *userv2.AddHumanUserRequest, organization string) *userv2.CreateUserRequest {
	return &userv2.CreateUserRequest{
		OrganizationId: organization, Username: p.Username,
		UserType: &userv2.CreateUserRequest_Human_{Human: &userv2.CreateUserRequest_Human{
			Profile: p.GetProfile(), Email: p.GetEmail(), Phone: p.GetPhone(), IdpLinks: p.GetIdpLinks(),
		}},
	}
}

// proposedChange is a request that would bring the linked person in line with what the provider told. What it did not tell stays
// as it is; so do the names if one of the two that everybody has is missing.
func proposedChange(o *intent.Outcome) *userv2.UpdateHumanUserRequest {
	who := o.Information
	out := &userv2.UpdateHumanUserRequest{UserId: o.UserID, Username: given(who.GetUsername()), Phone: proposedPhone(who)}
	if who.GetGivenName() != "" && who.GetFamilyName() != "" {
		out.Profile = &userv2.SetHumanProfile{
			GivenName: who.GetGivenName(), FamilyName: who.GetFamilyName(), NickName: given(who.GetNickName()),
			DisplayName: given(who.GetDisplayName()), PreferredLanguage: given(who.GetLanguage()),
		}
	}
	if who.GetEmail() != "" {
		out.Email = proposedEmail(who)
	}
	return out
}

// proposedUpdate is the same as a request to UpdateUser, which can change one name alone.
func proposedUpdate(p *userv2.UpdateHumanUserRequest, who *eventv1.IntentInformation) *userv2.UpdateUserRequest {
	return &userv2.UpdateUserRequest{
		UserId: p.GetUserId(), Username: p.Username,
		UserType: &userv2.UpdateUserRequest_Human_{Human: &userv2.UpdateUserRequest_Human{
			Profile: &userv2.UpdateUserRequest_Human_Profile{
				GivenName: given(who.GetGivenName()), FamilyName: given(who.GetFamilyName()), NickName: given(who.GetNickName()),
				DisplayName: given(who.GetDisplayName()), PreferredLanguage: given(who.GetLanguage()),
			},
			Email: p.GetEmail(), Phone: p.GetPhone(),
		}},
	}
}

// given is a text that a provider told; nil for none.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
