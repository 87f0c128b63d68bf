package eventstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	committers = 2
	// spill is how many changes have to wait before a second committer helps: below that, two small groups cost more than
	// one large one.
	spill = 16
	// stuck is how long a group may take before a second committer helps all the same: it may wait for a row that another
	// node has locked.
	stuck = 10 * time.Millisecond
	// maxGroup and maxGroupSize (in bytes) bound a group, so that one transaction stays short.
	maxGroup     = 256
	maxGroupSize = 2 * MaxChange
)

// pending is a change on its way into the log.
type pending struct {
	change    Change
	size      int
	positions []Position // of its events, once written
	receipt   Receipt
	err       error
	done      chan struct{}
}

// Append writes one change and returns where it landed. A change that has no place any more ends with ErrConflict or a
// *ClaimTakenError, one that could never be written with ErrInvalidChange, and one that met a database out of reach with
// ErrUnavailable.
//
// When ctx ends first Append returns its error at once; the change may still be written, and what it holds must not be
// modified then or later.
func (s *Store) Append(ctx context.Context, change Change) (Receipt, error) {
	if err := change.validate(); err != nil {
		return Receipt{}, err
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	p := &pending{change: change, size: change.size(), done: make(chan struct{})}
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
	busy    int         // committers with a group in hand
	taken   time.Time   // when the latest group was taken
	nudge   *time.Timer // wakes a second committer when that group is stuck
	closed  bool
}

func (q *queue) init() {
	q.ready.L = &q.mu
	q.nudge = time.AfterFunc(stuck, q.ready.Signal)
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
	if q.open() {
		q.ready.Signal()
	}
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
			q.busy++
			q.taken = time.Now()
			q.nudge.Reset(stuck)
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

// open reports whether one more committer is to take what waits.
func (q *queue) open() bool {
	return q.busy == 0 || len(q.waiting) >= spill || len(q.waiting) > 0 && time.Since(q.taken) >= stuck
}

func (q *queue) pick() []*pending {
	if !q.open() {
		return nil
	}
	var group []*pending
	rest := q.waiting[:0]
	size := 0
	for _, p := range q.waiting {
		if len(group) < maxGroup && (len(group) == 0 || size+p.size <= maxGroupSize) && q.reserve(&p.change) {
			group = append(group, p)
			size += p.size
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
	for key := range c.exclusive {
		if _, busy := q.claims[key]; busy {
			return false
		}
	}
	q.streams[c.Stream] = struct{}{}
	for key := range c.exclusive {
		q.claims[key] = struct{}{}
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
		for key := range p.change.exclusive {
			delete(q.claims, key)
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
	q.busy--
	if q.closed || q.open() && len(q.waiting) > 0 {
		q.ready.Broadcast()
	}
	q.mu.Unlock()
	for _, p := range slices.Concat(group, stale) {
		close(p.done)
	}
}

// exclusive yields what no two members of a group may share besides a stream.
func (c *Change) exclusive(yield func(claimKey) bool) {
	for _, claims := range [...][]Claim{c.Claims, c.Releases} {
		for _, claim := range claims {
			if !yield(keyOf(c, claim)) {
				return
			}
		}
	}
	for _, key := range c.Keys {
		if !yield(subjectKey(c, key)) {
			return
		}
	}
}

func keyOf(c *Change, claim Claim) claimKey {
	return claimKey{c.Stream.Tenant, claim.Kind, string(claim.Digest)}
}

// subjectKey stands for a data key among the claims: no claim is without a kind.
func subjectKey(c *Change, key DataKey) claimKey {
	return claimKey{tenant: c.Stream.Tenant, digest: key.Subject}
}

func compareStreams(a, b StreamID) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}
