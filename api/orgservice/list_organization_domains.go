package orgservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/organization"
)

// ListOrganizationDomains returns a page of the domains of an organization.
func (s *Service) ListOrganizationDomains(
	ctx context.Context, r *orgv2.ListOrganizationDomainsRequest,
) (*orgv2.ListOrganizationDomainsResponse, error) {
	c := call.From(ctx)
	request := queries.DomainsRequest{
		Organization: r.GetOrganizationId(), Sort: domainColumn(r.GetSortingColumn()), Page: object.Page(r.GetPagination()), Consistency: c.Consistency,
	}
	for _, f := range r.GetFilters() {
		domain := f.GetDomainFilter()
		request.Filters = append(request.Filters, queries.DomainIs{Method: query.TextMethod(domain.GetMethod()), Value: domain.GetDomain()})
	}
	list, err := s.queries.Domains(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &orgv2.ListOrganizationDomainsResponse{Pagination: object.Paged(list.Total, request.Page)}
	for i := range list.Domains {
		d := &list.Domains[i]
		answer.Domains = append(answer.Domains, &orgv2.Domain{
			OrganizationId: r.GetOrganizationId(), Domain: d.Name, IsVerified: d.Verified, IsPrimary: d.Primary,
			ValidationType: orgv2.DomainValidationType(d.Proof),
		})
	}
	return answer, nil
}

func domainColumn(name orgv2.DomainFieldName) queries.DomainColumn {
	if name < 0 || name > orgv2.DomainFieldName_DOMAIN_FIELD_NAME_CREATION_DATE {
		return queries.DomainUnsorted // a column of a newer client
	}
	return queries.DomainColumn(name)
}
