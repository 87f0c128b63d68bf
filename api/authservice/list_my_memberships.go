package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/member"
)

var errMembershipQuery = failure.New(failure.InvalidArgument, "QUERY_MISSING", "a query about a membership names where it is")

// ListMyMemberships returns the manager roles that the caller has, and where, by the time at which it got them.
func (s *Service) ListMyMemberships(ctx context.Context, r *authv1.ListMyMembershipsRequest) (*authv1.ListMyMembershipsResponse, error) {
	c := call.From(ctx)
	if !c.Caller.Authenticated() {
		return nil, query.ErrDenied
	}
	filters := []member.Filter{member.OfUsers{c.Caller.UserID}}
	for _, q := range r.GetQueries() {
		filter, err := membershipFilter(q)
		if err != nil {
			return nil, err
		}
		filters = append(filters, filter)
	}
	list, err := s.members.List(ctx, c.Caller, member.ListRequest{
		Filters: filters, Sort: member.ByCreation, Page: object.Page(r.GetQuery()), Consistency: c.Consistency,
	})
	if err != nil {
		return nil, err
	}
	c.Reflect(list.Position)
	answer := &authv1.ListMyMembershipsResponse{Details: listed(list.Total, list.Reflected)}
	for i := range list.Rows {
		answer.Result = append(answer.Result, membership(&list.Rows[i]))
	}
	return answer, nil
}

// membershipFilter translates a condition. One without an id names nothing.
func membershipFilter(q *authv1.MembershipQuery) (member.Filter, error) {
	on := member.On{
		Organization: q.GetOrgQuery().GetOrgId(), Project: q.GetProjectQuery().GetProjectId(),
		Granted: q.GetProjectGrantQuery().GetProjectGrantId(),
	}
	switch {
	case on != member.On{}:
		return on, nil
	case q.GetIamQuery().GetIam():
		return member.OnLevel(member.OnInstance), nil
	}
	return nil, errMembershipQuery
}

// membership writes where a membership is. A granted project goes by the organization that it was granted to.
func membership(m *member.Member) *authv1.Membership {
	out := &authv1.Membership{
		UserId: m.User.ID, Roles: m.Roles, DisplayName: m.Name,
		Details: &authv1.ObjectDetails{
			Sequence: uint64(m.Position), CreationDate: object.Instant(m.CreatedAt), ChangeDate: object.Instant(m.ChangedAt),
			ResourceOwner: m.Resource.Organization,
		},
	}
	switch m.Resource.Level() {
	case member.OnInstance:
		out.Type = &authv1.Membership_Iam{Iam: true}
	case member.OnOrganization:
		out.Type = &authv1.Membership_OrgId{OrgId: m.Resource.Organization}
	case member.OnProject:
		out.Type = &authv1.Membership_ProjectId{ProjectId: m.Resource.Project}
	case member.OnProjectGrant:
		out.Type = &authv1.Membership_ProjectGrantId{ProjectGrantId: m.Resource.Granted}
	}
	return out
}
