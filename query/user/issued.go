package user

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Issued is a key or a personal access token, without what it proves anything with.
type Issued struct {
	ID           string
	UserID       string
	Organization string
	CreatedAt    time.Time
	ChangedAt    time.Time
	ExpiresAt    time.Time // Never where there is no end
}

// Never is the moment at which expires what does not.
func Never() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

// IssuedColumn is what a list of keys or tokens is sorted by. The numbers are those of the wire.
type IssuedColumn uint8

// The columns. Equal ones are sorted by creation, then by id.
const (
	IssuedUnsorted IssuedColumn = iota // as IssuedByCreation
	IssuedByCreation
	IssuedByID
	IssuedByUser
	IssuedByOrganization
	IssuedByExpiry
	issuedColumnEnd
)

// IssuedFilter is a condition on keys or tokens: IssuedID, IssuedUser, IssuedOrganization, Created or Expires.
type IssuedFilter interface {
	writeIssued(b *builder) error
}

type (
	// IssuedID holds for the key or token with this id.
	IssuedID string
	// IssuedUser holds for those of this user.
	IssuedUser string
	// IssuedOrganization holds for those of users of this organization.
	IssuedOrganization string
	// Created compares the moment of creation.
	Created struct {
		Is query.Moment
		At time.Time
	}
	// Expires compares the moment from which on a key or token is worth nothing.
	Expires struct {
		Is query.Moment
		At time.Time
	}
)

const expiry = "coalesce(c.expires_at, '9999-12-31 23:59:59+00')"

func (f IssuedID) writeIssued(b *builder) error   { return b.equals("c.id", string(f)) }
func (f IssuedUser) writeIssued(b *builder) error { return b.equals("c.user_id", string(f)) }

func (f IssuedOrganization) writeIssued(b *builder) error {
	return b.equals("c.organization_id", string(f))
}

func (f Created) writeIssued(b *builder) error { return b.compareTime("c.created_at", f.Is, f.At) }
func (f Expires) writeIssued(b *builder) error { return b.compareTime(expiry, f.Is, f.At) }

func (b *builder) equals(column, value string) error {
	if !validText(value) {
		return errInvalidText
	}
	b.write(column, " = ", b.bind(value))
	return nil
}

func (b *builder) compareTime(column string, is query.Moment, at time.Time) error {
	operator, known := is.Operator()
	if !known {
		return errUnknownField
	}
	b.write(column, operator, b.bind(at))
	return nil
}

// IssuedRequest says which keys or tokens to list.
type IssuedRequest struct {
	Filters     []IssuedFilter // all must hold
	Sort        IssuedColumn
	Page        Page
	Consistency query.Consistency
}

// IssuedList is a page of keys or tokens.
type IssuedList struct {
	Issued []Issued
	Total  uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

func (q *Queries) issued(ctx context.Context, viewer query.Viewer, kind int16, r IssuedRequest) (IssuedList, error) {
	s, err := r.statements(viewer, kind)
	if err != nil {
		return IssuedList{}, err
	}
	var list IssuedList
	list.Reflected, err = q.model.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		snap, err := q.page(ctx, &s, &list.Total, func(rows pgx.Rows) (err error) {
			list.Issued, err = scanIssued(rows, s.Limit)
			return err
		})
		return snap, query.Fault("list keys or tokens", err)
	})
	if err != nil {
		return IssuedList{}, err
	}
	list.Total = query.Reconcile(list.Total, r.Page.Offset, len(list.Issued), s.Limit)
	return list, nil
}

func (r IssuedRequest) statements(viewer query.Viewer, kind int16) (query.Statements, error) {
	if err := r.Page.check(); err != nil {
		return query.Statements{}, err
	}
	switch {
	case r.Sort >= issuedColumnEnd:
		return query.Statements{}, errUnknownColumn
	case len(r.Filters) > MaxNodes:
		return query.Statements{}, errTooManyNodes
	}
	where := builder{args: []any{viewer.TenantID()}}
	where.write(" and c.kind = ", strconv.Itoa(int(kind))) // in the text: the indexes hold these kinds only
	scopeOf(viewer).write(&where, "c.organization_id", "c.user_id")
	for _, f := range r.Filters {
		if f == nil {
			return query.Statements{}, errNoCondition
		}
		where.write(" and ")
		if err := f.writeIssued(&where); err != nil {
			return query.Statements{}, err
		}
	}
	s := query.Statements{
		StateArgs: where.args, RowsArgs: where.args, Limit: r.Page.Applied(), Prepared: len(r.Filters) <= preparedNodes,
	}
	condition := where.sql.String()
	s.State = sqlState + fmt.Sprintf(sqlCountIssued, condition) + sqlStateFrom
	s.Rows = fmt.Sprintf(sqlIssued, condition, r.order(), query.SizeClass(s.Limit))
	if r.Page.Offset > 0 {
		s.RowsArgs = append(s.RowsArgs[:len(s.RowsArgs):len(s.RowsArgs)], int64(r.Page.Offset))
		s.Rows += " offset $" + strconv.Itoa(len(s.RowsArgs))
	}
	return s, nil
}

func (r IssuedRequest) order() string {
	direction := r.Page.direction()
	first := ""
	switch r.Sort {
	case IssuedByID:
		first = "c.id" + direction + ", "
	case IssuedByUser:
		first = "c.user_id" + direction + ", "
	case IssuedByOrganization:
		first = "c.organization_id" + direction + ", "
	case IssuedByExpiry:
		first = expiry + direction + ", "
	}
	return first + "c.created_at" + direction + ", c.id" + direction + ", c.user_id" + direction
}

func scanIssued(rows pgx.Rows, limit int) ([]Issued, error) {
	defer rows.Close()
	var list []Issued
	for rows.Next() {
		if len(list) == limit { // the statement reads a class of page sizes
			break
		}
		var i Issued
		if err := rows.Scan(&i.ID, &i.UserID, &i.Organization, &i.CreatedAt, &i.ChangedAt, &i.ExpiresAt); err != nil {
			return nil, err
		}
		i.CreatedAt, i.ChangedAt, i.ExpiresAt = i.CreatedAt.UTC(), i.ChangedAt.UTC(), i.ExpiresAt.UTC()
		list = append(list, i)
	}
	rows.Close()
	return list, rows.Err()
}
