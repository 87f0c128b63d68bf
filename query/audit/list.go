package audit

import (
	"cmp"
	"context"
	"slices"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// ListEvents returns a page of the events that match and that the viewer may see.
//
// It refuses with permission_denied who asks for a stream without the right to see it, with invalid_argument what is
// beyond the limits or a page token of another question, and with unavailable (query.ErrBehind) when the log's high
// water mark does not rise in time.
func (q *Queries) ListEvents(ctx context.Context, viewer query.Viewer, r Request) (Page, error) {
	if err := r.check(); err != nil {
		return Page{}, err
	}
	page := pager{queries: q, viewer: viewer, asked: r, owners: make(map[eventstore.StreamID]string)}
	if err := r.resume(viewer.TenantID()); err != nil {
		return Page{}, err
	}
	streams, err := page.authorize(ctx, &r)
	if err != nil {
		return Page{}, err
	}
	if r.Ascending {
		if err := page.holdToHighWater(ctx, &r); err != nil {
			return Page{}, err
		}
	}
	seen, next, err := page.scan(ctx, streams, r)
	if err != nil {
		return Page{}, query.Fault("read the log", err)
	}
	events, err := page.present(ctx, seen)
	if err != nil {
		return Page{}, query.Fault("open events", err)
	}
	return Page{Events: events, NextToken: next}, nil
}

// pager makes one page.
type pager struct {
	queries *Queries
	viewer  query.Viewer
	asked   Request // as it came, for the next token
	owners  map[eventstore.StreamID]string
}

// scan reads the streams until the page is full, the log ends or enough was looked at.
func (p *pager) scan(ctx context.Context, streams []eventstore.LogQuery, r Request) (seen []eventstore.Event, next string, err error) {
	tenant := p.viewer.TenantID()
	size := r.size() + 1 // one more than wanted tells whether there is a next page
	for looked := 0; looked < maxScanned; size = MaxPageSize {
		events, err := p.read(ctx, streams, r, size)
		if err != nil {
			return nil, "", err
		}
		if err := p.learnOwners(ctx, events); err != nil {
			return nil, "", err
		}
		for _, e := range events {
			if !p.visible(e.Stream) {
				continue
			}
			if len(seen) == r.size() {
				return seen, p.asked.token(tenant, seen[len(seen)-1].Position), nil
			}
			seen = append(seen, e)
		}
		if len(events) < size {
			return seen, "", nil
		}
		looked += len(events)
		r.goOn(events[len(events)-1].Position)
		next = p.asked.token(tenant, events[len(events)-1].Position)
	}
	return seen, next, nil
}

func (r *Request) goOn(at eventstore.Position) {
	if r.Ascending {
		r.After = at
	} else {
		r.Before = at
	}
}

// read merges what the log answers for each stream. One question, or none that names a stream, is the rule.
func (p *pager) read(ctx context.Context, streams []eventstore.LogQuery, r Request, size int) ([]eventstore.Event, error) {
	var all []eventstore.Event
	for _, s := range streams {
		s.Actor, s.Types, s.Since, s.Until = r.Actor, r.Types, r.Since, r.Until
		s.After, s.Before, s.Descending, s.Limit = r.After, r.Before, !r.Ascending, size
		events, err := p.queries.log.ReadLog(ctx, s)
		if err != nil {
			return nil, err
		}
		all = append(all, events...)
	}
	if len(streams) > 1 {
		slices.SortFunc(all, func(a, b eventstore.Event) int {
			if r.Ascending {
				return cmp.Compare(a.Position, b.Position)
			}
			return cmp.Compare(b.Position, a.Position)
		})
		all = all[:min(len(all), size)]
	}
	return all, nil
}

// holdToHighWater ends the page where the log is complete, after waiting until that includes everything committed so far.
func (p *pager) holdToHighWater(ctx context.Context, r *Request) error {
	water, err := query.CompleteLog(ctx, p.queries.log, query.Consistency{Timeout: r.Timeout})
	if err != nil {
		return err
	}
	if r.Before == 0 || r.Before > water {
		r.Before = water + 1
	}
	return nil
}
