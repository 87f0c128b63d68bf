package organization

import (
	"context"
	"errors"
	"fmt"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

const (
	clearedAtOnce = 500  // users in one read
	endedAtOnce   = 1000 // organizations in one read
)

// Clearing removes the users of organizations that were removed. They are shut out and in no list from the moment their
// organization ends; this is what frees their names, their tokens and their links.
//
// It keeps no state: what is left to do follows from the log, so that it may break off anywhere, run anywhere and run twice. A user
// who was being added while the organization ended is found by the next run.
type Clearing struct {
	rt    command.Runtime
	users *user.Service
}

// RemovedType is the type of the event after which there is something to clear.
func RemovedType() string { return codec.Type(&eventv1.OrganizationRemoved{}) }

// NewClearing returns a clearing that removes users with the commands on users.
func NewClearing(rt command.Runtime, users *user.Service) *Clearing {
	return &Clearing{rt: rt, users: users}
}

// Clear removes all users of a tenant's removed organizations and returns how many it removed. A user that cannot be removed does
// not keep it from the others; the error tells of all of them.
func (c *Clearing) Clear(ctx context.Context, tenant string) (int, error) {
	cleared := 0
	var failed []error
	for after := eventstore.Position(0); ; {
		ended, last, err := c.ended(ctx, tenant, after)
		if err != nil {
			return cleared, err
		}
		if len(ended) == 0 {
			return cleared, errors.Join(failed...)
		}
		n, err := c.clear(ctx, tenant, ended)
		cleared += n
		if ctx.Err() != nil {
			return cleared, ctx.Err()
		}
		failed = append(failed, err)
		after = last
	}
}

// ended returns organizations that were removed after a position, and the position of the last of them.
func (c *Clearing) ended(ctx context.Context, tenant string, after eventstore.Position) ([]string, eventstore.Position, error) {
	events, err := c.rt.Store.ReadLog(ctx, eventstore.LogQuery{
		Tenant: tenant, StreamKind: Kind, Types: []string{RemovedType()}, After: after, Limit: endedAtOnce,
	})
	if err != nil {
		return nil, 0, fmt.Errorf("organization: removed ones: %w", err)
	}
	ids := make([]string, len(events))
	for i := range events {
		ids[i], after = events[i].Stream.ID, events[i].Position
	}
	return ids, after, nil
}

// clear removes the users of organizations.
func (c *Clearing) clear(ctx context.Context, tenant string, organizations []string) (cleared int, err error) {
	var failed []error
	system := permission.System(tenant)
	of := eventstore.OwnedQuery{
		Tenant: tenant, Kind: user.Kind, Owners: organizations, Ended: codec.Type(&eventv1.UserRemoved{}), Limit: clearedAtOnce,
	}
	for {
		ids, err := c.rt.Store.OwnedStreams(ctx, of)
		if err != nil {
			return cleared, errors.Join(append(failed, err)...)
		}
		for _, id := range ids {
			switch _, err := c.users.Delete(ctx, system, id); {
			case err == nil:
				cleared++
			case ctx.Err() != nil:
				return cleared, ctx.Err()
			case !errors.Is(err, user.ErrNotFound): // somebody else was faster, or nothing but the end was left to say
				failed = append(failed, fmt.Errorf("organization: clear: %w", err))
			}
		}
		if len(ids) < of.Limit {
			return cleared, errors.Join(failed...)
		}
		of.After = ids[len(ids)-1]
	}
}
