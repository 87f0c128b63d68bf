package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/organization"
)

// ListOrganizations returns a page of organizations.
func (s *Service) ListOrganizations(ctx context.Context, r *orgv2.ListOrganizationsRequest) (*orgv2.ListOrganizationsResponse, error) {
	c := call.From(ctx)
	request := queries.ListRequest{
		Sort:        column(r.GetSortingColumn()),
		Page:        object.Page(r.GetQuery()),
		Consistency: c.Consistency,
	}
	for _, q := range r.GetQueries() {
		request.Filters = append(request.Filters, filter(q))
	}
	list, err := s.queries.List(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &orgv2.ListOrganizationsResponse{
		Details:       object.Listed(list.Total, list.Reflected),
		SortingColumn: r.GetSortingColumn(),
		Result:        make([]*orgv2.Organization, len(list.Rows)),
	}
	for i := range list.Rows {
		answer.Result[i] = message(&list.Rows[i])
	}
	return answer, nil
}

func column(name orgv2.OrganizationFieldName) queries.Column {
	if name < 0 || name > orgv2.OrganizationFieldName_ORGANIZATION_FIELD_NAME_CREATION_DATE {
		return queries.ByID // a column of a newer client
	}
	return queries.Column(name)
}

// filter translates a condition; nil stands for one that the message leaves open.
func filter(q *orgv2.SearchQuery) queries.Filter {
	switch q := q.GetQuery().(type) {
	case *orgv2.SearchQuery_NameQuery:
		return queries.NameIs{Method: query.TextMethod(q.NameQuery.GetMethod()), Value: q.NameQuery.GetName()}
	case *orgv2.SearchQuery_DomainQuery:
		return queries.HasDomain{Method: query.TextMethod(q.DomainQuery.GetMethod()), Value: q.DomainQuery.GetDomain()}
	case *orgv2.SearchQuery_StateQuery:
		return queries.StateIs(q.StateQuery.GetState())
	case *orgv2.SearchQuery_IdQuery:
		return queries.InIDs{q.IdQuery.GetId()}
	case *orgv2.SearchQuery_DefaultQuery:
		return queries.IsDefault{}
	default:
		return nil
	}
}
