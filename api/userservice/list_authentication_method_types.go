package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
	queries "github.com/signet-iam/signet/query/user"
)

// ListAuthenticationMethodTypes returns the ways in which a user can sign in.
func (s *Service) ListAuthenticationMethodTypes(
	ctx context.Context, r *userv2.ListAuthenticationMethodTypesRequest,
) (*userv2.ListAuthenticationMethodTypesResponse, error) {
	c := call.From(ctx)
	domain := queries.DomainFilter{
		Domain: r.GetDomainQuery().GetDomain(), IncludeWithoutDomain: r.GetDomainQuery().GetIncludeWithoutDomain(),
	}
	found, err := s.queries.AuthMethods(ctx, c.Caller, r.GetUserId(), domain, c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &userv2.ListAuthenticationMethodTypesResponse{
		Details: object.Listed(uint64(len(found.Methods)), found.Reflected),
	}
	for _, method := range found.Methods {
		answer.AuthMethodTypes = append(answer.AuthMethodTypes, userv2.AuthenticationMethodType(method))
	}
	return answer, nil
}
