package memberservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	"github.com/signet-iam/signet/api/object"
	queries "github.com/signet-iam/signet/query/member"
)

// ListMembers returns a page of memberships.
func (s *Service) ListMembers(ctx context.Context, r *memberv1.ListMembersRequest) (*memberv1.ListMembersResponse, error) {
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
	answer := &memberv1.ListMembersResponse{
		Pagination: object.Paged(list.Total, page), Members: make([]*memberv1.Member, len(list.Rows)),
	}
	for i := range list.Rows {
		answer.Members[i] = message(&list.Rows[i])
	}
	return answer, nil
}

func column(name memberv1.MemberFieldName) queries.Column {
	if name < 0 || name > memberv1.MemberFieldName_MEMBER_FIELD_NAME_CHANGE_DATE {
		return queries.Unsorted // a column of a newer client
	}
	return queries.Column(name)
}

// filters translates conditions; nil stands for one that the message leaves open.
func filters(fs []*memberv1.MemberFilter) []queries.Filter {
	out := make([]queries.Filter, len(fs))
	for i, f := range fs {
		switch f := f.GetFilter().(type) {
		case *memberv1.MemberFilter_ResourceFilter:
			on := resource(f.ResourceFilter)
			out[i] = queries.On{Organization: on.Organization, Project: on.Project, Granted: on.Granted}
		case *memberv1.MemberFilter_InUserIdsFilter:
			out[i] = queries.OfUsers(f.InUserIdsFilter.GetIds())
		case *memberv1.MemberFilter_RoleFilter:
			out[i] = queries.WithRole(f.RoleFilter.GetRole())
		}
	}
	return out
}

func message(m *queries.Member) *memberv1.Member {
	return &memberv1.Member{
		Resource: shown(&m.Resource), UserId: m.User.ID, UserPreferredLoginName: m.User.LoginName, UserDisplayName: m.User.DisplayName,
		UserOrganizationId: m.User.Organization, Roles: m.Roles,
		CreationDate: timestamppb.New(m.CreatedAt), ChangeDate: timestamppb.New(m.ChangedAt),
	}
}

func shown(r *queries.Resource) *memberv1.Resource {
	switch r.Level() {
	case queries.OnOrganization:
		return &memberv1.Resource{Resource: &memberv1.Resource_OrganizationId{OrganizationId: r.Organization}}
	case queries.OnProject:
		return &memberv1.Resource{Resource: &memberv1.Resource_ProjectId{ProjectId: r.Project}}
	case queries.OnProjectGrant:
		grant := &memberv1.ProjectGrant{ProjectId: r.Project, GrantedOrganizationId: r.Granted}
		return &memberv1.Resource{Resource: &memberv1.Resource_ProjectGrant{ProjectGrant: grant}}
	}
	return &memberv1.Resource{Resource: &memberv1.Resource_Instance{Instance: true}}
}
