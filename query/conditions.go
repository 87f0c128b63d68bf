package query

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the conditions of one list.
const (
	MaxFilters = 20
	MaxListed  = 1000 // ids in all lists together
	MaxText    = 1024 // bytes of one text
)

// Conditions writes the conditions of one list. Text that reaches the statement comes from the packages of queries only; every value
// becomes a parameter.
type Conditions struct {
	sql    strings.Builder
	args   []any
	listed int
}

// NewConditions returns conditions on rows that these parameters tell.
func NewConditions(args ...any) *Conditions { return &Conditions{args: args} }

// Bind makes a value the next parameter and returns its placeholder.
func (c *Conditions) Bind(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// Args returns the parameters.
func (c *Conditions) Args() []any { return c.args }

// Write appends to the text.
func (c *Conditions) Write(parts ...string) {
	for _, p := range parts {
		c.sql.WriteString(p)
	}
}

// Cut returns what was written so far and begins anew; the parameters stay.
func (c *Conditions) Cut() string {
	sql := c.sql.String()
	c.sql.Reset()
	c.listed = 0
	return sql
}

// Where adds conditions that must all hold. It refuses with ErrTooManyFilters and ErrNoCondition, and as write does.
func Where[F any](c *Conditions, filters []F, write func(F, *Conditions) error) error {
	if len(filters) > MaxFilters {
		return ErrTooManyFilters
	}
	return All(c, filters, write)
}

// All is Where for however many conditions there are: its caller has counted them.
func All[F any](c *Conditions, filters []F, write func(F, *Conditions) error) error {
	for _, f := range filters {
		if any(f) == nil {
			return ErrNoCondition
		}
		c.Write(" and ")
		if err := write(f, c); err != nil {
			return err
		}
	}
	return nil
}

// Equals holds where a column has this text. It refuses with ErrInvalidText.
func (c *Conditions) Equals(column, value string) error {
	if !ValidText(value) {
		return ErrInvalidText
	}
	c.Write(column, " = ", c.Bind(value))
	return nil
}

// Amongst holds where a column has one of these ids. It refuses with ErrTooManyListed and ErrInvalidText.
func (c *Conditions) Amongst(column string, ids []string) error {
	if c.listed += len(ids); c.listed > MaxListed {
		return ErrTooManyListed
	}
	if slices.ContainsFunc(ids, func(id string) bool { return !ValidText(id) }) {
		return ErrInvalidText
	}
	c.Write(column, " = any (", c.Bind(ids), ")")
	return nil
}

// Text compares the column exact, beside which lower holds its strings.ToLower. It refuses with ErrUnknownField and ErrInvalidText.
func (c *Conditions) Text(exact, lower string, is TextMethod, value string) error {
	switch {
	case !is.Known():
		return ErrUnknownField
	case !ValidText(value):
		return ErrInvalidText
	}
	c.Write("(", is.Condition(exact, lower, value, c.Bind), ")")
	return nil
}

// Moment compares a column of moments. It refuses with ErrUnknownField.
func (c *Conditions) Moment(column string, is Moment, at time.Time) error {
	operator, known := is.Operator()
	if !known {
		return ErrUnknownField
	}
	c.Write(column, operator, c.Bind(at))
	return nil
}

// ValidText reports whether Postgres can take a text and an index could hold it.
func ValidText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
