package apply

import (
	"context"
	"slices"

	authorizationv2 "github.com/signet-iam/signet/api/gen/signet/authorization/v2"
	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
)

func (s *Server) readAuthorizations(ctx context.Context, keys []Key, into State) error {
	users := distinct(keys, func(k Key) string { return k.User })
	for some := range slices.Chunk(users, page) {
		filter := &authorizationv2.AuthorizationsSearchFilter_InUserIds{InUserIds: &filterv2.InIDsFilter{Ids: some}}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.authorizations.ListAuthorizations(ctx, &authorizationv2.ListAuthorizationsRequest{
				Pagination: &filterv2.PaginationRequest{Offset: offset, Limit: page, Asc: true},
				Filters:    []*authorizationv2.AuthorizationsSearchFilter{{Filter: filter}},
			})
			for _, a := range answer.GetAuthorizations() {
				key := Key{Kind: Authorization, User: a.GetUser().GetId(), Project: a.GetProject().GetId(), Organization: a.GetOrganization().GetId()}
				into[key], s.ids[key] = authorizationThing(a), a.GetId()
			}
			return len(answer.GetAuthorizations()), answer.GetPagination().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func authorizationThing(a *authorizationv2.Authorization) *Thing {
	roles := make([]string, len(a.GetRoles()))
	for i, role := range a.GetRoles() {
		roles[i] = role.GetKey()
	}
	return &Thing{Fields: Fields{fieldRoles: setText(roles), fieldState: stateOf(a.GetState() == authorizationv2.State_STATE_ACTIVE)}}
}

func (s *Server) makeAuthorization(ctx context.Context, c Change) error {
	id, to := s.ids[c.Key], c.to()
	roles, named := to[fieldRoles]
	switch c.Action {
	case Create:
		answer, err := s.authorizations.CreateAuthorization(ctx, &authorizationv2.CreateAuthorizationRequest{
			UserId: c.Key.User, ProjectId: c.Key.Project, OrganizationId: c.Key.Organization, RoleKeys: itemsOf(roles),
		})
		s.ids[c.Key] = answer.GetId()
		return err
	case Remove:
		_, err := s.authorizations.DeleteAuthorization(ctx, &authorizationv2.DeleteAuthorizationRequest{Id: id})
		return err
	}
	var err error
	switch to[fieldState] {
	case stateActive:
		_, err = s.authorizations.ActivateAuthorization(ctx, &authorizationv2.ActivateAuthorizationRequest{Id: id})
	case stateInactive:
		_, err = s.authorizations.DeactivateAuthorization(ctx, &authorizationv2.DeactivateAuthorizationRequest{Id: id})
	}
	if err != nil || !named {
		return err
	}
	_, err = s.authorizations.UpdateAuthorization(ctx, &authorizationv2.UpdateAuthorizationRequest{Id: id, RoleKeys: itemsOf(roles)})
	return err
}
