package organization_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/organization"
)

// known is an organization of the reference: what a list must show of it.
type known struct {
	organization.Organization

	verified []string // domains
}

// holds is what a filter means, said in Go.
func holds(f organization.Filter, o *known) bool {
	switch f := f.(type) {
	case organization.NameIs:
		return compare(f.Method, o.Name, f.Value)
	case organization.HasDomain:
		return slices.ContainsFunc(o.verified, func(domain string) bool { return compare(f.Method, domain, strings.ToLower(f.Value)) })
	case organization.StateIs:
		return o.State == organization.State(f)
	case organization.InIDs:
		return slices.Contains(f, o.ID)
	case organization.IsDefault:
		return o.Default
	}
	panic("a filter the reference does not know")
}

func compare(m query.TextMethod, have, want string) bool {
	lower := func(do func(a, b string) bool) bool { return do(strings.ToLower(have), strings.ToLower(want)) }
	same := func(a, b string) bool { return a == b }
	switch m {
	case query.EqualsIgnoreCase:
		return lower(same)
	case query.StartsWith:
		return strings.HasPrefix(have, want)
	case query.StartsWithIgnoreCase:
		return lower(strings.HasPrefix)
	case query.Contains:
		return strings.Contains(have, want)
	case query.ContainsIgnoreCase:
		return lower(strings.Contains)
	case query.EndsWith:
		return strings.HasSuffix(have, want)
	case query.EndsWithIgnoreCase:
		return lower(strings.HasSuffix)
	default:
		return have == want
	}
}

func order(c organization.Column, a, b *known) int {
	by := 0
	switch c {
	case organization.ByName:
		by = strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case organization.ByCreation:
		by = a.CreatedAt.Compare(b.CreatedAt)
	}
	return cmp.Or(by, strings.Compare(a.ID, b.ID))
}

// answer is the page and the total that a viewer must get.
func answer(population []known, v viewer, r organization.ListRequest) (page []string, total int) {
	var all []known
	for _, o := range population {
		readable := v.all || o.ID == v.home || slices.Contains(v.organizations, o.ID)
		matches := !slices.ContainsFunc(r.Filters, func(f organization.Filter) bool { return !holds(f, &o) })
		if o.State != organization.StateRemoved && readable && matches {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b known) int {
		if r.Page.Ascending {
			return order(r.Sort, &a, &b)
		}
		return order(r.Sort, &b, &a)
	})
	limit := cmp.Or(int(r.Page.Limit), query.DefaultLimit)
	from := min(int(r.Page.Offset), len(all))
	for _, o := range all[from:min(from+limit, len(all))] {
		page = append(page, o.ID)
	}
	return page, len(all)
}

// populate makes organizations in all their states, with users who belong to them: one for each, of the same name.
func populate(t *testing.T, d *database) []known {
	t.Helper()
	names := []string{"Alpha", "alpha", "Ärzte", "100%", "a_b", "", "Zeta", "Alphabet", "Beta\\", "beta"}
	var population []known
	for i, name := range names {
		id := fmt.Sprintf("o%d", (i*7)%10)
		o := known{Organization: organization.Organization{ID: id, Name: name, State: organization.StateActive, Default: i == 3}}
		events := []proto.Message{added(name)}
		if i%3 > 0 {
			domain := fmt.Sprintf("d%d.example.com", i)
			events = append(events, &eventv1.OrganizationDomainAdded{Domain: domain}, &eventv1.OrganizationDomainAdded{Domain: "shared.example.org"})
			if i%3 == 2 {
				events = append(events, &eventv1.OrganizationDomainVerified{Domain: domain})
				o.verified = []string{domain}
			}
		}
		switch i % 5 {
		case 1:
			events, o.State = append(events, &eventv1.OrganizationDeactivated{}), organization.StateInactive
		case 4:
			events, o.State = append(events, &eventv1.OrganizationRemoved{}), organization.StateRemoved
		}
		d.record(t, id, events...)
		d.settle(t, "user-of-"+id, id)
		if o.Default {
			d.setUp(t, id)
		}
		stored, err := d.log.StreamHead(t.Context(), streamOf(id))
		must(t, err)
		first, err := d.log.ReadStream(t.Context(), streamOf(id), 0)
		must(t, err)
		o.Version, o.CreatedAt = stored.Version, first[0].RecordedAt
		population = append(population, o)
	}
	return population
}

// Whoever asks for whatever gets the organizations that it may see and that match, in order, and their number; nothing of the others.
func TestListsAreWhatTheReferenceSays(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	population := populate(t, d)
	ids := make([]string, len(population))
	for i := range population {
		ids[i] = population[i].ID
	}
	method := rapid.Map(rapid.Uint8Range(0, 7), func(m uint8) query.TextMethod { return query.TextMethod(m) })
	text := rapid.SampledFrom([]string{"alpha", "Alpha", "A", "ä", "%", "_", "\\", "BETA", "", "et"})
	filter := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) organization.Filter {
			return organization.NameIs{Method: method.Draw(t, "method"), Value: text.Draw(t, "text")}
		}),
		rapid.Custom(func(t *rapid.T) organization.Filter {
			value := rapid.SampledFrom([]string{"d2.example.com", "D5", ".com", "shared.example.org", "example"}).Draw(t, "domain")
			return organization.HasDomain{Method: method.Draw(t, "method"), Value: value}
		}),
		rapid.Map(rapid.Int16Range(0, 3), func(s int16) organization.Filter { return organization.StateIs(s) }),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(slices.Concat(ids, []string{"never"})), 0, 4), func(ids []string) organization.Filter { return organization.InIDs(ids) }),
		rapid.Just[organization.Filter](organization.IsDefault{}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		home := rapid.SampledFrom(append([]string{""}, ids...)).Draw(rt, "home")
		v := viewer{
			home: home, organizations: rapid.SliceOfN(rapid.SampledFrom(ids), 0, 4).Draw(rt, "organizations"),
			all: rapid.IntRange(0, 4).Draw(rt, "all") == 0,
		}
		if home != "" {
			v.subject = "user-of-" + home
		}
		r := organization.ListRequest{
			Filters: rapid.SliceOfN(filter, 0, 4).Draw(rt, "filters"), Sort: organization.Column(rapid.IntRange(0, 2).Draw(rt, "sort")),
			Page: query.Page{
				Ascending: rapid.Bool().Draw(rt, "ascending"), Offset: uint64(rapid.SampledFrom([]int{0, 0, 1, 3, 20}).Draw(rt, "offset")),
				Limit: uint32(rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(rt, "limit")),
			},
			Consistency: strong(),
		}
		list, err := d.queries.List(t.Context(), v, r)
		if err != nil {
			rt.Fatal(err)
		}
		var page []string
		for _, o := range list.Rows {
			page = append(page, o.ID)
		}
		if want, total := answer(population, v, r); !slices.Equal(page, want) || list.Total != uint64(total) {
			rt.Fatalf("%v of %d, want %v of %d", page, list.Total, want, total)
		}
	})
	d.verify(t)
}
