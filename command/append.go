package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// appending is a decision on its way into the log.
type appending struct {
	actor    string
	decision *Decision
	known    bool // the stream may exist although it looks empty: ask for its data key before making one

	key     vault.Key
	wrapped []byte // set if key was made for this append
}

func (x *Executor[S]) append(ctx context.Context, stream eventstore.StreamID, on *Snapshot[S], a *appending) (*Snapshot[S], error) {
	if err := x.chooseKey(ctx, stream, on, a); err != nil {
		return nil, err
	}
	change, err := x.change(ctx, stream, on, a)
	if err != nil {
		return nil, err
	}
	receipt, err := x.rt.Store.Append(ctx, change)
	if err != nil {
		return nil, err
	}
	if a.wrapped != nil {
		x.rt.Vault.Remember(stream.Tenant, a.decision.Subject, a.key)
	}
	after := *on
	for i := range a.decision.Events {
		e := &a.decision.Events[i]
		after = x.aggregate.with(after, e.Message, Recorded{
			ID: e.ID, Version: on.Version + uint64(i) + 1, Position: receipt.Position, At: receipt.RecordedAt,
		})
	}
	x.keep(stream, &after)
	return &after, nil
}

// chooseKey finds the subject's data key, or makes one for a subject that has none: a stream's first events bring it along.
func (x *Executor[S]) chooseKey(ctx context.Context, stream eventstore.StreamID, on *Snapshot[S], a *appending) (err error) {
	subject := a.decision.Subject
	if subject == "" {
		return nil
	}
	if on.Version > 0 || a.known {
		a.key, err = x.rt.Vault.Key(ctx, stream.Tenant, subject)
		if !errors.Is(err, vault.ErrErased) {
			return err
		}
	}
	a.key, a.wrapped, err = x.rt.Vault.NewKey(stream.Tenant, subject)
	return err
}

func (x *Executor[S]) change(ctx context.Context, stream eventstore.StreamID, on *Snapshot[S], a *appending) (eventstore.Change, error) {
	d := a.decision
	change := eventstore.Change{
		Stream: stream, Owner: d.Owner, Expected: on.Version, Claims: d.Claims, Releases: d.Releases,
		Metadata: eventstore.Metadata{Actor: a.actor},
		Events:   make([]eventstore.NewEvent, 0, len(d.Events)),
	}
	if a.wrapped != nil {
		change.Keys = []eventstore.DataKey{{Subject: d.Subject, Wrapped: a.wrapped}}
	}
	for i := range d.Events {
		e := &d.Events[i]
		sealed, err := x.rt.Codec.Encode(a.key, stream, d.Subject, e.ID, e.Message)
		if err != nil {
			return change, fmt.Errorf("command: encode: %w", err)
		}
		change.Events = append(change.Events, sealed)
		if e.Code == "" {
			continue
		}
		code, err := a.key.Seal([]byte("deliverable:"+e.ID.String()), []byte(e.Code))
		if err != nil {
			return change, fmt.Errorf("command: seal a code: %w", err)
		}
		change.Deliverables = append(change.Deliverables, eventstore.Deliverable{
			EventID: e.ID, Subject: d.Subject, Sealed: code, ExpiresAt: e.CodeExpires,
		})
	}
	return change, x.trace(ctx, &change, a)
}

// trace records where the command came from.
func (x *Executor[S]) trace(ctx context.Context, change *eventstore.Change, a *appending) (err error) {
	origin := originOf(ctx)
	if origin == nil {
		return nil
	}
	meta := &change.Metadata
	meta.Correlate, meta.Cause = origin.RequestID, origin.Cause
	if client := origin.client(); client != nil && a.decision.Subject != "" {
		if meta.Client, err = x.rt.Codec.SealClient(a.key, change.Stream, *meta, client); err != nil {
			return fmt.Errorf("command: seal the client: %w", err)
		}
	}
	return nil
}
