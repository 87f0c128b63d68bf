package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/organization"
)

// ListMyProjectOrgs returns the organizations that the caller may look into: its own, those where it may read the organization, and
// all for who may do so on the instance.
func (s *Service) ListMyProjectOrgs(ctx context.Context, r *authv1.ListMyProjectOrgsRequest) (*authv1.ListMyProjectOrgsResponse, error) {
	c := call.From(ctx)
	request := organization.ListRequest{
		Sort: organization.ByID, Page: object.Page(r.GetQuery()),
		Consistency: c.Consistency,
	}
	if r.GetSortingColumn() == authv1.OrgFieldName_ORG_FIELD_NAME_NAME {
		request.Sort = organization.ByName
	}
	for _, q := range r.GetQueries() {
		request.Filters = append(request.Filters, organizationFilter(q))
	}
	list, err := s.organizations.List(ctx, c.Caller, request)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &authv1.ListMyProjectOrgsResponse{Details: listed(list.Total, list.Reflected)}
	for i := range list.Rows {
		o := &list.Rows[i]
		answer.Result = append(answer.Result, &authv1.Org{
			Id: o.ID, Name: o.Name, PrimaryDomain: o.PrimaryDomain, State: authv1.OrgState(o.State),
			Details: &authv1.ObjectDetails{
				Sequence: o.Version, CreationDate: object.Instant(o.CreatedAt), ChangeDate: object.Instant(o.ChangedAt), ResourceOwner: o.ID,
			},
		})
	}
	return answer, nil
}

// organizationFilter translates a condition; nil stands for one that the message leaves open.
func organizationFilter(q *authv1.OrgQuery) organization.Filter {
	switch q := q.GetQuery().(type) {
	case *authv1.OrgQuery_NameQuery:
		return organization.NameIs{Method: query.TextMethod(q.NameQuery.GetMethod()), Value: q.NameQuery.GetName()}
	case *authv1.OrgQuery_DomainQuery:
		return organization.HasDomain{Method: query.TextMethod(q.DomainQuery.GetMethod()), Value: q.DomainQuery.GetDomain()}
	case *authv1.OrgQuery_StateQuery:
		return organization.StateIs(q.StateQuery.GetState())
	case *authv1.OrgQuery_IdQuery:
		return organization.InIDs{q.IdQuery.GetId()}
	}
	return nil
}
