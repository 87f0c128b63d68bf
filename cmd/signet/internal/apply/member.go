package apply

import (
	"context"
	"slices"

	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
)

func (s *Server) readMemberships(ctx context.Context, keys []Key, into State) error {
	users := distinct(keys, func(k Key) string { return k.User })
	for some := range slices.Chunk(users, page) {
		filter := &memberv1.MemberFilter_InUserIdsFilter{InUserIdsFilter: &filterv2.InIDsFilter{Ids: some}}
		err := pages(func(offset uint64) (int, uint64, error) {
			answer, err := s.members.ListMembers(ctx, &memberv1.ListMembersRequest{
				Pagination: &filterv2.PaginationRequest{Offset: offset, Limit: page, Asc: true},
				Filters:    []*memberv1.MemberFilter{{Filter: filter}},
			})
			for _, m := range answer.GetMembers() {
				into[membershipKey(m)] = &Thing{Fields: Fields{fieldRoles: setText(m.GetRoles())}}
			}
			return len(answer.GetMembers()), answer.GetPagination().GetTotalResult(), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func membershipKey(m *memberv1.Member) Key {
	r, grant := m.GetResource(), m.GetResource().GetProjectGrant()
	if grant != nil {
		return Key{Kind: Membership, User: m.GetUserId(), Project: grant.GetProjectId(), Organization: grant.GetGrantedOrganizationId()}
	}
	return Key{Kind: Membership, User: m.GetUserId(), Project: r.GetProjectId(), Organization: r.GetOrganizationId()}
}

// resourceOf names what a membership is held on.
func resourceOf(k Key) *memberv1.Resource {
	switch {
	case k.Project != "" && k.Organization != "":
		grant := &memberv1.ProjectGrant{ProjectId: k.Project, GrantedOrganizationId: k.Organization}
		return &memberv1.Resource{Resource: &memberv1.Resource_ProjectGrant{ProjectGrant: grant}}
	case k.Project != "":
		return &memberv1.Resource{Resource: &memberv1.Resource_ProjectId{ProjectId: k.Project}}
	case k.Organization != "":
		return &memberv1.Resource{Resource: &memberv1.Resource_OrganizationId{OrganizationId: k.Organization}}
	}
	return &memberv1.Resource{Resource: &memberv1.Resource_Instance{Instance: true}}
}

func (s *Server) makeMembership(ctx context.Context, c Change) error {
	if c.Action == Remove {
		_, err := s.members.RemoveMember(ctx, &memberv1.RemoveMemberRequest{Resource: resourceOf(c.Key), UserId: c.Key.User})
		return err
	}
	_, err := s.members.SetMember(ctx, &memberv1.SetMemberRequest{
		Resource: resourceOf(c.Key), UserId: c.Key.User, Roles: itemsOf(c.to()[fieldRoles]),
	})
	return err
}
