package user

import (
	"slices"

	"github.com/signet-iam/signet/query"
)

// Limits of the conditions of one list, beside those of package query. All InIDs and InEmails together list query.MaxListed values.
const (
	MaxDepth = 20  // levels below the outermost
	MaxNodes = 100 // conditions, connectives included
)

// Filter is a condition on users. The conditions are Text, StateIs, KindIs, InIDs, InEmails, InOrganization, MetadataKey and
// MetadataValue; And, Or and Not connect them.
type Filter interface {
	// check counts what the condition adds to the limits.
	check(t *tally, depth int) error
	// write appends the condition, or what holds where the condition is known not to hold.
	write(where *query.Conditions, negated bool)
}

// Field is a text of a user.
type Field uint8

// The fields. All but the first two are of people only.
const (
	Username Field = iota
	LoginName
	GivenName
	FamilyName
	NickName
	DisplayName
	Email
	Phone
	fieldCount
)

type (
	// Text compares a field with a value.
	Text struct {
		Field  Field
		Method query.TextMethod
		Value  string
	}
	// StateIs holds for users in this state.
	StateIs State
	// KindIs holds for users of this kind.
	KindIs Kind
	// InIDs holds for users with one of these ids.
	InIDs []string
	// InEmails holds for people with exactly one of these addresses.
	InEmails []string
	// InOrganization holds for users of this organization.
	InOrganization string
	// And holds where all do; empty, it always holds.
	And []Filter
	// Or holds where any does; empty, it never holds.
	Or []Filter
	// Not holds where Filter is known not to hold.
	Not struct{ Filter Filter }
)

// tally counts the size of a tree of conditions.
type tally struct {
	nodes  int
	listed int
}

func (t *tally) node(depth int) error {
	if t.nodes++; t.nodes > MaxNodes {
		return errTooManyNodes
	}
	if depth > MaxDepth {
		return errTooDeep
	}
	return nil
}

func (t *tally) list(values []string) error {
	if t.listed += len(values); t.listed > query.MaxListed {
		return errTooManyListed
	}
	if slices.ContainsFunc(values, func(v string) bool { return !query.ValidText(v) }) {
		return query.ErrInvalidText
	}
	return nil
}

func (t *tally) all(filters []Filter, depth int) error {
	for _, f := range filters {
		if f == nil {
			return query.ErrNoCondition
		}
		if err := f.check(t, depth); err != nil {
			return err
		}
	}
	return nil
}

func (f Text) check(t *tally, depth int) error {
	if f.Field >= fieldCount || !f.Method.Known() {
		return query.ErrUnknownField
	}
	if !query.ValidText(f.Value) {
		return query.ErrInvalidText
	}
	return t.node(depth)
}

func (f InOrganization) check(t *tally, depth int) error {
	if !query.ValidText(string(f)) {
		return query.ErrInvalidText
	}
	return t.node(depth)
}

func (f InIDs) check(t *tally, depth int) error {
	if err := t.list(f); err != nil {
		return err
	}
	return t.node(depth)
}

func (f InEmails) check(t *tally, depth int) error {
	if err := t.list(f); err != nil {
		return err
	}
	return t.node(depth)
}

func (StateIs) check(t *tally, depth int) error { return t.node(depth) }
func (KindIs) check(t *tally, depth int) error  { return t.node(depth) }

func (f And) check(t *tally, depth int) error {
	if err := t.node(depth); err != nil {
		return err
	}
	return t.all(f, depth+1)
}

func (f Or) check(t *tally, depth int) error {
	if err := t.node(depth); err != nil {
		return err
	}
	return t.all(f, depth+1)
}

func (f Not) check(t *tally, depth int) error {
	if err := t.node(depth); err != nil {
		return err
	}
	return t.all([]Filter{f.Filter}, depth+1)
}
