package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/authorization"
	queries "github.com/signet-iam/signet/query/user"
)

// ListMyUserGrants returns which roles of which projects the caller has, by the time at which it got them.
func (s *Service) ListMyUserGrants(ctx context.Context, r *authv1.ListMyUserGrantsRequest) (*authv1.ListMyUserGrantsResponse, error) {
	c := call.From(ctx)
	if !c.Caller.Authenticated() {
		return nil, query.ErrDenied
	}
	list, err := s.authorizations.List(ctx, c.Caller, authorization.ListRequest{
		Filters: []authorization.Filter{authorization.OfUsers{c.Caller.UserID}}, Sort: authorization.ByCreation,
		Page: object.Page(r.GetQuery()), Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	holder, err := s.userQueries.Get(ctx, c.Caller, c.Caller.UserID, c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &authv1.ListMyUserGrantsResponse{Details: listed(list.Total, list.Reflected)}
	for i := range list.Rows {
		grant := userGrant(&list.Rows[i])
		grant.UserType = userType(holder.Kind)
		answer.Result = append(answer.Result, grant)
	}
	return answer, nil
}

// userGrant writes an authorization. A granted project goes by the organization that it was granted to.
func userGrant(a *authorization.Authorization) *authv1.UserGrant {
	roles := roleKeys(a)
	out := &authv1.UserGrant{
		GrantId: a.ID, UserId: a.User.ID, OrgId: a.Organization.ID, OrgName: a.Organization.Name, OrgDomain: a.Organization.PrimaryDomain,
		ProjectId: a.Project.ID, ProjectName: a.Project.Name, Roles: roles, RoleKeys: roles, State: authv1.UserGrantState(a.State),
		Details: &authv1.ObjectDetails{
			Sequence: uint64(a.Position), CreationDate: object.Instant(a.CreatedAt), ChangeDate: object.Instant(a.ChangedAt),
			ResourceOwner: a.Organization.ID,
		},
	}
	if a.Granted {
		out.ProjectGrantId = a.Organization.ID
	}
	return out
}

func roleKeys(a *authorization.Authorization) []string {
	keys := make([]string, len(a.Roles))
	for i := range a.Roles {
		keys[i] = a.Roles[i].Key
	}
	return keys
}

func userType(kind queries.Kind) authv1.Type {
	if kind == queries.KindMachine {
		return authv1.Type_TYPE_MACHINE
	}
	return authv1.Type_TYPE_HUMAN
}
