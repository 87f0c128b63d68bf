package access

import (
	"context"
	"time"

	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Observe forgets what events may have changed. It is quick, and an observer of the store (eventstore.Options.Observers).
func (a *Authenticator) Observe(events []eventstore.Event) {
	for i := range events {
		if i == 0 || events[i].Stream != events[i-1].Stream {
			a.forget(&events[i].Stream)
		}
	}
}

func (a *Authenticator) forget(changed *eventstore.StreamID) {
	switch {
	case changed.Tenant != a.tenant:
	case changed.Kind == user.Kind, changed.Kind == session.Kind:
		a.cache.forget(stream{changed.Kind, changed.ID})
	case changed.Kind == instance.Kind:
		a.cache.forgetAll()
	}
}

const followPause = time.Second // after a failed read

// Follow observes the events that other nodes append, until ctx ends. Without it their revocations count after a minute.
func (a *Authenticator) Follow(ctx context.Context) error {
	position := a.rt.Store.HighWater()
	a.cache.forgetAll()
	for {
		next, err := a.follow(ctx, position)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			position = next
			continue
		}
		// What happened meanwhile is unknown until the log can be read again.
		a.cache.forgetAll()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followPause):
		}
	}
}

func (a *Authenticator) follow(ctx context.Context, after eventstore.Position) (eventstore.Position, error) {
	upTo, err := a.rt.Store.AwaitHighWater(ctx, after)
	if err != nil {
		return after, err
	}
	changed, err := a.rt.Store.ChangedStreams(ctx, eventstore.Batch{
		After: after, UpTo: upTo, Kinds: []string{user.Kind, session.Kind, instance.Kind},
	})
	if err != nil {
		return after, err
	}
	for i := range changed {
		a.forget(&changed[i])
	}
	return upTo, nil
}
