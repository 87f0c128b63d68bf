package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/api/userservice"
	commands "github.com/signet-iam/signet/command/organization"
)

// AddOrganization adds an organization, and people who run it.
func (s *Service) AddOrganization(ctx context.Context, r *orgv2.AddOrganizationRequest) (*orgv2.AddOrganizationResponse, error) {
	ctx, caller := call.Command(ctx)
	request := commands.Found{ID: r.GetOrganizationId(), Name: r.GetName()}
	if request.ID == "" {
		request.ID = r.GetOrgId()
	}
	for _, a := range r.GetAdmins() {
		request.Admins = append(request.Admins, admin(a))
	}
	founded, err := s.commands.Found(ctx, caller, request)
	if err != nil {
		return nil, err
	}
	answer := &orgv2.AddOrganizationResponse{Details: object.Written(ctx, founded.Receipt), OrganizationId: founded.ID}
	for i := range founded.Created {
		person := &founded.Created[i]
		object.Written(ctx, person.Receipt)
		answer.CreatedAdmins = append(answer.CreatedAdmins, &orgv2.AddOrganizationResponse_CreatedAdmin{
			UserId: person.UserID, EmailCode: returned(person.EmailCode), PhoneCode: returned(person.PhoneCode),
		})
	}
	return answer, nil
}

func admin(a *orgv2.AddOrganizationRequest_Admin) commands.Admin {
	out := commands.Admin{UserID: a.GetUserId(), Roles: a.GetRoles()}
	if human := a.GetHuman(); human != nil {
		person := userservice.Person(human)
		out.Human = &person
	}
	return out
}

// returned is a code on its way back to the caller; nil if it was not asked for.
func returned(code string) *string {
	if code == "" {
		return nil
	}
	return &code
}
