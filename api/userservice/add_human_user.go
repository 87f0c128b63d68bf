package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/user"
)

// AddHumanUser adds a person.
func (s *Service) AddHumanUser(ctx context.Context, r *userv2.AddHumanUserRequest) (*userv2.AddHumanUserResponse, error) {
	ctx, caller := call.Command(ctx)
	added, err := s.commands.AddHuman(ctx, caller, Person(r))
	if err != nil {
		return nil, err
	}
	return &userv2.AddHumanUserResponse{
		UserId:    added.UserID,
		Details:   object.Written(ctx, added.Receipt),
		EmailCode: returned(added.EmailCode),
		PhoneCode: returned(added.PhoneCode),
	}, nil
}

// Person returns what a request says about a new person. Profile and email address are there: the rules of the fields want them.
func Person(r *userv2.AddHumanUserRequest) commands.AddHuman {
	return commands.AddHuman{
		UserID:             r.GetUserId(),
		Organization:       r.GetOrganization().GetOrgId(),
		OrganizationDomain: r.GetOrganization().GetOrgDomain(),
		Username:           r.Username,
		Profile:            *profile(r.GetProfile()),
		Email:              *emailChange(r.GetEmail()),
		Phone:              phoneChange(r.GetPhone()),
		Password:           newPassword(r),
		Metadata:           metadata(r.GetMetadata()),
		Links:              links(r.GetIdpLinks()),
		TOTPSecret:         r.GetTotpSecret(),
	}
}

func metadata(entries []*userv2.SetMetadataEntry) []commands.MetadataEntry {
	out := make([]commands.MetadataEntry, len(entries))
	for i, e := range entries {
		out[i] = commands.MetadataEntry{Key: e.GetKey(), Value: e.GetValue()}
	}
	return out
}

func links(idpLinks []*userv2.IDPLink) []commands.ProviderLink {
	out := make([]commands.ProviderLink, len(idpLinks))
	for i, l := range idpLinks {
		out[i] = commands.ProviderLink{ProviderID: l.GetIdpId(), UserID: l.GetUserId(), Username: l.GetUserName()}
	}
	return out
}
