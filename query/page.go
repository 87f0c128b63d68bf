package query

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Sizes of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

// Page says which part of a list to return. The zero value asks for the beginning of a descending list.
type Page struct {
	Offset    uint64
	Limit     uint32 // DefaultLimit when zero; at most MaxLimit
	Ascending bool
}

// Applied is the limit that is in force.
func (p Page) Applied() int { return cmp.Or(int(p.Limit), DefaultLimit) }

// Check returns ErrLimit or ErrOffset for what is out of range.
func (p Page) Check() error {
	switch {
	case p.Limit > MaxLimit:
		return ErrLimit
	case p.Offset > math.MaxInt64/2:
		return ErrOffset
	}
	return nil
}

// Order writes by which columns rows are sorted: all in the direction of the page.
func (p Page) Order(columns ...string) string {
	direction := " desc"
	if p.Ascending {
		direction = " asc"
	}
	return strings.Join(columns, direction+", ") + direction
}

// Statements returns both statements of a list under some conditions, without their texts.
func (p Page) Statements(where *Conditions) Statements {
	return Statements{StateArgs: where.Args(), RowsArgs: where.Args(), Limit: p.Applied(), offset: p.Offset}
}

// Listing is what the statements of a list are made of.
type Listing struct {
	Total       string // an expression, with a place for the conditions
	Rows        string // a statement, with places for the conditions, the order and the limit
	Order       string
	Projections []string
	Prepared    bool // see Statements
}

// List returns both statements of a list under the conditions that were written.
func (p Page) List(where *Conditions, l Listing) Statements {
	condition := where.Cut()
	s := p.Statements(where)
	s.Prepared = l.Prepared
	s.State = StateSQL(fmt.Sprintf(l.Total, condition), l.Projections...)
	limit := s.Cut()
	s.Rows = fmt.Sprintf(l.Rows, condition, l.Order, limit)
	return s
}

// Cut writes how many rows to return. The offset becomes the last parameter of the rows.
func (s *Statements) Cut() string {
	limit := strconv.Itoa(SizeClass(s.Limit))
	if s.offset > 0 {
		s.RowsArgs = append(slices.Clip(s.RowsArgs), int64(s.offset))
		limit += " offset $" + strconv.Itoa(len(s.RowsArgs))
	}
	return limit
}

// Within writes how many rows have to be found for those that Cut returns. It goes by the parameter that Cut has made.
func (s *Statements) Within() string {
	found := strconv.Itoa(SizeClass(s.Limit))
	if s.offset > 0 {
		found += " + $" + strconv.Itoa(len(s.RowsArgs)) + "::bigint"
	}
	return found
}

// SizeClass rounds a page size up. It stands in the text of the statement, where the planner sees how little is wanted;
// the classes keep the number of texts small.
func SizeClass(limit int) int {
	for _, class := range [...]int{10, 50, DefaultLimit, 250, 500} {
		if limit <= class {
			return class
		}
	}
	return MaxLimit
}

// Reconcile makes a total agree with the page where the page shows the end of the list: the total was counted in a
// snapshot before that of the rows.
func Reconcile(total, offset uint64, rows, limit int) uint64 {
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
