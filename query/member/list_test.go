package member_test

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/internal/querytest"
	"github.com/signet-iam/signet/query/member"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// shown is a membership of the world as a list shows it.
func shown(w *querytest.World, m querytest.Membership) member.Member {
	out := member.Member{
		Resource: member.Resource{Organization: m.Organization, Project: m.Project, Granted: m.Granted},
		User:     member.User{ID: m.User, Organization: w.Homes[m.User], LoginName: m.User, DisplayName: "The " + m.User},
		Roles:    w.Memberships[m],
	}
	switch {
	case m.Project != "":
		out.Name = "Project " + m.Project
	case m.Organization != "":
		out.Name = "Org " + m.Organization
	}
	return out
}

// readable is the reference: what a caller may read, said by the permissions themselves.
func readable(c *permission.Caller, m *member.Member) bool {
	r := m.Resource
	at := permission.Scope{Organization: r.Organization, Project: r.Project, Granted: r.Granted}
	switch {
	case c.Is(m.User.ID):
		return true
	case r.Organization == "":
		return c.May(permission.InstanceMemberRead, "")
	case r.Project == "":
		return c.MayAt(permission.OrganizationMemberRead, at)
	case r.Granted != "" && c.May(permission.ProjectMemberRead, r.Granted):
		return true
	}
	return c.MayAt(permission.ProjectMemberRead, at)
}

func holds(f member.Filter, m *member.Member) bool {
	switch f := f.(type) {
	case member.On:
		want := member.Resource(f)
		if want.Project != "" {
			want.Organization = m.Resource.Organization // may be left out
		} else if want.Granted != "" {
			want.Organization, want.Project = m.Resource.Organization, m.Resource.Project
		}
		return m.Resource == want
	case member.OnLevel:
		return m.Resource.Level() == member.Level(f)
	case member.OfUsers:
		return slices.Contains(f, m.User.ID)
	case member.WithRole:
		return slices.Contains(m.Roles, string(f))
	}
	panic("a filter the reference does not know")
}

func requests() []member.ListRequest {
	all := []member.ListRequest{
		{}, {Page: query.Page{Ascending: true}}, {Page: query.Page{Limit: 3, Offset: 2}},
		{Page: query.Page{Ascending: true, Limit: 5, Offset: 1}, Sort: member.ByUser},
	}
	for _, filters := range [][]member.Filter{
		{member.On{}}, {member.On{Organization: "o1"}}, {member.On{Project: "p1"}}, {member.On{Project: "p2", Granted: "o2"}}, {member.On{Granted: "o1"}},
		{member.OnLevel(member.OnInstance)}, {member.OnLevel(member.OnOrganization)}, {member.OnLevel(member.OnProject)},
		{member.OnLevel(member.OnProjectGrant)}, {member.OfUsers{"ann", "bob"}}, {member.WithRole("S")},
		{member.WithRole("R"), member.OnLevel(member.OnOrganization), member.OfUsers{"ann", "cid"}},
	} {
		all = append(all, member.ListRequest{Filters: filters})
	}
	return all
}

// answer is the page and the total that a caller must get.
func answer(w *querytest.World, c *permission.Caller, r member.ListRequest) (page []member.Member, total int) {
	var all []member.Member
	for m := range maps.Keys(w.Memberships) {
		s := shown(w, m)
		if w.Shown(m.User) && readable(c, &s) && !slices.ContainsFunc(r.Filters, func(f member.Filter) bool { return !holds(f, &s) }) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b member.Member) int {
		by := cmp.Or(
			strings.Compare(a.User.ID, b.User.ID), strings.Compare(a.Resource.Organization, b.Resource.Organization),
			strings.Compare(a.Resource.Project, b.Resource.Project), strings.Compare(a.Resource.Granted, b.Resource.Granted),
		)
		if r.Page.Ascending {
			return by
		}
		return -by
	})
	from := min(int(r.Page.Offset), len(all))
	return all[from:min(from+cmp.Or(int(r.Page.Limit), query.DefaultLimit), len(all))], len(all)
}

// Whatever happens, everybody is shown the memberships that count and are theirs to see, and nothing else.
func TestListsAgainstTheReference(t *testing.T) {
	t.Parallel()
	d := querytest.New(t)
	d.Run(t)
	queries := member.New(d.Pool, d.Log)
	seen := 0
	for seed := range uint64(3) {
		w := querytest.NewWorld(t, d, seed+100)
		for round := range 5 {
			for range 25 {
				w.Happen(t)
			}
			for i, r := range requests() {
				if (i+round)%3 > 0 && i > 0 {
					continue
				}
				c := w.Caller()
				if (i+round)%2 == 0 {
					c = permission.System(w.Tenant)
				}
				r.Consistency = query.Consistency{Timeout: 30 * time.Second} // longer than a busy machine needs
				want, total := answer(w, c, r)
				list, err := queries.List(t.Context(), c, r)
				if err != nil {
					t.Fatalf("seed %d, %+v: %v", seed, r, err)
				}
				for i := range list.Rows {
					m := &list.Rows[i]
					if m.Position == 0 || m.CreatedAt.IsZero() || m.ChangedAt.Before(m.CreatedAt) {
						t.Fatalf("seed %d: %+v", seed, m)
					}
					m.Position, m.CreatedAt, m.ChangedAt = 0, time.Time{}, time.Time{}
				}
				seen += len(want)
				if int(list.Total) != total || len(list.Rows) != len(want) || len(want) > 0 && !reflect.DeepEqual(list.Rows, want) {
					t.Fatalf("seed %d, round %d, %+v of %+v\ngot  %d %+v\nwant %d %+v", seed, round, r, c, list.Total, list.Rows, total, want)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d rows were compared", seen)
	}
	found, err := projection.NewOperator(d.Projection(), projection.Options{}, d.Models()...).Verify(t.Context(), "memberships", nil)
	if err != nil || found.Rows == 0 || found.Differing != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := querytest.New(t)
	queries := member.New(d.Pool, d.Log)
	long := strings.Repeat("x", query.MaxText+1)
	for name, r := range map[string]member.ListRequest{
		"limit": {Page: query.Page{Limit: 1001}}, "offset": {Page: query.Page{Offset: 1 << 63}}, "column": {Sort: 99}, "filters": {Filters: make([]member.Filter, 21)},
		"no condition":     {Filters: []member.Filter{nil}},
		"long text":        {Filters: []member.Filter{member.WithRole(long)}},
		"null in a text":   {Filters: []member.Filter{member.On{Project: "\x00"}}},
		"null in a text 2": {Filters: []member.Filter{member.OfUsers{"\x00"}}},
		"many ids":         {Filters: []member.Filter{member.OfUsers(make([]string, 600)), member.OfUsers(make([]string, 600))}},
		"level":            {Filters: []member.Filter{member.OnLevel(7)}},
	} {
		if _, err := queries.List(t.Context(), permission.System("default"), r); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if list, err := queries.List(t.Context(), (*permission.Caller)(nil), member.ListRequest{}); err != nil || list.Total != 0 {
		t.Errorf("nobody sees %+v, %v", list, err)
	}
	querytest.NewWorld(t, d, 0)
	behind := member.ListRequest{Consistency: query.Consistency{Timeout: time.Millisecond}}
	if _, err := queries.List(t.Context(), permission.System("tenant0"), behind); !errors.Is(err, query.ErrBehind) {
		t.Errorf("without a projection: %v", err)
	}
}
