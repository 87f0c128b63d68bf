package projectservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	projectv2 "github.com/signet-iam/signet/api/gen/signet/project/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/project"
)

// ListProjects returns a page of projects.
func (s *Service) ListProjects(ctx context.Context, r *projectv2.ListProjectsRequest) (*projectv2.ListProjectsResponse, error) {
	c := call.From(ctx)
	page := object.Page(r.GetPagination())
	list, err := s.queries.List(ctx, c.Caller, queries.ListRequest{
		Filters:     filters(r.GetFilters(), projectFilter),
		Sort:        projectColumn(r.GetSortingColumn()),
		Page:        page,
		Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	return &projectv2.ListProjectsResponse{
		Pagination: object.Paged(list.Total, page), Projects: messages(list.Rows, message),
	}, nil
}

func projectColumn(name projectv2.ProjectFieldName) queries.Column {
	switch name {
	case projectv2.ProjectFieldName_PROJECT_FIELD_NAME_ID:
		return queries.ByID
	case projectv2.ProjectFieldName_PROJECT_FIELD_NAME_CHANGE_DATE:
		return queries.ByChange
	case projectv2.ProjectFieldName_PROJECT_FIELD_NAME_NAME:
		return queries.ByName
	}
	return queries.ByCreation // also for a column of a newer client
}

func projectFilter(f *projectv2.ProjectSearchFilter) queries.Filter {
	switch f := f.GetFilter().(type) {
	case *projectv2.ProjectSearchFilter_ProjectNameFilter:
		return queries.Named{Is: query.TextMethod(f.ProjectNameFilter.GetMethod()), Value: f.ProjectNameFilter.GetProjectName()}
	case *projectv2.ProjectSearchFilter_InProjectIdsFilter:
		return queries.InIDs(f.InProjectIdsFilter.GetIds())
	case *projectv2.ProjectSearchFilter_OrganizationIdFilter:
		of := f.OrganizationIdFilter
		return queries.OfOrganization{ID: of.GetOrganizationId(), By: relation(of.GetType())}
	}
	return nil
}

func relation(t projectv2.ProjectOrganizationIDFilter_Type) queries.Relation {
	switch t {
	case projectv2.ProjectOrganizationIDFilter_OWNED:
		return queries.Owned
	case projectv2.ProjectOrganizationIDFilter_GRANTED:
		return queries.Granting
	}
	return queries.OwnedOrGranted
}
