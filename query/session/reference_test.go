package session_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/session"
)

// The reference: what a list must answer, said in Go over sessions in memory.

func holds(f session.Filter, s *session.Session) bool {
	switch f := f.(type) {
	case session.InIDs:
		return slices.Contains(f, s.ID)
	case session.OfUser:
		return s.User.ID == string(f)
	case session.BegunBy:
		return f != "" && s.CreatorID == string(f)
	case session.OfAgent:
		return s.Agent.FingerprintID == string(f)
	case session.Created:
		return compare(f.Is, s.CreatedAt, f.At)
	case session.Expires:
		return !s.ExpiresAt.IsZero() && compare(f.Is, s.ExpiresAt, f.At)
	}
	panic("a filter the reference does not know")
}

func compare(m query.Moment, have, want time.Time) bool {
	by := have.Compare(want)
	switch m {
	case query.After:
		return by > 0
	case query.AtOrAfter:
		return by >= 0
	case query.Before:
		return by < 0
	case query.AtOrBefore:
		return by <= 0
	default:
		return by == 0
	}
}

func order(c session.Column, a, b *session.Session) int {
	by := 0
	if c == session.ByCreation {
		by = a.CreatedAt.Compare(b.CreatedAt)
	}
	return cmp.Or(by, strings.Compare(a.ID, b.ID))
}

// answer is the page and the total a viewer must get.
func answer(population []session.Session, v viewer, r session.ListRequest) (page []session.Session, total int) {
	var all []session.Session
	for _, s := range population {
		own := v.subject != "" && (s.User.ID == v.subject || s.CreatorID == v.subject)
		readable := v.all || own || s.User.Organization != "" && slices.Contains(v.organizations, s.User.Organization)
		matches := !slices.ContainsFunc(r.Filters, func(f session.Filter) bool { return !holds(f, &s) })
		if readable && matches {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b session.Session) int {
		if r.Page.Ascending {
			return order(r.Sort, &a, &b)
		}
		return order(r.Sort, &b, &a)
	})
	limit := cmp.Or(int(r.Page.Limit), query.DefaultLimit)
	from := min(int(r.Page.Offset), len(all))
	return all[from:min(from+limit, len(all))], len(all)
}
