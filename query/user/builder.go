package user

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/signet-iam/signet/query"
)

// builder writes the conditions of one list. Text that reaches sql comes from this package only; every value becomes a
// parameter.
type builder struct {
	sql  strings.Builder
	args []any
}

// bind makes a value the next parameter and returns its placeholder.
func (b *builder) bind(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.sql.WriteString(p)
	}
}

// write narrows a list to what its viewer may read. The columns hold each row's organization and user.
func (s scope) write(b *builder, organization, id string) {
	switch {
	case s.all:
	case len(s.organizations) == 0:
		b.write(" and ", id, " = ", b.bind(s.self))
	default:
		b.write(" and (", organization, " = any (", b.bind(s.organizations), ") or ", id, " = ", b.bind(s.self), ")")
	}
}

// scope is what a viewer may read: all of the tenant, or some organizations and oneself.
type scope struct {
	all           bool
	organizations []string
	self          string
}

func scopeOf(viewer query.Viewer) scope {
	some, all := viewer.Organizations(query.UserRead)
	return scope{all: all, organizations: some, self: viewer.SubjectID()}
}

// column is a text of the read model.
type column struct {
	exact  string
	lower  string // holds strings.ToLower of exact
	people bool   // unknown, not empty, for machines
}

func (f Field) column() column {
	switch f {
	case GivenName:
		return column{"u.given_name", "u.given_name_lower", true}
	case FamilyName:
		return column{"u.family_name", "u.family_name_lower", true}
	case NickName:
		return column{"u.nick_name", "u.nick_name_lower", true}
	case DisplayName:
		return column{"u.display_name", "u.display_name_lower", true}
	case Email:
		return column{"u.email", "u.email_lower", true}
	case Phone:
		return column{"u.phone", "u.phone", true} // digits have no case
	default: // the username is the one login name
		return column{"u.username", "u.username_lower", false}
	}
}

func (f Text) write(b *builder, negated bool) {
	c := f.Field.column()
	b.write("(")
	if c.people {
		b.write("u.kind = 1 and ")
	}
	if negated {
		b.write("not ")
	}
	b.write("(")
	f.compare(b, c)
	if !negated {
		f.anywhere(b)
	}
	b.write("))")
}

// compare writes the condition on the lowered column first, because that is what indexes hold.
func (f Text) compare(b *builder, c column) {
	lower := strings.ToLower(f.Value)
	switch f.Method {
	case Equals:
		b.write(c.lower, " = ", b.bind(lower), " and ", c.exact, " = ", b.bind(f.Value))
	case EqualsIgnoreCase:
		b.write(c.lower, " = ", b.bind(lower))
	case StartsWith:
		b.prefix(c.lower, lower)
		b.write(" and starts_with(", c.exact, ", ", b.bind(f.Value), ")")
	case StartsWithIgnoreCase:
		b.prefix(c.lower, lower)
	case Contains:
		b.write(c.exact, " like ", b.bind("%"+escape(f.Value)+"%"))
	case ContainsIgnoreCase:
		b.write(c.lower, " like ", b.bind("%"+escape(lower)+"%"))
	case EndsWith:
		b.write(c.exact, " like ", b.bind("%"+escape(f.Value)))
	case EndsWithIgnoreCase:
		b.write(c.lower, " like ", b.bind("%"+escape(lower)))
	}
}

// anywhere adds what follows from a condition on the end or the middle of a text: that all texts of the user together hold
// the value. The trigram index, where the database has one, finds that; it cannot find less than three characters.
func (f Text) anywhere(b *builder) {
	if f.Method >= Contains && utf8.RuneCountInString(f.Value) >= 3 {
		b.write(" and u.search like ", b.bind("%"+escape(strings.ToLower(f.Value))+"%"))
	}
}

// prefix writes "starts with" as a range, which finds an index even when the plan does not know the value. Bytes order
// UTF-8 as code points do, so the range ends before the next code point in the last place that has one.
func (b *builder) prefix(column, value string) {
	b.write(column, " >= ", b.bind(value))
	if end, bounded := successor(value); bounded {
		b.write(" and ", column, " < ", b.bind(end))
	}
}

// successor returns the least text above all that start with prefix; there is none above a prefix of last code points.
func successor(prefix string) (string, bool) {
	runes := []rune(prefix)
	for i, r := range slices.Backward(runes) {
		switch r {
		case utf8.MaxRune:
			continue
		case 0xD7FF: // surrogates follow, which are no text
			r = 0xE000
		default:
			r++
		}
		return string(append(runes[:i:i], r)), true
	}
	return "", false
}

// escape makes the special characters of LIKE stand for themselves.
func escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value)
}

func (f StateIs) write(b *builder, negated bool) {
	b.write("u.state ", sign(negated), " ", b.bind(int16(f)))
}

func (f KindIs) write(b *builder, negated bool) {
	b.write("u.kind ", sign(negated), " ", b.bind(int16(f)))
}

func (f InOrganization) write(b *builder, negated bool) {
	b.write("u.organization_id ", sign(negated), " ", b.bind(string(f)))
}

func (f InIDs) write(b *builder, negated bool) {
	b.write("u.id ", amongst(negated), " (", b.bind([]string(f)), ")")
}

func (f InEmails) write(b *builder, negated bool) {
	lowered := make([]string, len(f))
	for i, address := range f {
		lowered[i] = strings.ToLower(address)
	}
	b.write("(u.kind = 1 and ")
	if negated {
		b.write("not ")
	}
	b.write("(u.email_lower = any (", b.bind(lowered), ") and u.email = any (", b.bind([]string(f)), ")))")
}

func (f And) write(b *builder, negated bool) { b.connect(f, negated, !negated) }

func (f Or) write(b *builder, negated bool) { b.connect(f, negated, negated) }

func (f Not) write(b *builder, negated bool) { f.Filter.write(b, !negated) }

// connect joins conditions; without any it writes what joining nothing means.
func (b *builder) connect(filters []Filter, negated, all bool) {
	if len(filters) == 0 {
		b.write(strconv.FormatBool(all))
		return
	}
	word := " or "
	if all {
		word = " and "
	}
	b.write("(")
	for i, f := range filters {
		if i > 0 {
			b.write(word)
		}
		f.write(b, negated)
	}
	b.write(")")
}

func sign(negated bool) string {
	if negated {
		return "<>"
	}
	return "="
}

func amongst(negated bool) string {
	if negated {
		return "<> all"
	}
	return "= any"
}
