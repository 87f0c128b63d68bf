package user_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// words collide on purpose: they differ in case only, hold each other, or mean something to LIKE and SQL.
var words = []string{
	"", "a", "A", "ab", "Ab", "aB", "b", "ba", "abc", "ABC", "%", "_", `\`, "a%b", "a_b", `a\b`, "axb", `%a\%`, "'", `"`, "';--", "a'b",
	"Zoë", "ZOË", "zoë", "ß", "SS", "İ", "i", "I", "ı", "Σ", "ς", "σ", "日本", "日", "\U0010ffff", "a\U0010ffff", "a\U0010ffffb", "$1", "{}",
}

var organizations = []string{"o1", "o2", "O3'"}

// population returns users whose ids, names and states are made of few pieces.
func population(size int) []user.User {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000, time.UTC)
	all := make([]user.User, size)
	for i := range all {
		word := func(step int) string { return words[(i*step+step)%len(words)] }
		u := user.User{
			ID:           fmt.Sprintf("u%s%d", word(1), i),
			Organization: organizations[i%len(organizations)],
			Username:     word(7) + word(3),
			State:        user.State(1 + i%5),
			CreatedAt:    at.Add(time.Duration(i/4) * time.Second),
			ChangedAt:    at.Add(time.Duration(i) * time.Minute),
		}
		if i%4 == 3 {
			u.Kind = user.KindMachine
			u.Machine = user.Machine{Name: word(5), Description: word(2), HasSecret: i%8 == 3, SignedTokens: i%16 == 3}
		} else {
			u.Kind = user.KindHuman
			u.Human = user.Human{
				GivenName: word(5), FamilyName: word(11), NickName: word(13), DisplayName: word(17), PreferredLanguage: "en",
				Gender: user.Gender(i % 4), Email: word(19) + word(1), EmailVerified: i%2 == 0, Phone: []string{"", "+4112", "+4113", "+49"}[i%3],
				PhoneVerified: i%5 == 0, HasPassword: i%7 == 0, PasswordChangeRequired: i%14 == 0,
			}
			if u.Human.HasPassword {
				u.Human.PasswordChangedAt = at.Add(time.Hour)
			}
			if i%11 == 0 {
				u.Human.MFAInitSkippedAt = at.Add(2 * time.Hour)
			}
		}
		all[i] = u
	}
	return all
}

// populated returns a database with a projected population.
func populated(t testing.TB, size int) (*database, []user.User) {
	t.Helper()
	d := newDatabase(t)
	all := population(size)
	for i := range all {
		d.append(t, &all[i], 1)
	}
	d.project(t, all...)
	return d, all
}

func ids(all []user.User) []string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].ID
	}
	return out
}

// check compares what the database answers with what the reference does.
func (d *database) check(t rapid.TB, all []user.User, v viewer, r user.ListRequest) {
	t.Helper()
	want, total := answer(all, v, r)
	got, err := d.queries.List(context.Background(), v, r)
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	if !slices.Equal(ids(got.Users), ids(want)) || int(got.Total) != total {
		t.Fatalf("%+v\nas %+v\ngot  %d %q\nwant %d %q", r, v, got.Total, ids(got.Users), total, ids(want))
	}
	for i := range want {
		if got.Users[i] != want[i] {
			t.Fatalf("user %s:\ngot  %+v\nwant %+v", want[i].ID, got.Users[i], want[i])
		}
	}
}

func TestEveryFieldAndMethod(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 160)
	admin := viewer{subject: "nobody", all: true}
	for f := user.Username; f <= user.Phone; f++ {
		for m := query.Equals; m <= query.EndsWithIgnoreCase; m++ {
			t.Run(fmt.Sprintf("field %d method %d", f, m), func(t *testing.T) {
				t.Parallel()
				for _, value := range append(words, "+411", "+4112", "12") {
					condition := user.Text{Field: f, Method: m, Value: value}
					d.check(t, all, admin, user.ListRequest{Filters: []user.Filter{condition}, Page: query.Page{Limit: query.MaxLimit}})
					d.check(t, all, admin, user.ListRequest{Filters: []user.Filter{user.Not{Filter: condition}}, Page: query.Page{Limit: query.MaxLimit}})
				}
			})
		}
	}
}

func TestEveryColumnBothWays(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 120)
	for column := user.ByID; column <= user.ByCreation; column++ {
		for _, ascending := range []bool{false, true} {
			var paged []string
			for offset := uint64(0); offset < 120; offset += 7 {
				r := user.ListRequest{Sort: column, Page: query.Page{Ascending: ascending, Offset: offset, Limit: 7}}
				d.check(t, all, viewer{all: true, subject: "x"}, r)
				page, _ := answer(all, viewer{all: true}, r)
				paged = append(paged, ids(page)...)
			}
			whole, total := answer(all, viewer{all: true}, user.ListRequest{Sort: column, Page: query.Page{Ascending: ascending, Limit: 1000}})
			if !slices.Equal(paged, ids(whole)) || len(whole) != total {
				t.Fatalf("pages sorted by %d do not add up to the list", column)
			}
		}
	}
}

