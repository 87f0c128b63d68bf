package user

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// preparedNodes is the size of the largest tree of conditions whose statement stays prepared.
const preparedNodes = 4

// Column is what a list is sorted by. The numbers are those of the wire.
type Column uint8

// The columns. Texts sort ignoring case, in the order of code points; equal ones by id. Machines have empty texts where
// only people have some.
const (
	ByID Column = iota
	ByUsername
	ByGivenName
	ByFamilyName
	ByNickName
	ByDisplayName
	ByEmail
	ByState
	ByKind
	ByCreation
	columnEnd
)

// ListRequest says which users to list. The zero value asks for the newest ids first, a page of query.DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Page        query.Page
	Consistency query.Consistency
	Memory      *Memory // for the page; nil has some made
}

// Memory holds a page of users with all their texts, until it is given to the next one.
type Memory struct {
	users []User
	text  arena
}

// List is a page of users.
type List struct {
	Users []User
	Total uint64 // users that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the users that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of lists and of this package and with unavailable (query.ErrBehind) when
// the read model does not catch up in time. It never refuses for want of permission: who may read nobody sees oneself.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	memory := r.Memory
	if memory == nil {
		memory = new(Memory)
	}
	list := List{}
	list.Reflected, err = q.model.Many(ctx, r.Consistency, func(ctx context.Context) (snap query.Snapshot, err error) {
		err = s.Run(ctx, q.pool, func(row pgx.Row) (err error) {
			snap, err = scanState(row, &list.Total)
			return err
		}, func(rows pgx.Rows) error { return scanUsers(rows, memory, s.Limit, &list) })
		return snap, query.Fault("list users", err)
	})
	if err != nil {
		return List{}, err
	}
	list.Total = query.Reconcile(list.Total, r.Page.Offset, len(list.Users), s.Limit)
	return list, nil
}

func (r ListRequest) statements(viewer query.Viewer) (query.Statements, error) {
	if err := r.Page.Check(); err != nil {
		return query.Statements{}, err
	}
	if r.Sort >= columnEnd {
		return query.Statements{}, query.ErrUnknownColumn
	}
	var t tally
	if err := t.all(r.Filters, 0); err != nil {
		return query.Statements{}, err
	}
	where := query.NewConditions(viewer.TenantID())
	readable := scopeOf(viewer)
	if slices.ContainsFunc(r.Filters, readable.covers) {
		readable = scope{all: true} // of what the filter leaves
	}
	readable.write(where, "u.organization_id", "u.id")
	for _, f := range r.Filters {
		where.Write(" and ")
		f.write(where, false)
	}
	condition := where.Cut()
	s := r.Page.Statements(where)
	s.Prepared = t.nodes <= preparedNodes
	s.State = sqlState + total(readable, condition, r.Filters) + sqlStateFrom
	s.Rows = r.rows(condition, s.Cut())
	return s, nil
}

// rows writes how the page is read. What is sorted within one organization is found in an index that holds all it is sorted by.
func (r ListRequest) rows(condition, limit string) string {
	within := slices.ContainsFunc(r.Filters, func(f Filter) bool {
		_, is := f.(InOrganization)
		return is
	})
	order := sqlRowsOrder + r.order()
	if within && r.Sort != ByID {
		return sqlKeys + condition + order + sqlRowsLimit + limit + sqlRowsOfKeys + order
	}
	return sqlRows + condition + order + sqlRowsLimit + limit
}

// total writes how matching users are counted. Where it can be told by whole organizations nobody is looked at: the parameters
// are $2, or $2 and $3, which scope.write or the only filter made.
func total(s scope, condition string, filters []Filter) string {
	switch {
	case len(filters) == 1 && s.covers(filters[0]):
		return sqlCountOne
	case len(filters) == 0 && s.all:
		return sqlCountAll
	case len(filters) == 0 && len(s.organizations) > 0:
		return fmt.Sprintf(sqlCountSome, "$2", "$3")
	}
	return fmt.Sprintf(sqlCountWhere, condition)
}

func (r ListRequest) order() string {
	if key := r.Sort.key(); key != "u.id" {
		return r.Page.Order(key, "u.id")
	}
	return r.Page.Order("u.id")
}

func (c Column) key() string {
	switch c {
	case ByUsername:
		return "u.username_lower"
	case ByGivenName:
		return "u.given_name_lower"
	case ByFamilyName:
		return "u.family_name_lower"
	case ByNickName:
		return "u.nick_name_lower"
	case ByDisplayName:
		return "u.display_name_lower"
	case ByEmail:
		return "u.email_lower"
	case ByState:
		return "u.state"
	case ByKind:
		return "u.kind"
	case ByCreation:
		return "u.created_at"
	default:
		return "u.id"
	}
}

func scanState(row pgx.Row, total *uint64) (query.Snapshot, error) {
	var (
		snap    query.Snapshot
		at      time.Time
		counted int64
	)
	if err := row.Scan(&snap.Position, &at, &snap.Head, &snap.Incomplete, &counted); err != nil {
		return query.Snapshot{}, err
	}
	snap.At = at.UTC()
	*total = uint64(counted)
	return snap, nil
}

func scanUsers(rows pgx.Rows, memory *Memory, limit int, into *List) error {
	defer rows.Close()
	memory.text.reset()
	memory.users = slices.Grow(memory.users[:0], int(min(uint64(limit), into.Total)))
	into.Users = memory.users
	for rows.Next() {
		if len(into.Users) == limit { // the statement reads a class of page sizes
			break
		}
		into.Users = append(into.Users, User{})
		if err := decode(rows.RawValues(), &into.Users[len(into.Users)-1], &memory.text); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}
