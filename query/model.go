package query

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/eventstore"
)

// Model is one or several read models that answer together. Each follows the log under the name of a checkpoint. It is safe for
// concurrent use.
type Model struct {
	log         *eventstore.Store
	checkpoints []string
}

// NewModel returns the model that the projections of these names feed.
func NewModel(log *eventstore.Store, projections ...string) *Model {
	return &Model{log: log, checkpoints: projections}
}

// Versions are what a read by id saw in one snapshot: how far the row has come, and how far its stream.
type Versions struct {
	Row    uint64
	Stream uint64
}

// One answers a read by id. It calls read, and when the row is older than demanded waits for the projection and calls
// read a second time. read must take both versions from one snapshot.
func (m *Model) One(ctx context.Context, c Consistency, read func(context.Context) (Versions, error)) error {
	if c.MinPosition > 0 {
		// A position from a log that was since restored to an earlier state must be refused, so it is never taken on trust
		// that a row which matches its stream is new enough.
		if err := m.await(ctx, c, c.MinPosition); err != nil {
			return err
		}
		_, err := read(ctx)
		return err
	}
	first, err := read(ctx)
	if err != nil || c.Mode == Eventual || first.Row >= first.Stream {
		return err
	}
	return m.oneAgain(ctx, c, first, read)
}

func (m *Model) oneAgain(ctx context.Context, c Consistency, first Versions, read func(context.Context) (Versions, error)) error {
	head, err := m.log.Head(ctx)
	if err != nil {
		return Fault("read the head of the log", err)
	}
	if err := m.await(ctx, c, head); err != nil {
		return err
	}
	second, err := read(ctx)
	if err != nil {
		return err
	}
	if second.Row < first.Stream { // the projection went past the stream without it: parked
		return ErrBehind
	}
	return nil
}

// Snapshot is what a list saw: the checkpoint, of several the one that is furthest behind, and, in the same snapshot, the last committed position.
type Snapshot struct {
	Reflected
	Head eventstore.Position
}

// Many answers a list. It calls read, and when the checkpoint is older than demanded waits for the projection and calls
// read a second time. read must take rows from the same snapshot as the checkpoint or from a later one.
func (m *Model) Many(ctx context.Context, c Consistency, read func(context.Context) (Snapshot, error)) (Reflected, error) {
	snap, err := read(ctx)
	if err != nil {
		return Reflected{}, err
	}
	target := c.target(snap.Head)
	if snap.Position >= target {
		return snap.Reflected, nil
	}
	if err := m.await(ctx, c, target); err != nil {
		return Reflected{}, err
	}
	if snap, err = read(ctx); err != nil {
		return Reflected{}, err
	}
	if snap.Position < target {
		return Reflected{}, ErrBehind
	}
	return snap.Reflected, nil
}

func (m *Model) await(ctx context.Context, c Consistency, target eventstore.Position) error {
	wait, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	var err error
	for _, checkpoint := range m.checkpoints {
		if err = m.log.Await(wait, checkpoint, target); err != nil {
			break
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // the caller gave up, not the projection
		return ctx.Err()
	case wait.Err() != nil || errors.Is(err, eventstore.ErrUnavailable):
		return ErrBehind.Because(err)
	default:
		return Fault("wait for the read model", err)
	}
}

// CompleteLog waits until the log is known to be complete up to everything committed so far, and returns up to where it
// is. Below that position no event can appear any more.
func CompleteLog(ctx context.Context, log *eventstore.Store, c Consistency) (eventstore.Position, error) {
	head, err := log.Head(ctx)
	if err != nil {
		return 0, Fault("read the head of the log", err)
	}
	wait, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	water, err := log.AwaitHighWater(wait, head-1)
	switch {
	case err == nil:
		return water, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case wait.Err() != nil:
		return 0, ErrBehind.Because(err)
	default:
		return 0, Fault("wait for the high water mark", err)
	}
}
