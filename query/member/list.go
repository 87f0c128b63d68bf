package member

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 1

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Equal ones are sorted by user, then by resource.
const (
	Unsorted Column = iota // as ByUser
	ByUser
	ByCreation
	ByChange
	columnEnd
)

// ListRequest says which memberships to list. The zero value asks for the last by user id first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// List is a page of memberships.
type List struct {
	Members []Member
	Total   uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the memberships that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of this package and with unavailable (query.ErrBehind) when a read
// model does not catch up in time. It never refuses for want of permission: who may read nobody's sees the own ones.
func (q *Queries) List(ctx context.Context, viewer query.ProjectViewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	var list List
	list.Reflected, err = q.model.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		var snap query.Snapshot
		err := s.Run(ctx, q.pool, func(row pgx.Row) (err error) {
			snap, err = query.ScanState(row, &list.Total)
			return err
		}, func(rows pgx.Rows) (err error) {
			list.Members, err = scanAll(rows, s.Limit)
			return err
		})
		return snap, query.Fault("list memberships", err)
	})
	if err != nil {
		return List{}, err
	}
	list.Total = query.Reconcile(list.Total, r.Offset, len(list.Members), s.Limit)
	return list, nil
}

func (r ListRequest) statements(viewer query.ProjectViewer) (query.Statements, error) {
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
		State: query.StateSQL(fmt.Sprintf(sqlTotal, condition), projections()...), StateArgs: where.args, RowsArgs: where.args,
		Limit: cmp.Or(int(r.Limit), query.DefaultLimit), Prepared: len(r.Filters) <= preparedFilters,
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
	case r.Limit > query.MaxLimit:
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
	first := ""
	switch r.Sort {
	case ByCreation:
		first = "m.created_at" + direction + ", "
	case ByChange:
		first = "m.changed_at" + direction + ", "
	}
	for i, column := range []string{"m.user_id", "m.organization_id", "m.project_id", "m.granted_id"} {
		if i > 0 {
			first += ", "
		}
		first += column + direction
	}
	return first
}

func scanAll(rows pgx.Rows, limit int) ([]Member, error) {
	defer rows.Close()
	var all []Member
	for rows.Next() {
		if len(all) == limit { // the statement reads a class of page sizes
			break
		}
		all = append(all, Member{})
		if err := all[len(all)-1].scan(rows); err != nil {
			return nil, err
		}
	}
	rows.Close()
	return all, rows.Err()
}

func (m *Member) scan(rows pgx.Rows) error {
	err := rows.Scan(
		&m.User.ID, &m.User.Organization, &m.User.LoginName, &m.User.DisplayName, &m.Resource.Organization, &m.Resource.Project,
		&m.Resource.Granted, &m.Name, &m.Roles, &m.Position, &m.CreatedAt, &m.ChangedAt,
	)
	m.CreatedAt, m.ChangedAt = m.CreatedAt.UTC(), m.ChangedAt.UTC()
	return err
}
