package user

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/signet-iam/signet/query"
)

// write narrows a list to what its viewer may read. The columns hold each row's organization and user.
func (s scope) write(where *query.Conditions, organization, id string) {
	switch {
	case s.all:
	case len(s.organizations) == 0:
		where.Write(" and ", id, " = ", where.Bind(s.self))
	default:
		where.Write(" and (", organization, " = any (", where.Bind(s.organizations), ") or ", id, " = ", where.Bind(s.self), ")")
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

// covers reports whether a filter asks for an organization of which everybody may be read.
func (s scope) covers(f Filter) bool {
	organization, is := f.(InOrganization)
	return is && (s.all || slices.Contains(s.organizations, string(organization)))
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

func (f Text) write(where *query.Conditions, negated bool) {
	c := f.Field.column()
	where.Write("(")
	if c.people {
		where.Write("u.kind = 1 and ")
	}
	if negated {
		where.Write("not ")
	}
	where.Write("(")
	f.compare(where, c)
	if !negated {
		f.anywhere(where)
	}
	where.Write("))")
}

// compare writes the condition on the lowered column first, because that is what indexes hold.
func (f Text) compare(where *query.Conditions, c column) {
	lower := strings.ToLower(f.Value)
	switch f.Method {
	case query.Equals:
		where.Write(c.lower, " = ", where.Bind(lower), " and ", c.exact, " = ", where.Bind(f.Value))
	case query.EqualsIgnoreCase:
		where.Write(c.lower, " = ", where.Bind(lower))
	case query.StartsWith:
		prefix(where, c.lower, lower)
		where.Write(" and starts_with(", c.exact, ", ", where.Bind(f.Value), ")")
	case query.StartsWithIgnoreCase:
		prefix(where, c.lower, lower)
	case query.Contains:
		where.Write(c.exact, " like ", where.Bind("%"+query.EscapeLike(f.Value)+"%"))
	case query.ContainsIgnoreCase:
		where.Write(c.lower, " like ", where.Bind("%"+query.EscapeLike(lower)+"%"))
	case query.EndsWith:
		where.Write(c.exact, " like ", where.Bind("%"+query.EscapeLike(f.Value)))
	case query.EndsWithIgnoreCase:
		where.Write(c.lower, " like ", where.Bind("%"+query.EscapeLike(lower)))
	}
}

// anywhere adds what follows from a condition on the end or the middle of a text: that all texts of the user together hold
// the value. The trigram index, where the database has one, finds that; it cannot find less than three characters.
func (f Text) anywhere(where *query.Conditions) {
	if f.Method >= query.Contains && utf8.RuneCountInString(f.Value) >= 3 {
		where.Write(" and u.search like ", where.Bind("%"+query.EscapeLike(strings.ToLower(f.Value))+"%"))
	}
}

// prefix writes "starts with" as a range, which finds an index even when the plan does not know the value. Bytes order
// UTF-8 as code points do, so the range ends before the next code point in the last place that has one.
func prefix(where *query.Conditions, column, value string) {
	where.Write(column, " >= ", where.Bind(value))
	if end, bounded := successor(value); bounded {
		where.Write(" and ", column, " < ", where.Bind(end))
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

func (f StateIs) write(where *query.Conditions, negated bool) {
	where.Write("u.state ", sign(negated), " ", where.Bind(int16(f)))
}

func (f KindIs) write(where *query.Conditions, negated bool) {
	where.Write("u.kind ", sign(negated), " ", where.Bind(int16(f)))
}

func (f InOrganization) write(where *query.Conditions, negated bool) {
	where.Write("u.organization_id ", sign(negated), " ", where.Bind(string(f)))
}

func (f InIDs) write(where *query.Conditions, negated bool) {
	where.Write("u.id ", amongst(negated), " (", where.Bind([]string(f)), ")")
}

func (f InEmails) write(where *query.Conditions, negated bool) {
	lowered := make([]string, len(f))
	for i, address := range f {
		lowered[i] = strings.ToLower(address)
	}
	where.Write("(u.kind = 1 and ")
	if negated {
		where.Write("not ")
	}
	where.Write("(u.email_lower = any (", where.Bind(lowered), ") and u.email = any (", where.Bind([]string(f)), ")))")
}

func (f And) write(where *query.Conditions, negated bool) { connect(where, f, negated, !negated) }

func (f Or) write(where *query.Conditions, negated bool) { connect(where, f, negated, negated) }

func (f Not) write(where *query.Conditions, negated bool) { f.Filter.write(where, !negated) }

// connect joins conditions; without any it writes what joining nothing means.
func connect(where *query.Conditions, filters []Filter, negated, all bool) {
	if len(filters) == 0 {
		where.Write(strconv.FormatBool(all))
		return
	}
	word := " or "
	if all {
		word = " and "
	}
	where.Write("(")
	for i, f := range filters {
		if i > 0 {
			where.Write(word)
		}
		f.write(where, negated)
	}
	where.Write(")")
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
