package organization_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/organization"
)

func TestGet(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "o1", added("One"), &eventv1.OrganizationDomainAdded{Domain: "one.example.com"},
		&eventv1.OrganizationDomainVerified{Domain: "one.example.com"}, &eventv1.OrganizationDomainPrimarySet{Domain: "one.example.com"})
	d.setUp(t, "o1")
	d.record(t, "o2", added("Two"), &eventv1.OrganizationDeactivated{}, &eventv1.OrganizationRenamed{Name: "Second"})
	d.record(t, "gone", added("Gone"), &eventv1.OrganizationRemoved{})
	d.settle(t, "ada", "o2")
	d.settle(t, "late", "gone")
	_, err := d.queries.List(t.Context(), root, organization.ListRequest{Consistency: strong()}) // the default is no event of an organization
	must(t, err)
	one, err := d.queries.Get(t.Context(), root, "o1", strong())
	must(t, err)
	if one.Name != "One" || one.PrimaryDomain != "one.example.com" || !one.Default || one.State != organization.StateActive || one.Version != 4 {
		t.Errorf("%+v", one)
	}
	two, err := d.queries.Get(t.Context(), viewer{subject: "ada"}, "o2", strong())
	must(t, err)
	if two.Name != "Second" || two.Default || two.State != organization.StateInactive || two.Version != 3 || two.CreatedAt.IsZero() {
		t.Errorf("%+v", two)
	}
	reader := viewer{subject: "ada", organizations: []string{"o1"}}
	for name, c := range map[string]struct {
		by   viewer
		id   string
		want error
	}{
		"of another":            {viewer{subject: "ada"}, "o1", query.ErrDenied},
		"unknown":               {viewer{subject: "ada"}, "never", query.ErrDenied},
		"removed, by a member":  {viewer{subject: "late"}, "gone", organization.ErrNotFound},
		"removed":               {root, "gone", organization.ErrNotFound},
		"unknown, by an admin":  {root, "never", organization.ErrNotFound},
		"by a reader":           {reader, "o1", nil},
		"its own, by a reader":  {reader, "o2", nil},
		"by nobody in the log":  {viewer{subject: "x"}, "o1", query.ErrDenied},
		"by one without a name": {viewer{}, "o1", query.ErrDenied},
	} {
		if _, err := d.queries.Get(t.Context(), c.by, c.id, strong()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, err := d.queries.Domains(t.Context(), c.by, organization.DomainsRequest{Organization: c.id, Consistency: strong()}); !errors.Is(err, c.want) {
			t.Errorf("domains of one %s: %v, want %v", name, err, c.want)
		}
		if _, err := d.queries.Metadata(t.Context(), c.by, organization.MetadataRequest{Organization: c.id, Consistency: strong()}); !errors.Is(err, c.want) {
			t.Errorf("metadata of one %s: %v, want %v", name, err, c.want)
		}
	}
	for _, id := range []string{"", "\x00", strings.Repeat("x", 201)} {
		if _, err := d.queries.Get(t.Context(), root, id, strong()); err == nil || errors.Is(err, organization.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	d.verify(t)
}

// A read sees what was acknowledged before it, or says that it does not.
func TestReadsAreFresh(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "o", added("O"))
	brief := query.Consistency{Timeout: 1}
	if _, err := d.queries.Get(t.Context(), root, "o", brief); !errors.Is(err, query.ErrBehind) {
		t.Errorf("without a projection: %v", err)
	}
	if _, err := d.queries.List(t.Context(), root, organization.ListRequest{Consistency: brief}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("a list without a projection: %v", err)
	}
	d.run(t)
	for i := range 20 {
		name := strings.Repeat("n", i+1)
		receipt := d.record(t, "o", &eventv1.OrganizationRenamed{Name: name}, &eventv1.OrganizationMetadataSet{Key: "k", Value: []byte(name)})
		got, err := d.queries.Get(t.Context(), root, "o", strong())
		if err != nil || got.Name != name || got.Position != receipt.Position {
			t.Fatalf("%+v, %v", got, err)
		}
		kept, err := d.queries.Metadata(t.Context(), root, organization.MetadataRequest{Organization: "o", Consistency: strong()})
		if err != nil || kept.Total != 1 || string(kept.Metadata[0].Value) != name || kept.Position != receipt.Position {
			t.Fatalf("%+v, %v", kept, err)
		}
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "o", added("O"),
		&eventv1.OrganizationDomainAdded{Domain: "b.example.com"}, &eventv1.OrganizationDomainAdded{Domain: "a.example.com"},
		&eventv1.OrganizationDomainAdded{Domain: "c.example.org"}, &eventv1.OrganizationDomainAdded{Domain: "d.example.org"},
		&eventv1.OrganizationDomainProofSet{Domain: "a.example.com", Proof: eventv1.DomainProof_DOMAIN_PROOF_DNS},
		&eventv1.OrganizationDomainProofSet{Domain: "b.example.com", Proof: eventv1.DomainProof_DOMAIN_PROOF_HTTP},
		&eventv1.OrganizationDomainVerified{Domain: "b.example.com"}, &eventv1.OrganizationDomainPrimarySet{Domain: "b.example.com"},
		&eventv1.OrganizationDomainRemoved{Domain: "d.example.org"})
	d.record(t, "other", added("Other"), &eventv1.OrganizationDomainAdded{Domain: "a.example.com"})
	list := func(r organization.DomainsRequest) organization.DomainList {
		t.Helper()
		r.Organization, r.Consistency = "o", strong()
		found, err := d.queries.Domains(t.Context(), root, r)
		must(t, err)
		return found
	}
	all := list(organization.DomainsRequest{Page: query.Page{Ascending: true}})
	for i := range all.Domains {
		if all.Domains[i].CreatedAt.IsZero() {
			t.Error("a domain without a date")
		}
		all.Domains[i].CreatedAt = all.At
	}
	want := []organization.Domain{
		{Name: "a.example.com", Proof: organization.ProofDNS, CreatedAt: all.At},
		{Name: "b.example.com", Verified: true, Primary: true, Proof: organization.ProofHTTP, CreatedAt: all.At},
		{Name: "c.example.org", CreatedAt: all.At},
	}
	if all.Total != 3 || !slices.Equal(all.Domains, want) {
		t.Errorf("%+v", all)
	}
	names := func(l organization.DomainList) (names []string) {
		for _, d := range l.Domains {
			names = append(names, d.Name)
		}
		return names
	}
	page := list(organization.DomainsRequest{Page: query.Page{Offset: 1, Limit: 1}, Sort: organization.DomainByCreation})
	if page.Total != 3 || !slices.Equal(names(page), []string{"a.example.com"}) {
		t.Errorf("the second that came: %+v", page)
	}
	some := list(organization.DomainsRequest{Filters: []organization.DomainIs{{query.EndsWith, "EXAMPLE.com"}, {query.StartsWith, "a"}}})
	if some.Total != 1 || !slices.Equal(names(some), []string{"a.example.com"}) {
		t.Errorf("some: %+v", some)
	}
	beyond := list(organization.DomainsRequest{Page: query.Page{Offset: 9}})
	if beyond.Total != 3 || len(beyond.Domains) != 0 {
		t.Errorf("beyond the end: %+v", beyond)
	}
	d.verify(t)
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	set := func(key, value string) *eventv1.OrganizationMetadataSet {
		return &eventv1.OrganizationMetadataSet{Key: key, Value: []byte(value)}
	}
	d.record(t, "o", added("O"), set("Alpha", "1"), set("beta", "2"), set("gamma", "3"))
	d.record(t, "o", set("Alpha", "4"), &eventv1.OrganizationMetadataRemoved{Key: "gamma"})
	list := func(r organization.MetadataRequest) (keys []string, total uint64) {
		t.Helper()
		r.Organization, r.Consistency = "o", strong()
		found, err := d.queries.Metadata(t.Context(), root, r)
		must(t, err)
		for _, m := range found.Metadata {
			keys = append(keys, m.Key+"="+string(m.Value))
		}
		return keys, found.Total
	}
	if keys, total := list(organization.MetadataRequest{Page: query.Page{Ascending: true}}); total != 2 || !slices.Equal(keys, []string{"Alpha=4", "beta=2"}) {
		t.Errorf("%v, %d", keys, total)
	}
	filter := []organization.KeyIs{{query.StartsWithIgnoreCase, "ALP"}}
	if keys, total := list(organization.MetadataRequest{Filters: filter}); total != 1 || !slices.Equal(keys, []string{"Alpha=4"}) {
		t.Errorf("%v, %d", keys, total)
	}
	if keys, total := list(organization.MetadataRequest{Page: query.Page{Offset: 1}}); total != 2 || !slices.Equal(keys, []string{"Alpha=4"}) {
		t.Errorf("%v, %d", keys, total)
	}
	d.record(t, "o", &eventv1.OrganizationRemoved{})
	d.record(t, "another", added("Another"))
	_, err := d.queries.List(t.Context(), root, organization.ListRequest{Consistency: strong()})
	must(t, err)
	var left int
	must(t, d.pool.QueryRow(t.Context(), "select count(*) from projection.organizations_metadata").Scan(&left))
	if left > 0 {
		t.Errorf("%d values of an organization that is gone", left)
	}
	d.verify(t)
}

func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	ids := make(organization.InIDs, 1001)
	many := make([]organization.Filter, 21)
	for i := range many {
		many[i] = organization.IsDefault{}
	}
	for name, r := range map[string]organization.ListRequest{
		"limit":      {Page: query.Page{Limit: 1001}},
		"offset":     {Page: query.Page{Offset: 1 << 63}},
		"column":     {Sort: 9},
		"open":       {Filters: []organization.Filter{nil}},
		"many":       {Filters: many},
		"many ids":   {Filters: []organization.Filter{ids}},
		"null":       {Filters: []organization.Filter{organization.NameIs{Value: "\x00"}}},
		"long":       {Filters: []organization.Filter{organization.HasDomain{Value: strings.Repeat("x", 1025)}}},
		"method":     {Filters: []organization.Filter{organization.NameIs{Method: 99}}},
		"null in id": {Filters: []organization.Filter{organization.InIDs{"\x00"}}},
	} {
		if _, err := d.queries.List(t.Context(), root, r); err == nil {
			t.Errorf("%s: no refusal", name)
		}
	}
}
