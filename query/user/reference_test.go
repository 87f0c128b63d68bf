package user_test

import (
	"cmp"
	"slices"
	"strings"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// The reference: what a list must answer, said in Go over users in memory.

// truth is one of SQL's three values.
type truth int8

const (
	no truth = iota
	unknown
	yes
)

func known(b bool) truth {
	if b {
		return yes
	}
	return no
}

func holds(f user.Filter, u *user.User) truth {
	switch f := f.(type) {
	case user.Text:
		value, of := text(f.Field, u)
		if !of {
			return unknown
		}
		return known(compare(f.Method, value, f.Value))
	case user.StateIs:
		return known(u.State == user.State(f))
	case user.KindIs:
		return known(u.Kind == user.Kind(f))
	case user.InIDs:
		return known(slices.Contains(f, u.ID))
	case user.InEmails:
		if u.Kind != user.KindHuman {
			return unknown
		}
		return known(slices.Contains(f, u.Human.Email))
	case user.InOrganization:
		return known(u.Organization == string(f))
	case user.And:
		all := yes
		for _, inner := range f {
			all = min(all, holds(inner, u))
		}
		return all
	case user.Or:
		anyOf := no
		for _, inner := range f {
			anyOf = max(anyOf, holds(inner, u))
		}
		return anyOf
	case user.Not:
		return yes - holds(f.Filter, u)
	}
	panic("a filter the reference does not know")
}

// text returns a field, and whether such a user has it at all.
func text(f user.Field, u *user.User) (string, bool) {
	human := u.Kind == user.KindHuman
	switch f {
	case user.GivenName:
		return u.Human.GivenName, human
	case user.FamilyName:
		return u.Human.FamilyName, human
	case user.NickName:
		return u.Human.NickName, human
	case user.DisplayName:
		return u.Human.DisplayName, human
	case user.Email:
		return u.Human.Email, human
	case user.Phone:
		return u.Human.Phone, human
	default:
		return u.Username, true
	}
}

func compare(m query.TextMethod, have, want string) bool {
	if m%2 == 1 { // every second method ignores case
		have, want = strings.ToLower(have), strings.ToLower(want)
	}
	switch m {
	case query.Equals, query.EqualsIgnoreCase:
		return have == want
	case query.StartsWith, query.StartsWithIgnoreCase:
		return strings.HasPrefix(have, want)
	case query.Contains, query.ContainsIgnoreCase:
		return strings.Contains(have, want)
	default:
		return strings.HasSuffix(have, want)
	}
}

func order(c user.Column, a, b *user.User) int {
	texts := func(f user.Field) int {
		x, _ := text(f, a)
		y, _ := text(f, b)
		return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
	}
	by := 0
	switch c {
	case user.ByUsername:
		by = texts(user.Username)
	case user.ByGivenName:
		by = texts(user.GivenName)
	case user.ByFamilyName:
		by = texts(user.FamilyName)
	case user.ByNickName:
		by = texts(user.NickName)
	case user.ByDisplayName:
		by = texts(user.DisplayName)
	case user.ByEmail:
		by = texts(user.Email)
	case user.ByState:
		by = cmp.Compare(a.State, b.State)
	case user.ByKind:
		by = cmp.Compare(a.Kind, b.Kind)
	case user.ByCreation:
		by = a.CreatedAt.Compare(b.CreatedAt)
	}
	return cmp.Or(by, cmp.Compare(a.ID, b.ID))
}

// answer is the page and the total a viewer must get.
func answer(population []user.User, v viewer, r user.ListRequest) (page []user.User, total int) {
	var all []user.User
	for _, u := range population {
		readable := v.all || slices.Contains(v.organizations, u.Organization) || u.ID == v.subject
		if u.State != user.StateDeleted && readable && holds(user.And(r.Filters), &u) == yes {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b user.User) int {
		if r.Page.Ascending {
			return order(r.Sort, &a, &b)
		}
		return order(r.Sort, &b, &a)
	})
	limit := cmp.Or(int(r.Page.Limit), query.DefaultLimit)
	from := min(int(r.Page.Offset), len(all))
	return all[from:min(from+limit, len(all))], len(all)
}
