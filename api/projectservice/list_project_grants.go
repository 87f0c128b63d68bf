package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/project"
)

// ListProjectGrants returns a page of the grants of projects.
func (s *Service) ListProjectGrants(
	ctx context.Context, r *projectv2.ListProjectGrantsRequest,
) (*projectv2.ListProjectGrantsResponse, error) {
	c := call.From(ctx)
	page := object.Page(r.GetPagination())
	list, err := s.queries.ListGrants(ctx, c.Caller, queries.GrantsRequest{
		Filters:     filters(r.GetFilters(), grantFilter),
		Sort:        grantColumn(r.GetSortingColumn()),
		Page:        page,
		Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	return &projectv2.ListProjectGrantsResponse{
		Pagination: object.Paged(list.Total, page), ProjectGrants: messages(list.Rows, grantMessage),
	}, nil
}

func grantColumn(name projectv2.ProjectGrantFieldName) queries.Column {
	switch name {
	case projectv2.ProjectGrantFieldName_PROJECT_GRANT_FIELD_NAME_PROJECT_ID:
		return queries.ByID
	case projectv2.ProjectGrantFieldName_PROJECT_GRANT_FIELD_NAME_CHANGE_DATE:
		return queries.ByChange
	}
	return queries.ByCreation // also for a column of a newer client
}

func grantFilter(f *projectv2.ProjectGrantSearchFilter) queries.GrantFilter {
	switch f := f.GetFilter().(type) {
	case *projectv2.ProjectGrantSearchFilter_ProjectNameFilter:
		return queries.Named{Is: query.TextMethod(f.ProjectNameFilter.GetMethod()), Value: f.ProjectNameFilter.GetProjectName()}
	case *projectv2.ProjectGrantSearchFilter_RoleKeyFilter:
		return roleKey(f.RoleKeyFilter)
	case *projectv2.ProjectGrantSearchFilter_InProjectIdsFilter:
		return queries.InIDs(f.InProjectIdsFilter.GetIds())
	case *projectv2.ProjectGrantSearchFilter_OrganizationIdFilter:
		return queries.OwnedBy(f.OrganizationIdFilter.GetId())
	case *projectv2.ProjectGrantSearchFilter_GrantedOrganizationIdFilter:
		return queries.GrantedTo(f.GrantedOrganizationIdFilter.GetId())
	}
	return nil
}
