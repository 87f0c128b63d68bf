package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/project"
)

// ListProjectRoles returns a page of the roles of a project.
func (s *Service) ListProjectRoles(
	ctx context.Context, r *projectv2.ListProjectRolesRequest,
) (*projectv2.ListProjectRolesResponse, error) {
	c := call.From(ctx)
	page := object.Page(r.GetPagination())
	list, err := s.queries.ListRoles(ctx, c.Caller, queries.RolesRequest{
		Project:     r.GetProjectId(),
		Filters:     filters(r.GetFilters(), roleFilter),
		Sort:        roleColumn(r.GetSortingColumn()),
		Page:        page,
		Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	return &projectv2.ListProjectRolesResponse{
		Pagination: object.Paged(list.Total, page), ProjectRoles: messages(list.Rows, roleMessage),
	}, nil
}

func roleColumn(name projectv2.ProjectRoleFieldName) queries.Column {
	switch name {
	case projectv2.ProjectRoleFieldName_PROJECT_ROLE_FIELD_NAME_KEY:
		return queries.ByID
	case projectv2.ProjectRoleFieldName_PROJECT_ROLE_FIELD_NAME_CHANGE_DATE:
		return queries.ByChange
	}
	return queries.ByCreation // also for a column of a newer client
}

func roleFilter(f *projectv2.ProjectRoleSearchFilter) queries.RoleFilter {
	switch f := f.GetFilter().(type) {
	case *projectv2.ProjectRoleSearchFilter_RoleKeyFilter:
		return roleKey(f.RoleKeyFilter)
	case *projectv2.ProjectRoleSearchFilter_DisplayNameFilter:
		display := f.DisplayNameFilter
		return queries.RoleDisplayName{Is: query.TextMethod(display.GetMethod()), Value: display.GetDisplayName()}
	}
	return nil
}

func roleKey(f *projectv2.ProjectRoleKeyFilter) queries.RoleKey {
	return queries.RoleKey{Is: query.TextMethod(f.GetMethod()), Value: f.GetKey()}
}
