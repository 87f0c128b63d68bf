package command

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"github.com/maypok86/otter/v2"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

const (
	// maxTries bounds how often a command decides because another writer was faster. Writers of this process wait for each
	// other, so it is about other nodes: one that keeps appending needs one trip for each, one that lost needs two.
	maxTries = 64
	// lines is the number of queues for writers that met on a stream; streams share them by hash.
	lines = 1024
)

// Executor runs commands on the streams of one aggregate. It is safe for concurrent use.
type Executor[S any] struct {
	rt        Runtime
	aggregate Aggregate[S]
	cache     *otter.Cache[key, any] // of *Snapshot[S], without saying so: the compiler makes otter anew for each type, in each package
	lines     [lines]chan struct{}
	seed      maphash.Seed
}

type key struct {
	tenant, id string
}

// NewExecutor returns an executor with an empty cache.
func NewExecutor[S any](rt Runtime, aggregate Aggregate[S]) (*Executor[S], error) {
	cache, err := otter.New(&otter.Options[key, any]{MaximumSize: aggregate.Cached})
	if err != nil {
		return nil, fmt.Errorf("command: cache of %s: %w", aggregate.Kind, err)
	}
	x := &Executor[S]{rt: rt, aggregate: aggregate, cache: cache, seed: maphash.MakeSeed()}
	for i := range x.lines {
		x.lines[i] = make(chan struct{}, 1)
	}
	return x, nil
}

// Call is one command on one stream.
type Call[S any] struct {
	Tenant string
	ID     string
	// Fresh says that the id was made for this command, so that there is nothing to load.
	Fresh bool
	// Actor is who is recorded as the cause.
	Actor string
	// Decide may be called more than once, each time with a newer state. Whatever costs something besides a look at
	// the state (a hash, a spent guess) it has to remember from call to call.
	Decide func(ctx context.Context, s *Snapshot[S]) (Decision, error)
}

// CallBy returns a call in the name of a caller.
func CallBy[S any](caller *permission.Caller, id string) Call[S] {
	return Call[S]{Tenant: caller.Tenant, ID: id, Actor: caller.UserID}
}

// Execute runs a command and returns where it left the stream, and the state there. Refusals of the decision come back as
// they are; a claim that another stream holds as *eventstore.ClaimTakenError.
func (x *Executor[S]) Execute(ctx context.Context, call Call[S]) (Receipt, *S, error) {
	stream := eventstore.StreamID{Tenant: call.Tenant, Kind: x.aggregate.Kind, ID: call.ID}
	queue := line{of: x.lines[maphash.String(x.seed, stream.ID)%lines]}
	defer queue.leave()
	if err := queue.join(ctx); err != nil {
		return Receipt{}, nil, err
	}
	snap, current, err := x.begin(ctx, stream, call.Fresh)
	if err != nil {
		return Receipt{}, nil, err
	}
	for try := range maxTries {
		decision, refusal := call.Decide(ctx, snap)
		if refusal != nil || len(decision.Events) == 0 {
			if current {
				return x.end(call.ID, snap, refusal)
			}
			newer, err := x.refresh(ctx, stream, snap)
			if err != nil {
				return Receipt{}, nil, err
			}
			if current = true; newer.Version == snap.Version {
				return x.end(call.ID, snap, refusal)
			}
			snap = newer
			continue
		}
		after, err := x.append(ctx, stream, snap, &appending{actor: call.Actor, decision: &decision, known: try > 0})
		if err == nil {
			return x.end(call.ID, after, decision.Refusal)
		}
		if !errors.Is(err, eventstore.ErrConflict) {
			return Receipt{}, nil, Refusal(err)
		}
		if err := queue.enter(ctx); err != nil {
			return Receipt{}, nil, err
		}
		if snap, current, err = x.overtake(ctx, stream, snap); err != nil {
			return Receipt{}, nil, err
		}
	}
	return Receipt{}, nil, errContended
}

func (x *Executor[S]) end(id string, s *Snapshot[S], refusal error) (Receipt, *S, error) {
	if refusal != nil {
		return Receipt{}, &s.State, Refusal(refusal)
	}
	return x.aggregate.receipt(id, s), &s.State, nil
}

// begin returns the state to decide on first, and whether it was just read to its end.
func (x *Executor[S]) begin(ctx context.Context, stream eventstore.StreamID, fresh bool) (*Snapshot[S], bool, error) {
	if fresh || !ValidID(stream.ID) {
		return &Snapshot[S]{}, true, nil
	}
	if snap, ok := x.cached(stream); ok {
		return snap, false, nil
	}
	snap, err := x.refresh(ctx, stream, &Snapshot[S]{})
	return snap, true, err
}

