package user

import (
	"context"
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
	writeIssued(where *query.Conditions) error
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

func (f IssuedID) writeIssued(where *query.Conditions) error { return where.Equals("c.id", string(f)) }
func (f IssuedUser) writeIssued(where *query.Conditions) error {
	return where.Equals("c.user_id", string(f))
}

func (f IssuedOrganization) writeIssued(where *query.Conditions) error {
	return where.Equals("c.organization_id", string(f))
}

func (f Created) writeIssued(where *query.Conditions) error {
	return where.Moment("c.created_at", f.Is, f.At)
}
func (f Expires) writeIssued(where *query.Conditions) error { return where.Moment(expiry, f.Is, f.At) }

// IssuedRequest says which keys or tokens to list.
type IssuedRequest struct {
	Filters     []IssuedFilter // all must hold
	Sort        IssuedColumn
	Page        query.Page
	Consistency query.Consistency
}

// IssuedList is a page of keys or tokens.
type IssuedList = query.Found[Issued]

func (q *Queries) issued(ctx context.Context, viewer query.Viewer, kind int16, r IssuedRequest) (IssuedList, error) {
	s, err := r.statements(viewer, kind)
	if err != nil {
		return IssuedList{}, err
	}
	search := query.Search[Issued]{Model: q.model, Pool: q.pool, Statements: s, Consistency: r.Consistency, Scan: (*Issued).scan}
	return search.Run(ctx)
}

func (r IssuedRequest) statements(viewer query.Viewer, kind int16) (query.Statements, error) {
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	switch {
	case r.Sort >= issuedColumnEnd:
		return query.Statements{}, query.ErrUnknownColumn
	case len(r.Filters) > MaxNodes:
		return query.Statements{}, errTooManyNodes
	}
	where := query.NewConditions(viewer.TenantID())
	where.Write(" and c.kind = ", strconv.Itoa(int(kind))) // in the text: the indexes hold these kinds only
	scopeOf(viewer).write(where, "c.organization_id", "c.user_id")
	if err := query.All(where, r.Filters, IssuedFilter.writeIssued); err != nil {
		return query.Statements{}, err
	}
	return r.Page.List(where, query.Listing{
		Total: sqlCountIssued, Rows: sqlIssued, Order: r.order(), Projections: []string{projection}, Prepared: len(r.Filters) <= preparedNodes,
	}), nil
}

func (r IssuedRequest) order() string {
	columns := []string{"c.created_at", "c.id", "c.user_id"}
	switch r.Sort {
	case IssuedByID:
		columns = append([]string{"c.id"}, columns...)
	case IssuedByUser:
		columns = append([]string{"c.user_id"}, columns...)
	case IssuedByOrganization:
		columns = append([]string{"c.organization_id"}, columns...)
	case IssuedByExpiry:
		columns = append([]string{expiry}, columns...)
	}
	return r.Page.Order(columns...)
}

func (i *Issued) scan(row pgx.Row) error {
	err := row.Scan(&i.ID, &i.UserID, &i.Organization, &i.CreatedAt, &i.ChangedAt, &i.ExpiresAt)
	i.CreatedAt, i.ChangedAt, i.ExpiresAt = i.CreatedAt.UTC(), i.ChangedAt.UTC(), i.ExpiresAt.UTC()
	return err
}
