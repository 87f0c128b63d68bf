package inbox

import (
	"context"
	"time"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// checkpoint is the name under which the writer announces the numbers of new messages.
const checkpoint = "inbox"

// recheck bounds how long a lost announcement goes unnoticed.
const recheck = time.Second

// WaitRequest says which message to wait for.
type WaitRequest struct {
	Recipient string        // empty for any
	After     string        // only a message later than this one; empty for any, those already there included
	Timeout   time.Duration // DefaultTimeout when zero; at most MaxTimeout
}

// Wait returns the oldest message that matches, as soon as there is one. ErrNone when none came in time; it refuses with
// permission_denied and invalid_argument.
func (q *Queries) Wait(ctx context.Context, viewer query.Viewer, r WaitRequest) (Message, error) {
	after, err := mark(r.After)
	if err != nil {
		return Message{}, err
	}
	if err := check(r.Recipient); err != nil {
		return Message{}, err
	}
	if r.Timeout < 0 || r.Timeout > MaxTimeout {
		return Message{}, errTimeout
	}
	if !viewer.May(query.InboxRead, "") {
		return Message{}, query.ErrDenied
	}
	if r.Timeout == 0 {
		r.Timeout = DefaultTimeout
	}
	bounded, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	s := search{tenant: viewer.TenantID(), recipient: r.Recipient, after: after, limit: 10}
	m, err := q.wait(bounded, s)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return Message{}, ErrNone
	}
	return m, query.Fault("wait for a message", err)
}

func (q *Queries) wait(ctx context.Context, s search) (Message, error) {
	var seen int64 // number up to which nothing is left to wait for
	for {
		// Read before the search: what comes in between is above it and wakes the next turn.
		var newest int64
		if err := q.pool.QueryRow(ctx, sqlNewest, s.tenant).Scan(&newest); err != nil {
			return Message{}, err
		}
		messages, last, err := q.find(ctx, s)
		if err != nil {
			return Message{}, err
		}
		if len(messages) > 0 {
			return messages[0], nil
		}
		if last > s.after { // messages of erased users
			s.after = last
			continue
		}
		seen = max(seen, newest, s.after)
		announced, err := q.sleep(ctx, seen+1)
		if err != nil {
			return Message{}, err
		}
		if announced { // perhaps for another tenant: numbers are shared
			seen++
		}
	}
}

// sleep returns when a message with this number or a later one is announced, and after recheck at the latest.
func (q *Queries) sleep(ctx context.Context, number int64) (announced bool, err error) {
	turn, cancel := context.WithTimeout(ctx, recheck)
	defer cancel()
	err = q.log.Await(turn, checkpoint, eventstore.Position(number))
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case turn.Err() != nil:
		return false, nil
	default:
		return false, err
	}
}
