package user

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// Sizes of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
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

// ListRequest says which users to list. The zero value asks for the newest ids first, a page of DefaultLimit.
type ListRequest struct {
	Filters     []Filter // all must hold
	Sort        Column
	Ascending   bool
	Offset      uint64
	Limit       uint32 // DefaultLimit when zero; at most MaxLimit
	Consistency query.Consistency
	Memory      []User // that the page may take, whatever it holds; nil has new memory made
}

// List is a page of users.
type List struct {
	Users []User
	Total uint64 // users that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the users that match and that the viewer may read.
//
// It refuses with invalid_argument what is beyond the limits of this package and with unavailable (query.ErrBehind) when
// the read model does not catch up in time. It never refuses for want of permission: who may read nobody sees oneself.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	s, err := r.statements(viewer)
	if err != nil {
		return List{}, err
	}
	list := List{}
	list.Reflected, err = q.model.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		snap, err := q.page(ctx, s, &list.Total, func(rows pgx.Rows) error { return scanUsers(rows, r.Memory, s.limit, &list) })
		return snap, query.Fault("list users", err)
	})
	if err != nil {
		return List{}, err
	}
	list.Total = reconcile(list.Total, r.Offset, len(list.Users), s.limit)
	return list, nil
}

// reconcile makes a total agree with the page where the page shows the end of the list: the total was counted in a
// snapshot before that of the rows.
func reconcile(total, offset uint64, rows, limit int) uint64 {
	seen := offset + uint64(rows)
	switch {
	case rows > 0 && rows < limit:
		return seen
	case rows == limit:
		return max(total, seen)
	case offset == 0:
		return 0
	default: // beyond the end
		return min(total, offset)
	}
}

// statements are the two of one list, with parameters of their own. $1 is the tenant in both.
type statements struct {
	state     string
	stateArgs []any
	rows      string
	rowsArgs  []any
	limit     int
	prepared  bool
}

func (r ListRequest) statements(viewer query.Viewer) (statements, error) {
	if err := r.check(); err != nil {
		return statements{}, err
	}
	var t tally
	if err := t.all(r.Filters, 0); err != nil {
		return statements{}, err
	}
	where := builder{args: []any{viewer.TenantID()}}
	readable := scopeOf(viewer)
	readable.write(&where, "u.organization_id", "u.id")
	for _, f := range r.Filters {
		where.write(" and ")
		f.write(&where, false)
	}
	s := statements{
		stateArgs: where.args,
		rowsArgs:  where.args,
		limit:     cmp.Or(int(r.Limit), DefaultLimit),
		prepared:  t.nodes <= preparedNodes,
	}
	condition := where.sql.String()
	s.state = sqlState + total(readable, condition, len(r.Filters) == 0) + sqlStateFrom
	s.rows = fmt.Sprintf(sqlRows, condition, r.order(), sizeClass(s.limit))
	if r.Offset > 0 {
		s.rowsArgs = append(s.rowsArgs[:len(s.rowsArgs):len(s.rowsArgs)], int64(r.Offset))
		s.rows += " offset $" + strconv.Itoa(len(s.rowsArgs))
	}
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
	}
	return nil
}

// total writes how matching users are counted. scope.write has made the parameters $2 and $3 where it needs any.
func total(s scope, condition string, unconditional bool) string {
	switch {
	case unconditional && s.all:
		return sqlCountAll
	case unconditional && len(s.organizations) > 0:
		return fmt.Sprintf(sqlCountSome, "$2", "$3")
	default:
		return fmt.Sprintf(sqlCountWhere, condition)
	}
}

// sizeClass rounds a page size up. It stands in the text of the statement, where the planner sees how little is wanted;
// the classes keep the number of texts small.
func sizeClass(limit int) int {
	for _, class := range [...]int{10, 50, DefaultLimit, 250, 500} {
		if limit <= class {
			return class
		}
	}
	return MaxLimit
}

func (r ListRequest) order() string {
	direction := " desc"
	if r.Ascending {
		direction = " asc"
	}
	if key := r.Sort.key(); key != "u.id" {
		return key + direction + ", u.id" + direction
	}
	return "u.id" + direction
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

// page runs both statements in this order: the rows' snapshot is never older than the one the checkpoint stands in, so
// the checkpoint vouches for the rows.
func (q *Queries) page(ctx context.Context, s statements, total *uint64, scan func(pgx.Rows) error) (query.Snapshot, error) {
	if !s.prepared {
		return q.pageUnprepared(ctx, s, total, scan)
	}
	batch := &pgx.Batch{}
	batch.Queue(s.state, s.stateArgs...)
	batch.Queue(s.rows, s.rowsArgs...)
	results := q.pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	snap, err := scanState(results.QueryRow(), total)
	if err != nil {
		return query.Snapshot{}, err
	}
	rows, err := results.Query()
	if err != nil {
		return query.Snapshot{}, err
	}
	if err := scan(rows); err != nil {
		return query.Snapshot{}, err
	}
	return snap, results.Close()
}

// pageUnprepared is page in several round trips, leaving nothing behind in the statement cache.
func (q *Queries) pageUnprepared(ctx context.Context, s statements, total *uint64, scan func(pgx.Rows) error) (query.Snapshot, error) {
	unprepared := func(args []any) []any { return append([]any{pgx.QueryExecModeDescribeExec}, args...) }
	snap, err := scanState(q.pool.QueryRow(ctx, s.state, unprepared(s.stateArgs)...), total)
	if err != nil {
		return query.Snapshot{}, err
	}
	rows, err := q.pool.Query(ctx, s.rows, unprepared(s.rowsArgs)...)
	if err != nil {
		return query.Snapshot{}, err
	}
	return snap, scan(rows)
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

func scanUsers(rows pgx.Rows, memory []User, limit int, into *List) error {
	defer rows.Close()
	into.Users = slices.Grow(memory[:0], int(min(uint64(limit), into.Total)))
	for rows.Next() {
		if len(into.Users) == limit { // the statement reads a class of page sizes
			break
		}
		into.Users = append(into.Users, User{})
		if err := decode(rows.RawValues(), &into.Users[len(into.Users)-1]); err != nil {
			return err
		}
	}
	rows.Close()
	return rows.Err()
}
