package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/authorization"
)

var errNoUserGrant = failure.New(failure.NotFound, "USER_GRANT_NOT_FOUND",
	"the caller has no roles of the project that "+headerProject+" names in the organization in which it acts")

// ListMyProjectPermissions returns the caller's roles of the project that the request names, in the organization in which the caller
// acts. Roles that are suspended are none.
func (s *Service) ListMyProjectPermissions(
	ctx context.Context, _ *authv1.ListMyProjectPermissionsRequest,
) (*authv1.ListMyProjectPermissionsResponse, error) {
	c := call.From(ctx)
	project := header(ctx, headerProject)
	if !c.Caller.Authenticated() || project == "" {
		return nil, errNoUserGrant
	}
	list, err := s.authorizations.List(ctx, c.Caller, authorization.ListRequest{
		Filters: []authorization.Filter{
			authorization.OfUsers{c.Caller.UserID}, authorization.OfProject(project), authorization.InOrganization(acting(ctx, c.Caller)),
			authorization.StateIs(authorization.Active),
		},
		Page: query.Page{Limit: 1}, Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	if len(list.Rows) == 0 {
		return nil, errNoUserGrant
	}
	c.Reflect(list.Position)
	return &authv1.ListMyProjectPermissionsResponse{Result: roleKeys(&list.Rows[0])}, nil
}