func TestAnyQuestion(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 150)
	question := drawRequest(all)
	var memory user.Memory // of all of them, one after the other
	rapid.Check(t, func(t *rapid.T) {
		r := question.Draw(t, "request")
		if rapid.Bool().Draw(t, "memory used before") {
			r.Memory = &memory
		}
		d.check(t, all, drawViewer(all).Draw(t, "viewer"), r)
	})
}

func drawViewer(all []user.User) *rapid.Generator[viewer] {
	return rapid.Custom(func(t *rapid.T) viewer {
		return viewer{
			subject:       rapid.SampledFrom(append(ids(all), "stranger")).Draw(t, "subject"),
			organizations: rapid.SliceOfNDistinct(rapid.SampledFrom(organizations), 0, 3, rapid.ID[string]).Draw(t, "organizations"),
			all:           rapid.Bool().Draw(t, "all"),
		}
	})
}

func drawRequest(all []user.User) *rapid.Generator[user.ListRequest] {
	return rapid.Custom(func(t *rapid.T) user.ListRequest {
		return user.ListRequest{
			Filters: rapid.SliceOfN(drawFilter(all, 4), 0, 4).Draw(t, "filters"),
			Sort:    user.Column(rapid.IntRange(0, int(user.ByCreation)).Draw(t, "sort")),
			Page: query.Page{
				Ascending: rapid.Bool().Draw(t, "ascending"),
				Offset:    rapid.SampledFrom([]uint64{0, 0, 0, 1, 5, 49, 150, 1000}).Draw(t, "offset"),
				Limit:     rapid.SampledFrom([]uint32{0, 1, 2, 9, 10, 11, 100, 1000}).Draw(t, "limit"),
			},
		}
	})
}

func drawFilter(all []user.User, depth int) *rapid.Generator[user.Filter] {
	return rapid.Custom(func(t *rapid.T) user.Filter {
		shapes := 6
		if depth > 0 {
			shapes = 9
		}
		word := rapid.SampledFrom(words)
		inner := func() []user.Filter { return rapid.SliceOfN(drawFilter(all, depth-1), 0, 3).Draw(t, "inner") }
		switch rapid.IntRange(0, shapes-1).Draw(t, "shape") {
		case 0:
			return user.Text{
				Field:  user.Field(rapid.IntRange(0, int(user.Phone)).Draw(t, "field")),
				Method: query.TextMethod(rapid.IntRange(0, int(query.EndsWithIgnoreCase)).Draw(t, "method")),
				Value:  word.Draw(t, "value"),
			}
		case 1:
			return user.StateIs(rapid.IntRange(0, 6).Draw(t, "state"))
		case 2:
			return user.KindIs(rapid.IntRange(0, 3).Draw(t, "kind"))
		case 3:
			return user.InIDs(rapid.SliceOfN(rapid.SampledFrom(ids(all)), 0, 9).Draw(t, "ids"))
		case 4:
			return user.InEmails(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
				return all[rapid.IntRange(0, len(all)-1).Draw(t, "who")].Human.Email
			}), 0, 9).Draw(t, "emails"))
		case 5:
			return user.InOrganization(rapid.SampledFrom(append(organizations, "none")).Draw(t, "organization"))
		case 6:
			return user.And(inner())
		case 7:
			return user.Or(inner())
		default:
			return user.Not{Filter: drawFilter(all, depth-1).Draw(t, "negated")}
		}
	})
}

func TestInjectionIsData(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 40)
	for _, evil := range []string{
		`' or 1=1 --`, `'); drop table projection.users_1; --`, `$1`, `%' or 'a' like '%`, `\'; select pg_sleep(9) --`, "\u2019 or 1=1",
	} {
		for f := user.Username; f <= user.Phone; f++ {
			for m := query.Equals; m <= query.EndsWithIgnoreCase; m++ {
				d.check(t, all, viewer{all: true, subject: "x"}, user.ListRequest{Filters: []user.Filter{user.Text{Field: f, Method: m, Value: evil}}})
			}
		}
		filters := []user.Filter{user.Or{user.InIDs{evil}, user.InEmails{evil}, user.InOrganization(evil)}}
		d.check(t, all, viewer{subject: evil, organizations: []string{evil}}, user.ListRequest{Filters: filters})
	}
	d.check(t, all, viewer{all: true, subject: "x"}, user.ListRequest{})
}
