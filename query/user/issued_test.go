package user_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

// issued puts keys and tokens of some users into the read model and returns the keys. Moments and ids repeat on purpose.
func (d *database) issued(t testing.TB, size int) []user.Issued {
	t.Helper()
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	keys := make([]user.Issued, size)
	for i := range keys {
		k := user.Issued{
			ID: fmt.Sprintf("k%d", i/2), UserID: fmt.Sprintf("m%d", i%7), Organization: organizations[i%7%len(organizations)],
			CreatedAt: at.Add(time.Duration(i/3) * time.Minute), ExpiresAt: user.Never(),
		}
		k.ChangedAt = k.CreatedAt.Add(time.Second)
		r := row{kind: key, id: k.ID, organization: k.Organization, created: k.CreatedAt, changed: k.ChangedAt}
		if i%3 > 0 {
			r.expires = at.Add(time.Duration(i%5) * time.Hour)
			k.ExpiresAt = r.expires
		}
		keys[i] = k
		other := r
		other.kind, other.id = token, "not a key"
		if i < 7 {
			d.give(t, k.UserID, r, other, row{kind: totp, id: k.ID})
		} else {
			d.give(t, k.UserID, r)
		}
	}
	d.project(t)
	return keys
}

// matches is the reference of a condition.
func matches(f user.IssuedFilter, k *user.Issued) bool {
	moment := func(is query.Moment, at, of time.Time) bool {
		by := of.Compare(at)
		return [...]bool{by == 0, by > 0, by >= 0, by < 0, by <= 0}[is]
	}
	switch f := f.(type) {
	case user.IssuedID:
		return k.ID == string(f)
	case user.IssuedUser:
		return k.UserID == string(f)
	case user.IssuedOrganization:
		return k.Organization == string(f)
	case user.Created:
		return moment(f.Is, f.At, k.CreatedAt)
	case user.Expires:
		return moment(f.Is, f.At, k.ExpiresAt)
	}
	panic("a filter the reference does not know")
}

// expected is the page and the total that a viewer must get.
func expected(all []user.Issued, v viewer, r user.IssuedRequest) ([]user.Issued, int) {
	var found []user.Issued
	for _, k := range all {
		readable := v.all || slices.Contains(v.organizations, k.Organization) || k.UserID == v.subject
		if readable && !slices.ContainsFunc(r.Filters, func(f user.IssuedFilter) bool { return !matches(f, &k) }) {
			found = append(found, k)
		}
	}
	slices.SortFunc(found, func(a, b user.Issued) int {
		by := 0
		switch r.Sort {
		case user.IssuedByID:
			by = cmp.Compare(a.ID, b.ID)
		case user.IssuedByUser:
			by = cmp.Compare(a.UserID, b.UserID)
		case user.IssuedByOrganization:
			by = cmp.Compare(a.Organization, b.Organization)
		case user.IssuedByExpiry:
			by = a.ExpiresAt.Compare(b.ExpiresAt)
		}
		by = cmp.Or(by, a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID), cmp.Compare(a.UserID, b.UserID))
		if r.Page.Ascending {
			return by
		}
		return -by
	})
	from := min(int(r.Page.Offset), len(found))
	return found[from:min(from+r.Page.Applied(), len(found))], len(found)
}

func TestKeysAnswerAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	all := d.issued(t, 60)
	viewers := []viewer{root, {subject: "m1"}, {subject: "m2", organizations: []string{"o1"}}, {subject: "x", organizations: []string{"o1", "o2"}}, {subject: "x"}}
	rapid.Check(t, func(rt *rapid.T) {
		moment := func() time.Time { return all[rapid.IntRange(0, len(all)-1).Draw(rt, "of")].CreatedAt }
		filter := func() user.IssuedFilter {
			k := all[rapid.IntRange(0, len(all)-1).Draw(rt, "like")]
			is := query.Moment(rapid.IntRange(0, 4).Draw(rt, "is"))
			return rapid.SampledFrom([]user.IssuedFilter{
				user.IssuedID(k.ID), user.IssuedUser(k.UserID), user.IssuedOrganization(k.Organization), user.IssuedOrganization("none"),
				user.Created{Is: is, At: moment()}, user.Expires{Is: is, At: k.ExpiresAt},
			}).Draw(rt, "filter")
		}
		r := user.IssuedRequest{
			Sort: user.IssuedColumn(rapid.IntRange(0, 5).Draw(rt, "sort")),
			Page: query.Page{
				Offset: uint64(rapid.IntRange(0, 70).Draw(rt, "offset")), Limit: uint32(rapid.IntRange(0, 20).Draw(rt, "limit")),
				Ascending: rapid.Bool().Draw(rt, "ascending"),
			},
		}
		for range rapid.SampledFrom([]int{0, 0, 1, 1, 2, 6}).Draw(rt, "filters") {
			r.Filters = append(r.Filters, filter())
		}
		v := rapid.SampledFrom(viewers).Draw(rt, "viewer")
		got, err := d.queries.Keys(context.Background(), v, r)
		want, total := expected(all, v, r)
		if err != nil || !slices.Equal(got.Rows, want) || got.Total != uint64(total) {
			rt.Fatalf("%+v: got %d of %d, %v; want %d of %d\n%v\n%v", r, len(got.Rows), got.Total, err, len(want), total, got.Rows, want)
		}
	})
	tokens, err := d.queries.Tokens(context.Background(), viewer{subject: "m3"}, user.IssuedRequest{})
	if err != nil || tokens.Total != 1 || tokens.Rows[0].ID != "not a key" || tokens.Rows[0].UserID != "m3" {
		t.Errorf("tokens: %+v, %v", tokens, err)
	}
}

func TestKeysRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for name, r := range map[string]user.IssuedRequest{
		"limit": {Page: query.Page{Limit: query.MaxLimit + 1}}, "offset": {Page: query.Page{Offset: 1 << 63}}, "column": {Sort: 6},
		"condition": {Filters: []user.IssuedFilter{nil}}, "id": {Filters: []user.IssuedFilter{user.IssuedID("\x00")}},
		"comparison": {Filters: []user.IssuedFilter{user.Created{Is: 5}}}, "number of conditions": {Filters: make([]user.IssuedFilter, user.MaxNodes+1)},
	} {
		if _, err := d.queries.Keys(context.Background(), root, r); err == nil {
			t.Errorf("an impossible %s is taken", name)
		}
	}
}

func TestKeysAreFreshOrUnavailable(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	u := user.User{ID: "m", Organization: "o1"}
	d.append(t, &u, 1)
	if _, err := d.queries.Keys(context.Background(), root, user.IssuedRequest{Consistency: query.Consistency{Timeout: soon}}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("behind: %v", err)
	}
	d.give(t, "m", row{kind: key, id: "k"})
	d.project(t, u)
	got, err := d.queries.Keys(context.Background(), root, user.IssuedRequest{})
	if err != nil || got.Total != 1 || got.Position != u.Position {
		t.Errorf("fresh: %+v, %v", got, err)
	}
}

func TestPlansOfKeysUseIndexes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	ctx := context.Background()
	for _, sql := range []string{
		`insert into projection.users_credentials_1
		 select 'default', 'm' || i / 5, case i % 10 when 0 then 8 when 1 then 7 else 1 + i % 5 end, 'c' || i, 'org' || i % 50, 2, '', '', '', '', 0, i,
		        now() - i * interval '1 second', now(), null
		   from generate_series(1, 40000) i`,
		`vacuum analyze projection.users_credentials_1`,
	} {
		if _, err := d.pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	manager := viewer{subject: "m7", organizations: []string{"org3"}}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		for name, c := range map[string]struct {
			viewer  viewer
			request user.IssuedRequest
			index   string
		}{
			"newest":          {root, user.IssuedRequest{}, "by_created"},
			"oldest":          {root, user.IssuedRequest{Page: query.Page{Ascending: true, Offset: 50}}, "by_created"},
			"by id":           {root, user.IssuedRequest{Filters: []user.IssuedFilter{user.IssuedID("c11")}}, "by_id"},
			"of a user":       {root, user.IssuedRequest{Filters: []user.IssuedFilter{user.IssuedUser("m2")}}, "pkey"},
			"of oneself":      {viewer{subject: "m2"}, user.IssuedRequest{}, "pkey"},
			"of organization": {root, user.IssuedRequest{Filters: []user.IssuedFilter{user.IssuedOrganization("org1")}}, "by_organization"},
			"of a manager":    {manager, user.IssuedRequest{}, "by_"},
		} {
			_, rows, _, rowsArgs, err := c.request.Statements(c.viewer)
			if err != nil {
				t.Fatal(err)
			}
			plan := d.plan(t, mode, rows, rowsArgs)
			if !strings.Contains(plan, c.index) || strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s, %s: the page does not use %s:\n%s", mode, name, c.index, plan)
			}
		}
	}
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		plan := d.plan(t, mode, user.StatementCredentials, []any{tenant, "m3", []int16{1, 2}, []int16{2}})
		if strings.Contains(plan, "Seq Scan on users_credentials") || !strings.Contains(plan, "users_credentials_1_pkey") {
			t.Errorf("%s: what a user has is not found by primary key:\n%s", mode, plan)
		}
	}
}
