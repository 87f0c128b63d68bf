package member

import (
	"cmp"
	"context"
	"slices"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

const mostRoles = 50 // of one membership

// Set gives a user exactly these roles on a resource.
type Set struct {
	Resource Resource
	UserID   string
	Roles    []permission.Role // 1 to 50, of the resource's level
}

// Set replaces the roles that a user holds on a resource. The same roles again are no change.
func (s *Service) Set(ctx context.Context, caller *permission.Caller, req Set) (command.Receipt, error) {
	if !caller.Authenticated() {
		return command.Receipt{}, permission.ErrUnauthenticated
	}
	if len(req.Roles) == 0 || len(req.Roles) > mostRoles {
		return command.Receipt{}, ErrRoles
	}
	at, err := s.look(ctx, caller.Tenant, req.Resource)
	if err != nil {
		return command.Receipt{}, err
	}
	permissions, err := given(at.level, req.Roles)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := check(opSet, caller, at); err != nil {
		return command.Receipt{}, err
	}
	for _, p := range permissions {
		if !at.on.may(caller, p) {
			return command.Receipt{}, ErrBeyondOwn
		}
	}
	if !at.exists {
		return command.Receipt{}, ErrNotFound
	}
	roles := slices.Compact(slices.Sorted(slices.Values(req.Roles)))
	return s.write(ctx, caller, at, wish{req.UserID, roles})
}

// Appoint is Set on an organization, for packages that cannot know this one.
func (s *Service) Appoint(
	ctx context.Context, caller *permission.Caller, organization, userID string, roles []permission.Role,
) (command.Receipt, error) {
	return s.Set(ctx, caller, Set{Resource: Resource{Organization: organization}, UserID: userID, Roles: roles})
}

// Remove takes all roles on a resource from a user. There may be none. What stands on something that is gone can be removed all
// the same: it counts against the limit of the user.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller, on Resource, userID string) (command.Receipt, error) {
	if !caller.Authenticated() {
		return command.Receipt{}, permission.ErrUnauthenticated
	}
	at, err := s.look(ctx, caller.Tenant, on)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := check(opRemove, caller, at); err != nil {
		return command.Receipt{}, err
	}
	return s.write(ctx, caller, at, wish{userID: userID})
}

// wish is what a user shall hold: without roles nothing.
type wish struct {
	userID string
	roles  []permission.Role
}

// write brings a membership about.
func (s *Service) write(ctx context.Context, caller *permission.Caller, at *place, w wish) (command.Receipt, error) {
	holder, err := s.users.Load(ctx, caller.Tenant, w.userID)
	if err != nil {
		return command.Receipt{}, err
	}
	if !holder.State.Exists() {
		return command.Receipt{}, user.ErrNotFound
	}
	if at.level == permission.OnInstance {
		return s.writeInstance(ctx, caller, w, &holder.State)
	}
	known := caller.Knows(holder.State.Organization, cmp.Or(at.on.Granted, at.on.Organization))
	call := command.CallBy[State](caller, w.userID)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: holder.State.Organization}
		have, holds := snap.State.on(at.on, max(holder.State.Added, at.since))
		switch {
		case !holds && !known:
			return d, user.ErrNotFound
		case len(w.roles) == 0 && !holds && !at.exists:
			return d, ErrNotFound
		case slices.Equal(have.roles, w.roles):
			return d, nil
		case !holds && len(snap.State.entries) >= most:
			if err := s.clear(ctx, caller.Tenant, &holder.State, &snap.State, &d); err != nil {
				return d, err
			}
		}
		d.Add(s.rt.NewID(), &eventv1.MembershipSet{
			OrganizationId: at.on.Organization, ProjectId: at.on.Project, GrantedOrganizationId: at.on.Granted, Roles: w.roles,
		})
		return d, nil
	}
	receipt, _, err := s.members.Execute(ctx, call)
	receipt.Organization = at.on.Organization
	return receipt, err
}

// clearMost is how many memberships that have ended are cleared away at once.
const clearMost = 100

// clear ends memberships that stand on something gone, so that they leave room for others. It refuses if there are none.
func (s *Service) clear(ctx context.Context, tenant string, holder *user.State, state *State, d *command.Decision) error {
	for i := range state.entries {
		e := &state.entries[i]
		at, err := s.look(ctx, tenant, e.on)
		if err != nil {
			return err
		}
		if at.exists && e.at >= max(holder.Added, at.since) {
			continue
		}
		d.Add(s.rt.NewID(), &eventv1.MembershipSet{
			OrganizationId: e.on.Organization, ProjectId: e.on.Project, GrantedOrganizationId: e.on.Granted,
		})
		if len(d.Events) == clearMost {
			break
		}
	}
	if len(d.Events) == 0 {
		return ErrTooMany
	}
	return nil
}

// writeInstance brings a membership on the instance about. Whoever decides at the same time decides on the same stream.
func (s *Service) writeInstance(ctx context.Context, caller *permission.Caller, w wish, holder *user.State) (command.Receipt, error) {
	call := command.CallBy[instance.State](caller, caller.Tenant)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[instance.State]) (command.Decision, error) {
		var d command.Decision
		have := snap.State.Roles(w.userID, holder.Added)
		if slices.Equal(have, w.roles) {
			return d, nil
		}
		if slices.Contains(have, permission.InstanceOwner) && !slices.Contains(w.roles, permission.InstanceOwner) {
			if err := s.anotherOwner(ctx, caller.Tenant, w.userID, &snap.State); err != nil {
				return d, err
			}
		}
		if len(have) == 0 && snap.State.Members() >= most {
			return d, ErrTooMany
		}
		d.Add(s.rt.NewID(), &eventv1.InstanceMemberSet{UserId: w.userID, Roles: w.roles})
		return d, nil
	}
	receipt, _, err := s.instances.Execute(ctx, call)
	return receipt, err
}

// anotherOwner refuses unless somebody else owns the instance and can sign in.
func (s *Service) anotherOwner(ctx context.Context, tenant, userID string, state *instance.State) error {
	for _, id := range state.Holders(permission.InstanceOwner) {
		if id == userID {
			continue
		}
		other, err := s.users.Load(ctx, tenant, id)
		if err != nil {
			return err
		}
		if other.State.CanSignIn() && slices.Contains(state.Roles(id, other.State.Added), permission.InstanceOwner) {
			return nil
		}
	}
	return ErrLastOwner
}
