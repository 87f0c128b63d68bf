package authorizationservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/call"
	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/authorization"
)

// ListAuthorizations returns a page of authorizations.
func (s *Service) ListAuthorizations(
	ctx context.Context, r *authorizationv2.ListAuthorizationsRequest,
) (*authorizationv2.ListAuthorizationsResponse, error) {
	c := call.From(ctx)
	page := object.Page(r.GetPagination())
	list, err := s.queries.List(ctx, c.Caller, queries.ListRequest{
		Filters:     filters(r.GetFilters()),
		Sort:        column(r.GetSortingColumn()),
		Page:        page,
		Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &authorizationv2.ListAuthorizationsResponse{
		Pagination:     object.Paged(list.Total, page),
		Authorizations: make([]*authorizationv2.Authorization, len(list.Rows)),
	}
	for i := range list.Rows {
		answer.Authorizations[i] = message(&list.Rows[i], s.avatars)
	}
	return answer, nil
}

func column(name authorizationv2.AuthorizationFieldName) queries.Column {
	if name < 0 || name > authorizationv2.AuthorizationFieldName_AUTHORIZATION_FIELD_NAME_USER_ORGANIZATION_ID {
		return queries.Unsorted // a column of a newer client
	}
	return queries.Column(name)
}

// filters translates conditions; nil stands for one that the message leaves open.
func filters(fs []*authorizationv2.AuthorizationsSearchFilter) []queries.Filter {
	out := make([]queries.Filter, len(fs))
	for i, f := range fs {
		out[i] = filter(f)
	}
	return out
}

func filter(f *authorizationv2.AuthorizationsSearchFilter) queries.Filter {
	switch f := f.GetFilter().(type) {
	case *authorizationv2.AuthorizationsSearchFilter_AuthorizationIds:
		return queries.InIDs(f.AuthorizationIds.GetIds())
	case *authorizationv2.AuthorizationsSearchFilter_OrganizationId:
		return queries.InOrganization(f.OrganizationId.GetId())
	case *authorizationv2.AuthorizationsSearchFilter_State:
		return queries.StateIs(f.State.GetState())
	case *authorizationv2.AuthorizationsSearchFilter_InUserIds:
		return queries.OfUsers(f.InUserIds.GetIds())
	case *authorizationv2.AuthorizationsSearchFilter_UserOrganizationId:
		return queries.OfUserOrganization(f.UserOrganizationId.GetId())
	case *authorizationv2.AuthorizationsSearchFilter_ProjectId:
		return queries.OfProject(f.ProjectId.GetId())
	case *authorizationv2.AuthorizationsSearchFilter_ProjectGrantId:
		return queries.UnderGrant(f.ProjectGrantId.GetId())
	case *authorizationv2.AuthorizationsSearchFilter_UserPreferredLoginName:
		q := f.UserPreferredLoginName
		return queries.Text{Field: queries.LoginName, Method: query.TextMethod(q.GetMethod()), Value: q.GetLoginName()}
	case *authorizationv2.AuthorizationsSearchFilter_UserDisplayName:
		q := f.UserDisplayName
		return queries.Text{Field: queries.DisplayName, Method: query.TextMethod(q.GetMethod()), Value: q.GetDisplayName()}
	case *authorizationv2.AuthorizationsSearchFilter_ProjectName:
		q := f.ProjectName
		return queries.Text{Field: queries.ProjectName, Method: query.TextMethod(q.GetMethod()), Value: q.GetName()}
	case *authorizationv2.AuthorizationsSearchFilter_RoleKey:
		q := f.RoleKey
		return queries.Text{Field: queries.RoleKey, Method: query.TextMethod(q.GetMethod()), Value: q.GetKey()}
	}
	return nil
}

func message(a *queries.Authorization, avatars avatar.Addresses) *authorizationv2.Authorization {
	m := &authorizationv2.Authorization{
		Id: a.ID, CreationDate: timestamppb.New(a.CreatedAt), ChangeDate: timestamppb.New(a.ChangedAt),
		State:        authorizationv2.State(a.State),
		Project:      &authorizationv2.Project{Id: a.Project.ID, Name: a.Project.Name, OrganizationId: a.Project.Organization},
		Organization: &authorizationv2.Organization{Id: a.Organization.ID, Name: a.Organization.Name},
		User: &authorizationv2.User{
			Id: a.User.ID, PreferredLoginName: a.User.LoginName, DisplayName: a.User.DisplayName, OrganizationId: a.User.Organization,
			AvatarUrl: avatars.Of(a.User.ID, a.User.Avatar),
		},
		Roles: make([]*authorizationv2.Role, len(a.Roles)),
	}
	for i, r := range a.Roles {
		m.Roles[i] = &authorizationv2.Role{Key: r.Key, DisplayName: r.DisplayName, Group: r.Group}
	}
	return m
}
