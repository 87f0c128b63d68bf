package authorization_test

import (
	"cmp"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/storetest"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/authorization"
	"github.com/signet-iam/signet/query/internal/querytest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// strong waits longer than a busy machine needs.
func strong() query.Consistency { return query.Consistency{Timeout: 30 * time.Second} }

// shown is an authorization of the world as a list shows it.
func shown(w *querytest.World, a *querytest.Authorization) authorization.Authorization {
	owner, picture := w.Owner(a.Project), querytest.Picture(a.User)
	out := authorization.Authorization{
		ID: a.ID,
		User: authorization.User{
			ID: a.User, Organization: w.Homes[a.User], LoginName: a.User, DisplayName: "The " + a.User, Avatar: hex.EncodeToString(picture[:]),
		},
		Project: authorization.Project{ID: a.Project, Name: "Project " + a.Project, Organization: owner},
		Organization: authorization.Organization{
			ID: a.Organization, Name: "Org " + a.Organization, PrimaryDomain: querytest.Domain(a.Organization),
		},
		Granted: owner != a.Organization, State: authorization.Active,
	}
	if !a.Active {
		out.State = authorization.Inactive
	}
	for _, key := range a.Roles {
		out.Roles = append(out.Roles, authorization.Role{Key: key, DisplayName: "Role " + key, Group: "g"})
	}
	return out
}

// readable is the reference: what a caller may read, said by the permission itself.
func readable(c *permission.Caller, a *authorization.Authorization) bool {
	at := permission.Scope{Organization: a.Organization.ID, Project: a.Project.ID}
	if a.Granted {
		at.Granted = a.Organization.ID
	}
	return c.Is(a.User.ID) || c.MayAt(permission.AuthorizationRead, at)
}

func holds(f authorization.Filter, a *authorization.Authorization) bool {
	switch f := f.(type) {
	case authorization.InIDs:
		return slices.Contains(f, a.ID)
	case authorization.OfUsers:
		return slices.Contains(f, a.User.ID)
	case authorization.InOrganization:
		return a.Organization.ID == string(f)
	case authorization.OfUserOrganization:
		return a.User.Organization == string(f)
	case authorization.OfProject:
		return a.Project.ID == string(f)
	case authorization.UnderGrant:
		return a.Granted && a.Organization.ID == string(f)
	case authorization.StateIs:
		return a.State == authorization.State(f)
	case authorization.Text:
		texts := map[authorization.Field][]string{
			authorization.LoginName: {a.User.LoginName}, authorization.DisplayName: {a.User.DisplayName}, authorization.ProjectName: {a.Project.Name},
		}[f.Field]
		if f.Field == authorization.RoleKey {
			for _, r := range a.Roles {
				texts = append(texts, r.Key)
			}
		}
		return slices.ContainsFunc(texts, func(text string) bool { return compares(f.Method, text, f.Value) })
	}
	panic("a filter the reference does not know")
}

func compares(m query.TextMethod, text, value string) bool {
	switch m {
	case query.EqualsIgnoreCase:
		return strings.EqualFold(text, value)
	case query.StartsWith:
		return strings.HasPrefix(text, value)
	case query.ContainsIgnoreCase:
		return strings.Contains(strings.ToLower(text), strings.ToLower(value))
	case query.EndsWith:
		return strings.HasSuffix(text, value)
	}
	return text == value
}

func requests() []authorization.ListRequest {
	all := []authorization.ListRequest{
		{}, {Page: query.Page{Ascending: true}, Sort: authorization.ByID}, {Page: query.Page{Limit: 3, Offset: 2}, Sort: authorization.ByUser},
		{Sort: authorization.ByProject, Page: query.Page{Ascending: true, Limit: 5}}, {Sort: authorization.ByOrganization},
		{Sort: authorization.ByUserOrganization, Page: query.Page{Offset: 1}},
	}
	for _, filters := range [][]authorization.Filter{
		{authorization.InIDs{"ann-001", "bob-002", "cid-003"}}, {authorization.OfUsers{"ann", "bob"}}, {authorization.InOrganization("o2")},
		{authorization.OfUserOrganization("o1")}, {authorization.OfProject("p1")}, {authorization.UnderGrant("o2")},
		{authorization.StateIs(authorization.Inactive)}, {authorization.StateIs(authorization.Active), authorization.OfProject("p2")},
		{authorization.Text{Field: authorization.LoginName, Value: "ann"}},
		{authorization.Text{Field: authorization.DisplayName, Method: query.ContainsIgnoreCase, Value: "THE A"}},
		{authorization.Text{Field: authorization.ProjectName, Method: query.StartsWith, Value: "Project p"}},
		{authorization.Text{Field: authorization.RoleKey, Value: "a"}},
		{authorization.Text{Field: authorization.RoleKey, Method: query.EqualsIgnoreCase, Value: "B"}},
		{authorization.Text{Field: authorization.ProjectName, Method: query.EndsWith, Value: "1"}},
	} {
		all = append(all, authorization.ListRequest{Filters: filters, Sort: authorization.ByID})
	}
	return all
}

// answer is the page and the total that a caller must get.
func answer(w *querytest.World, c *permission.Caller, r authorization.ListRequest) (page []authorization.Authorization, total int) {
	var all []authorization.Authorization
	for _, a := range w.Authorizations {
		s := shown(w, a)
		if readable(c, &s) && !slices.ContainsFunc(r.Filters, func(f authorization.Filter) bool { return !holds(f, &s) }) {
			all = append(all, s)
		}
	}
	first := func(a *authorization.Authorization) string {
		return map[authorization.Column]string{
			authorization.ByUser: a.User.ID, authorization.ByProject: a.Project.ID, authorization.ByOrganization: a.Organization.ID,
			authorization.ByUserOrganization: a.User.Organization, authorization.Unsorted: a.ID[4:], // in the order in which they were made
		}[r.Sort]
	}
	slices.SortFunc(all, func(a, b authorization.Authorization) int {
		by := cmp.Or(strings.Compare(first(&a), first(&b)), strings.Compare(a.ID, b.ID))
		if r.Page.Ascending {
			return by
		}
		return -by
	})
	from := min(int(r.Page.Offset), len(all))
	return all[from:min(from+cmp.Or(int(r.Page.Limit), query.DefaultLimit), len(all))], len(all)
}

// Whatever happens, everybody is shown what stands and is theirs to see, and nothing else.
func TestListsAgainstTheReference(t *testing.T) {
	t.Parallel()
	d := querytest.New(t)
	d.Run(t)
	queries := authorization.New(d.Pool, d.Log)
	seen := 0
	for seed := range uint64(3) {
		w := querytest.NewWorld(t, d, seed)
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
				r.Consistency = strong()
				want, total := answer(w, c, r)
				list, err := queries.List(t.Context(), c, r)
				if err != nil {
					t.Fatalf("seed %d, %+v: %v", seed, r, err)
				}
				for i := range list.Rows {
					a := &list.Rows[i]
					if a.Position == 0 || a.CreatedAt.IsZero() || a.ChangedAt.Before(a.CreatedAt) {
						t.Fatalf("seed %d: %+v", seed, a)
					}
					a.Position, a.CreatedAt, a.ChangedAt = 0, time.Time{}, time.Time{}
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
	verify(t, d, "authorizations")
}

// verify rebuilds a model from the log and compares.
func verify(t *testing.T, d *querytest.Database, model string) {
	t.Helper()
	found, err := projection.NewOperator(d.Projection(), projection.Options{}, d.Models()...).Verify(t.Context(), model, nil)
	if err != nil || found.Rows == 0 || found.Differing != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := querytest.New(t)
	queries := authorization.New(d.Pool, d.Log)
	long := strings.Repeat("x", query.MaxText+1)
	for name, r := range map[string]authorization.ListRequest{
		"limit": {Page: query.Page{Limit: 1001}}, "offset": {Page: query.Page{Offset: 1 << 63}}, "column": {Sort: 99}, "filters": {Filters: make([]authorization.Filter, 21)},
		"no condition": {Filters: []authorization.Filter{nil}}, "long text": {Filters: []authorization.Filter{authorization.OfProject(long)}},
		"null in a text": {Filters: []authorization.Filter{authorization.InIDs{"\x00"}}},
		"many ids":       {Filters: []authorization.Filter{authorization.InIDs(make([]string, 600)), authorization.OfUsers(make([]string, 600))}},
		"state":          {Filters: []authorization.Filter{authorization.StateIs(7)}},
		"field":          {Filters: []authorization.Filter{authorization.Text{Field: 99}}},
		"method":         {Filters: []authorization.Filter{authorization.Text{Method: 99}}},
		"text":           {Filters: []authorization.Filter{authorization.Text{Value: long}}},
	} {
		if _, err := queries.List(t.Context(), permission.System("default"), r); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if list, err := queries.List(t.Context(), (*permission.Caller)(nil), authorization.ListRequest{}); err != nil || list.Total != 0 {
		t.Errorf("nobody sees %+v, %v", list, err)
	}
}

// Without a projection a list fails instead of lying.
func TestAListThatIsBehindFails(t *testing.T) {
	t.Parallel()
	d := querytest.New(t)
	querytest.NewWorld(t, d, 0)
	_, err := authorization.New(d.Pool, d.Log).List(t.Context(), permission.System("tenant0"), authorization.ListRequest{
		Consistency: query.Consistency{Timeout: time.Millisecond},
	})
	if !errors.Is(err, query.ErrBehind) {
		t.Errorf("%v", err)
	}
}
