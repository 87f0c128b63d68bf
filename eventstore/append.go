package eventstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
)

const (
	committers = 2
	// maxGroup bounds a group, so that one transaction stays short.
	maxGroup = 256

	// MaxEvents bounds the events of one change.
	MaxEvents = 1000
	// MaxPayload bounds each part of an event, in bytes.
	MaxPayload = 1 << 20
	maxID      = 200
)

// pending is a change on its way into the log.
type pending struct {
	change    Change
	positions []Position // of its events, once written
	receipt   Receipt
	err       error
	done      chan struct{}
}

// Append writes one change and returns where it landed. A change that has no place any more ends with ErrConflict or a
// *ClaimTakenError, one that could never be written with ErrInvalidChange, and one that met a database out of reach with
// ErrUnavailable.
//
// When ctx ends first Append returns its error at once; the change may still be written.
func (s *Store) Append(ctx context.Context, change Change) (Receipt, error) {
	if err := change.validate(); err != nil {
		return Receipt{}, err
	}
	slices.SortFunc(change.Claims, compareClaims)
	slices.SortFunc(change.Releases, compareClaims)
	p := &pending{change: change, done: make(chan struct{})}
	if !s.queue.push(p) {
		return Receipt{}, fmt.Errorf("%w: the store is closed", ErrUnavailable)
	}
	select {
	case <-p.done:
		return p.receipt, p.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	}
}

func (c *Change) validate() error {
	switch id := c.Stream; {
	case id.Tenant == "" || id.Kind == "" || id.ID == "" || len(id.Tenant) > maxID || len(id.Kind) > maxID || len(id.ID) > maxID:
		return fmt.Errorf("%w: tenant, kind and id of a stream have 1 to %d bytes", ErrInvalidChange, maxID)
	case len(c.Events) == 0 || len(c.Events) > MaxEvents:
		return fmt.Errorf("%w: a change has 1 to %d events", ErrInvalidChange, MaxEvents)
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Type == "" || e.ID == [16]byte{} {
			return fmt.Errorf("%w: an event needs an id and a type", ErrInvalidChange)
		}
		if max(len(e.Payload), len(e.Personal), len(e.Secret)) > MaxPayload {
			return fmt.Errorf("%w: a part of %s has more than %d bytes", ErrInvalidChange, e.Type, MaxPayload)
		}
	}
	return nil
}

func compareClaims(a, b Claim) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Digest, b.Digest))
}

type claimKey struct {
	tenant, kind, digest string
}

// queue holds the changes that wait for a committer, and what the groups under way have in hand.
type queue struct {
	mu      sync.Mutex
	ready   sync.Cond
	waiting []*pending
	streams map[StreamID]struct{}
	claims  map[claimKey]struct{}
	closed  bool
}

func (q *queue) init() {
	q.ready.L = &q.mu
	q.streams = make(map[StreamID]struct{})
	q.claims = make(map[claimKey]struct{})
}

func (q *queue) push(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, p)
	q.ready.Signal()
	return true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ready.Broadcast()
}

// take blocks until some waiting change can go, and returns a group sorted by stream; nil when the queue has closed and is
// empty. Changes to a stream or claim that a group has in hand stay behind, in their order.
func (q *queue) take() []*pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if group := q.pick(); len(group) > 0 {
			slices.SortFunc(group, func(a, b *pending) int { return compareStreams(a.change.Stream, b.change.Stream) })
			return group
		}
		if q.closed && len(q.waiting) == 0 {
			q.ready.Broadcast()
			return nil
		}
		q.ready.Wait()
	}
}

func (q *queue) pick() []*pending {
	var group []*pending
	rest := q.waiting[:0]
	for _, p := range q.waiting {
		if len(group) < maxGroup && q.reserve(&p.change) {
			group = append(group, p)
		} else {
			rest = append(rest, p)
		}
	}
	clear(q.waiting[len(rest):])
	q.waiting = rest
	return group
}

func (q *queue) reserve(c *Change) bool {
	if _, busy := q.streams[c.Stream]; busy {
		return false
	}
	for _, claim := range slices.Concat(c.Claims, c.Releases) {
		if _, busy := q.claims[keyOf(c, claim)]; busy {
			return false
		}
	}
	q.streams[c.Stream] = struct{}{}
	for _, claim := range slices.Concat(c.Claims, c.Releases) {
		q.claims[keyOf(c, claim)] = struct{}{}
	}
	return true
}

// settle frees what a group had in hand and answers its members. Waiting changes that were decided on an older version of
// a stream just advanced are refused here, without a trip to the database.
func (q *queue) settle(group []*pending) {
	q.mu.Lock()
	advanced := make(map[StreamID]uint64, len(group))
	for _, p := range group {
		delete(q.streams, p.change.Stream)
		for _, claim := range slices.Concat(p.change.Claims, p.change.Releases) {
			delete(q.claims, keyOf(&p.change, claim))
		}
		if p.err == nil {
			advanced[p.change.Stream] = p.receipt.Version
		}
	}
	rest := q.waiting[:0]
	var stale []*pending
	for _, p := range q.waiting {
		if version, ok := advanced[p.change.Stream]; ok && p.change.Expected < version {
			p.err = ErrConflict
			stale = append(stale, p)
			continue
		}
		rest = append(rest, p)
	}
	clear(q.waiting[len(rest):])
	q.waiting = rest
	q.ready.Broadcast()
	q.mu.Unlock()
	for _, p := range slices.Concat(group, stale) {
		close(p.done)
	}
}

func keyOf(c *Change, claim Claim) claimKey {
	return claimKey{c.Stream.Tenant, claim.Kind, string(claim.Digest)}
}

func compareStreams(a, b StreamID) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}
