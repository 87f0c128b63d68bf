package authservice

import (
	"context"
	"slices"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/permission"
)

// ListMyZitadelPermissions returns what the caller may do in the organization in which it acts, and on single projects as
// "permission:project". Who may do nothing gets an empty list; who asks about an organization that it has nothing to do with is denied.
func (s *Service) ListMyZitadelPermissions(
	ctx context.Context, _ *authv1.ListMyZitadelPermissionsRequest,
) (*authv1.ListMyZitadelPermissionsResponse, error) {
	caller := call.From(ctx).Caller
	if !caller.Authenticated() {
		return nil, permission.ErrUnauthenticated
	}
	organization := acting(ctx, caller)
	held := caller.HeldAt(permission.Scope{Organization: organization})
	if len(held) == 0 && organization != caller.Organization {
		return nil, permission.ErrDenied
	}
	return &authv1.ListMyZitadelPermissionsResponse{Result: slices.Concat(held, onProjects(caller))}, nil
}

// onProjects returns what the caller may do by its memberships on projects and granted projects.
func onProjects(caller *permission.Caller) (held []string) {
	for _, p := range permission.All() {
		granted, _ := caller.Grants(p)
		projects := slices.Concat(caller.Projects(p), granted)
		slices.Sort(projects)
		for _, project := range slices.Compact(projects) {
			held = append(held, p+":"+project)
		}
	}
	return held
}
