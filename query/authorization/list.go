package authorization

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

// The columns. Equal ones are sorted by id.
const (
	Unsorted Column = iota // as ByCreation
	ByCreation
	ByChange
	ByID
	ByUser
	ByProject
	ByOrganization
	ByUserOrganization
	columnEnd
)

// ListRequest says which authorizations to list. The zero value asks for the newest first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// List is a page of authorizations.
type List struct {
	Authorizations []Authorization
	Total          uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the authorizations that match and that the viewer may read.
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
			list.Authorizations, err = scanAll(rows, s.Limit)
			return err
		})
		return snap, query.Fault("list authorizations", err)
	})
	if err != nil {
		return List{}, err
	}
	list.Total = query.Reconcile(list.Total, r.Offset, len(list.Authorizations), s.Limit)
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
	first := "a.created_at"
	switch r.Sort {
	case ByChange:
		first = "a.changed_at"
	case ByID:
		return "a.id" + direction
	case ByUser:
		first = "a.user_id"
	case ByProject:
		first = "a.project_id"
	case ByOrganization:
		first = "a.organization_id"
	case ByUserOrganization:
		first = "a.user_organization_id"
	}
	return first + direction + ", a.id" + direction
}

func scanAll(rows pgx.Rows, limit int) ([]Authorization, error) {
	defer rows.Close()
	var all []Authorization
	for rows.Next() {
		if len(all) == limit { // the statement reads a class of page sizes
			break
		}
		all = append(all, Authorization{})
		if err := all[len(all)-1].scan(rows); err != nil {
			return nil, err
		}
	}
	rows.Close()
	return all, rows.Err()
}

func (a *Authorization) scan(rows pgx.Rows) error {
	var active bool
	var keys, names, groups []string
	err := rows.Scan(
		&a.ID, &a.User.ID, &a.User.Organization, &a.User.LoginName, &a.User.DisplayName, &a.Project.ID, &a.Project.Name,
		&a.Project.Organization, &a.Organization.ID, &a.Organization.Name, &active, &a.Position, &a.CreatedAt, &a.ChangedAt,
		&keys, &names, &groups,
	)
	if err != nil {
		return err
	}
	a.State = Inactive
	if active {
		a.State = Active
	}
	a.Granted = a.Project.Organization != a.Organization.ID
	a.CreatedAt, a.ChangedAt = a.CreatedAt.UTC(), a.ChangedAt.UTC()
	for i, key := range keys {
		a.Roles = append(a.Roles, Role{Key: key, DisplayName: names[i], Group: groups[i]})
	}
	return nil
}
