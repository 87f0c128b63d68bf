package commandtest

import (
	"context"
	"slices"
	"strings"

	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Directory finds people by their addresses in the log, where there is no read model.
type Directory struct {
	node *Node
}

// WithEmail returns who has an address, the newest first.
func (d Directory) WithEmail(ctx context.Context, tenant, email string, verified bool) ([]string, error) {
	return d.people(ctx, tenant, func(s *user.State) bool {
		return strings.EqualFold(s.Email.Value, email) && s.Email.Verified == verified
	})
}

// WithPhone returns who has a number, the newest first.
func (d Directory) WithPhone(ctx context.Context, tenant, phone string, verified bool) ([]string, error) {
	return d.people(ctx, tenant, func(s *user.State) bool { return s.Phone.Value == phone && s.Phone.Verified == verified })
}

func (d Directory) people(ctx context.Context, tenant string, wanted func(*user.State) bool) ([]string, error) {
	head, err := d.node.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := d.node.Store.AwaitHighWater(ctx, head-1); err != nil {
		return nil, err
	}
	streams, err := d.node.Store.ChangedStreams(ctx, eventstore.Batch{UpTo: head, Kinds: []string{user.Kind}})
	if err != nil {
		return nil, err
	}
	type person struct {
		id    string
		added eventstore.Position
	}
	var found []person
	for _, stream := range streams {
		if stream.Tenant != tenant {
			continue
		}
		snap, err := d.node.UserStates.Load(ctx, tenant, stream.ID)
		if err != nil {
			return nil, err
		}
		if snap.State.Human() && wanted(&snap.State) {
			found = append(found, person{stream.ID, snap.State.Added})
		}
	}
	slices.SortFunc(found, func(a, b person) int { return int(b.added - a.added) })
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = p.id
	}
	return ids, nil
}
