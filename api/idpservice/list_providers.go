package idpservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	"github.com/signet-iam/signet/api/object"
	queries "github.com/signet-iam/signet/query/provider"
)

// ListProviders returns a page of providers.
func (s *Service) ListProviders(ctx context.Context, r *idpv1.ListProvidersRequest) (*idpv1.ListProvidersResponse, error) {
	c := call.From(ctx)
	list, err := s.queries.List(ctx, c.Caller, queries.ListRequest{
		Organization: r.GetOrganizationId(),
		Page:         object.Page(r.GetQuery()),
		Consistency:  c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &idpv1.ListProvidersResponse{
		Details:   object.Listed(list.Total, list.Reflected),
		Providers: make([]*idpv1.Provider, len(list.Rows)),
	}
	for i := range list.Rows {
		answer.Providers[i] = message(&list.Rows[i])
	}
	return answer, nil
}
