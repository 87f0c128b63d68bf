package memberservice

import (
	"cmp"
	"context"
	"slices"

	"github.com/signet-iam/signet/api/call"
	memberv1 "github.com/signet-iam/signet/api/gen/signet/member/v1"
	"github.com/signet-iam/signet/command/permission"
)

// ListMemberRoles returns the roles there are.
func (s *Service) ListMemberRoles(ctx context.Context, _ *memberv1.ListMemberRolesRequest) (*memberv1.ListMemberRolesResponse, error) {
	if !call.From(ctx).Caller.Authenticated() {
		return nil, permission.ErrUnauthenticated
	}
	answer := &memberv1.ListMemberRolesResponse{}
	for _, d := range permission.Definitions() {
		permissions := slices.Compact(slices.Sorted(slices.Values(d.Permissions)))
		answer.Roles = append(answer.Roles, &memberv1.Role{Name: d.Role, Level: level(d.Level), Permissions: permissions})
	}
	slices.SortFunc(answer.Roles, func(a, b *memberv1.Role) int {
		return cmp.Or(cmp.Compare(a.GetLevel(), b.GetLevel()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return answer, nil
}

func level(l permission.Level) memberv1.RoleLevel {
	switch l {
	case permission.OnInstance:
		return memberv1.RoleLevel_ROLE_LEVEL_INSTANCE
	case permission.OnOrganization:
		return memberv1.RoleLevel_ROLE_LEVEL_ORGANIZATION
	case permission.OnProject:
		return memberv1.RoleLevel_ROLE_LEVEL_PROJECT
	case permission.OnProjectGrant:
		return memberv1.RoleLevel_ROLE_LEVEL_PROJECT_GRANT
	}
	return memberv1.RoleLevel_ROLE_LEVEL_UNSPECIFIED
}
