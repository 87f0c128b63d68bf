package access

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// atOnce is how many projects are read beside each other; the log answers them together.
const atOnce = 32

// introduce completes an answer with the caller, unless the organization of the user is not active. It depends on the instance
// by the epoch of the cache.
func (a *Authenticator) introduce(ctx context.Context, found *answer, who permission.Identity, holder *user.State) error {
	found.on = append(found.on, a.cache.now(stream{organization.Kind, holder.Organization}), a.cache.now(stream{member.Kind, who.UserID}))
	active, err := a.organizations.Active(ctx, a.tenant, holder.Organization)
	if err != nil {
		return err
	}
	if !active {
		return ErrUnauthenticated
	}
	tenant, err := a.instances.Load(ctx, a.tenant, a.tenant)
	if err != nil {
		return err
	}
	memberships, err := a.memberships(ctx, found, who.UserID, holder.Added)
	if err != nil {
		return err
	}
	memberships = append(memberships, permission.Membership{Roles: tenant.State.Roles(who.UserID, holder.Added)})
	who.Tenant, who.Organization = a.tenant, holder.Organization
	found.caller = permission.NewCaller(who, memberships...)
	return nil
}

// memberships returns what a user holds besides the instance. Ids of organizations and projects are never used again, so that
// what is held on one that is gone gives nothing; a grant may be made again, and then begins without members.
func (a *Authenticator) memberships(
	ctx context.Context, found *answer, userID string, since eventstore.Position,
) ([]permission.Membership, error) {
	snap, err := a.members.Load(ctx, a.tenant, userID)
	if err != nil {
		return nil, err
	}
	held := snap.State.Held(since)
	projects, err := a.granted(ctx, found, held)
	if err != nil {
		return nil, err
	}
	memberships := make([]permission.Membership, 0, len(held)+1)
	for i := range held {
		m := &held[i]
		if m.Granted != "" {
			if grant, granted := projects[m.Project].Grant(m.Granted); !granted || m.At < grant.Since {
				continue
			}
		}
		memberships = append(memberships, m.Membership)
	}
	return memberships, nil
}

// granted loads the projects on whose grants something is held. The answer depends on them from here on.
func (a *Authenticator) granted(ctx context.Context, found *answer, held []member.Held) (map[string]*project.State, error) {
	states := make(map[string]*project.State)
	for i := range held {
		if id := held[i].Project; held[i].Granted != "" && states[id] == nil {
			states[id] = &project.State{}
			found.on = append(found.on, a.cache.now(stream{project.Kind, id}))
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for id, into := range states {
		group.Go(func() error {
			state, err := a.projects.Project(ctx, a.tenant, id)
			if err == nil {
				*into = *state
			}
			return err
		})
	}
	return states, group.Wait()
}
