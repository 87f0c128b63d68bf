package session

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// Sizes of a page.
const (
	DefaultLimit = query.DefaultLimit
	MaxLimit     = query.MaxLimit
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 3

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Sessions that began at the same moment are sorted by id.
const (
	ByID Column = iota
	ByCreation
	columnEnd
)

// ListRequest says which sessions to list. The zero value asks for the newest ids first, a page of DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // DefaultLimit when zero; at most MaxLimit
	Consistency query.Consistency
}

// List is a page of sessions.
type List struct {
	Sessions []Session
	Total    uint64 // sessions that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the sessions that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of this package and with unavailable (query.ErrBehind) when a
// read model does not catch up in time. It never refuses for want of permission: who may read nobody's sees the own ones.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	var found page
	read := func(ctx context.Context) (query.Snapshot, error) {
		found, err = q.page(ctx, &s)
		return found.snapshot, query.Fault("list sessions", err)
	}
	if _, err := q.model.Many(ctx, r.Consistency, read); err != nil {
		return List{}, err
	}
	// What was found serves as the first look at the users' names.
	looked := true
	_, err = q.names.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		if !looked {
			if _, err := read(ctx); err != nil {
				return query.Snapshot{}, err
			}
		}
		looked = false
		return query.Snapshot{Reflected: query.Reflected{Position: found.names}, Head: found.snapshot.Head}, nil
	})
	if err != nil {
		return List{}, err
	}
	return List{
		Sessions:  found.sessions,
		Total:     query.Reconcile(found.total, r.Offset, len(found.sessions), s.Limit),
		Reflected: found.snapshot.Reflected,
	}, nil
}

func (r ListRequest) statements(viewer query.Viewer) (query.Statements, error) {
	if err := r.check(); err != nil {
		return query.Statements{}, err
	}
	where := builder{args: []any{viewer.TenantID()}}
	where.scope(viewer)
	for _, f := range r.Filters {
		if f == nil {
			return query.Statements{}, errNoCondition
		}
		where.write(" and ")
		if err := f.write(&where); err != nil {
			return query.Statements{}, err
		}
	}
	condition := where.sql.String()
	s := query.Statements{
		State: fmt.Sprintf(sqlState, condition), StateArgs: where.args, RowsArgs: where.args,
		Limit: cmp.Or(int(r.Limit), DefaultLimit), Prepared: len(r.Filters) <= preparedFilters,
	}
	limit := strconv.Itoa(query.SizeClass(s.Limit))
	if r.Offset > 0 {
		s.RowsArgs = append(slices.Clip(s.RowsArgs), int64(r.Offset))
		limit += " offset $" + strconv.Itoa(len(s.RowsArgs))
	}
	s.Rows = fmt.Sprintf(sqlRows, condition, r.order(), limit)
	return s, nil
}

func (r ListRequest) check() error {
	switch {
	case r.Limit > MaxLimit:
		return errLimit
	case r.Offset > math.MaxInt64/2:
		return errOffset
	case r.Sort >= columnEnd:
		return errUnknownColumn
	case len(r.Filters) > MaxFilters:
		return errTooMany
	}
	return nil
}

func (r ListRequest) order() string {
	direction := " desc"
	if r.Ascending {
		direction = " asc"
	}
	if r.Sort == ByCreation {
		return "s.created_at" + direction + ", s.id" + direction
	}
	return "s.id" + direction
}

// page is what both statements of a list found.
type page struct {
	snapshot query.Snapshot
	names    eventstore.Position // checkpoint of the users' names
	total    uint64
	sessions []Session
}

// page runs the statements of a list.
func (q *Queries) page(ctx context.Context, s *query.Statements) (p page, err error) {
	err = s.Run(ctx, q.pool, p.scanState, func(rows pgx.Rows) error { return p.scanRows(rows, s.Limit) })
	return p, err
}

func (p *page) scanState(row pgx.Row) error {
	snap := &p.snapshot
	err := row.Scan(&snap.Position, &snap.At, &snap.Head, &snap.Incomplete, &p.names, &p.total)
	snap.At = snap.At.UTC()
	return err
}

func (p *page) scanRows(rows pgx.Rows, limit int) error {
	defer rows.Close()
	p.sessions = make([]Session, 0, min(uint64(limit), p.total))
	for rows.Next() {
		if len(p.sessions) == limit { // the statement reads a class of page sizes
			break
		}
		p.sessions = append(p.sessions, Session{})
		if err := p.sessions[len(p.sessions)-1].scan(rows); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}