// overtake returns a state newer than the one that met a conflict: another command of this process may have left it in
// the cache, otherwise it is read.
func (x *Executor[S]) overtake(ctx context.Context, stream eventstore.StreamID, stale *Snapshot[S]) (*Snapshot[S], bool, error) {
	if snap, ok := x.cached(stream); ok && snap.Version > stale.Version {
		return snap, false, nil
	}
	snap, err := x.refresh(ctx, stream, stale)
	if err != nil || snap.Version > stale.Version || stale.Version == 0 {
		return snap, true, err
	}
	// The log is behind the cache: it was replaced under the running process, and nothing remembered holds.
	x.cache.Invalidate(key{stream.Tenant, stream.ID})
	snap, err = x.refresh(ctx, stream, &Snapshot[S]{})
	return snap, true, err
}

// refresh folds the events after a snapshot, in one read.
func (x *Executor[S]) refresh(ctx context.Context, stream eventstore.StreamID, from *Snapshot[S]) (*Snapshot[S], error) {
	learn := x.rt.Vault.Learner()
	loaded, err := x.rt.Store.LoadStream(ctx, stream, from.Version)
	if err != nil {
		return nil, Refusal(fmt.Errorf("command: load %s: %w", stream.Kind, err))
	}
	for _, key := range loaded.Keys {
		learn(stream.Tenant, key.Subject, key.Wrapped)
	}
	events := loaded.Events
	if len(events) == 0 {
		return from, nil
	}
	messages, faults, err := x.rt.Codec.DecodeAll(ctx, events, codec.Secret)
	if err != nil {
		return nil, Refusal(fmt.Errorf("command: load %s: %w", stream.Kind, err))
	}
	snap := *from
	for i := range events {
		if faults[i] != nil {
			// To decide on a state with a hole in it is worse than not to decide.
			return nil, fmt.Errorf("command: load %s: %s, version %d: %w", stream.Kind, events[i].Type, events[i].Version, faults[i])
		}
		e := &events[i]
		snap = x.aggregate.with(snap, messages[i].Proto, Recorded{ID: e.ID, Version: e.Version, Position: e.Position, At: e.RecordedAt})
	}
	x.keep(stream, &snap)
	return &snap, nil
}

func (x *Executor[S]) cached(stream eventstore.StreamID) (*Snapshot[S], bool) {
	found, ok := x.cache.GetIfPresent(key{stream.Tenant, stream.ID})
	if !ok {
		return nil, false
	}
	return found.(*Snapshot[S]), true
}

// keep puts a snapshot into the cache unless a newer one is there.
func (x *Executor[S]) keep(stream eventstore.StreamID, snap *Snapshot[S]) {
	if have, ok := x.cached(stream); ok && have.Version >= snap.Version {
		return
	}
	x.cache.Set(key{stream.Tenant, stream.ID}, snap)
}

// Load returns the state at the end of the log. The zero snapshot stands for a stream that does not exist.
func (x *Executor[S]) Load(ctx context.Context, tenant, id string) (*Snapshot[S], error) {
	stream := eventstore.StreamID{Tenant: tenant, Kind: x.aggregate.Kind, ID: id}
	snap, current, err := x.begin(ctx, stream, false)
	if err != nil || current {
		return snap, err
	}
	return x.refresh(ctx, stream, snap)
}

// Recall returns a state that may be behind the log, without a read if it is cached. It is for facts that stay true.
func (x *Executor[S]) Recall(ctx context.Context, tenant, id string) (*Snapshot[S], error) {
	snap, _, err := x.begin(ctx, eventstore.StreamID{Tenant: tenant, Kind: x.aggregate.Kind, ID: id}, false)
	return snap, err
}

// line is a place in the queue of writers that met on a stream. Whoever comes while somebody is in it waits behind, so that
// newcomers cannot keep those who lost from their turn.
type line struct {
	of chan struct{} // holds one: whose turn it is
	in bool
}

// join waits if others do.
func (l *line) join(ctx context.Context) error {
	if len(l.of) == 0 {
		return nil
	}
	return l.enter(ctx)
}

// enter waits until those ahead are done; at once for who is in already.
func (l *line) enter(ctx context.Context) error {
	if l.in {
		return nil
	}
	select {
	case l.of <- struct{}{}:
		l.in = true
		return nil
	case <-ctx.Done():
		return errContended.Because(ctx.Err())
	}
}

func (l *line) leave() {
	if l.in {
		<-l.of
	}
}
