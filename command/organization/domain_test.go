package organization_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/policy"
)

const (
	http = eventv1.DomainProof_DOMAIN_PROOF_HTTP
	dns  = eventv1.DomainProof_DOMAIN_PROOF_DNS
)

// task asks for a proof.
func (n *node) task(t *testing.T, id, domain string, where eventv1.DomainProof) organization.ProofTask {
	t.Helper()
	task, err := n.Organizations.RequestProof(t.Context(), commandtest.Admin(),
		organization.ProofRequest{Organization: id, Domain: domain, Where: where})
	must(t, err)
	return task
}

func (n *node) verify(t *testing.T, id, domain string) error {
	t.Helper()
	return second(n.Organizations.VerifyDomain(t.Context(), commandtest.Admin(), id, domain))
}

func (n *node) holder(t *testing.T, domain string) string {
	t.Helper()
	id, found, err := n.Homes.WithDomain(t.Context(), n.Tenant, domain)
	must(t, err)
	if found != (id != "") {
		t.Errorf("%q holds it: %v", id, found)
	}
	return id
}

func TestDomainsAreVerified(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for where, place := range map[eventv1.DomainProof]string{
		http: "https://%s/.well-known/signet-challenge/%s.txt", dns: "_signet-challenge.%[1]s",
	} {
		id := "o-" + strings.ToLower(where.String())
		domain := strings.ReplaceAll(id, "_", "-") + ".example.com"
		n.given(t, id, &eventv1.OrganizationAdded{Name: "O"})
		_, err := n.Organizations.AddDomain(t.Context(), commandtest.Admin(), id, " "+strings.ToUpper(domain)+". ")
		must(t, err)
		if err := n.verify(t, id, domain); !errors.Is(err, organization.ErrNoProof) {
			t.Errorf("%v before a proof was asked for: %v", where, err)
		}
		void := n.task(t, id, domain, where)
		task := n.task(t, id, domain, where)
		if want := fmt.Sprintf(place, domain, id); where == http && task.Place != want || where == dns && task.Place != "_signet-challenge."+domain {
			t.Errorf("the place is %s, want %s", task.Place, want)
		}
		if err := n.verify(t, id, domain); !errors.Is(err, organization.ErrProofUnreachable) {
			t.Errorf("%v with nothing there: %v", where, err)
		}
		n.Network.Put(void.Place, void.Token)
		if err := n.verify(t, id, domain); !errors.Is(err, organization.ErrProofNotThere) {
			t.Errorf("%v with a token that is void: %v", where, err)
		}
		if holder := n.holder(t, domain); holder != "" {
			t.Errorf("%s holds it unproven", holder)
		}
		n.Network.Put(task.Place, " "+task.Token+"\n")
		must(t, n.verify(t, id, domain))
		if holder := n.holder(t, strings.ToUpper(domain)); holder != id {
			t.Errorf("%q holds it", holder)
		}
		if err := n.verify(t, id, domain); !errors.Is(err, organization.ErrDomainVerified) {
			t.Errorf("%v again: %v", where, err)
		}
		n.events(t, id, "org.added", "org.domain.added", "org.domain.proof.set", "org.domain.proof.set", "org.domain.verified", "org.domain.primary.set")
		for _, e := range n.recorded(t, id) {
			if strings.Contains(fmt.Sprint(e), task.Token) {
				t.Error("the log has the token")
			}
		}
	}
}

// A token of one organization proves nothing about another, even where both put theirs in one place.
func TestATokenProvesOneDomainOfOneOrganization(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for _, id := range []string{"a", "b"} {
		n.given(t, id, &eventv1.OrganizationAdded{Name: id}, &eventv1.OrganizationDomainAdded{Domain: "example.com"},
			&eventv1.OrganizationDomainAdded{Domain: "example.org"})
	}
	ours := n.task(t, "a", "example.com", dns)
	n.task(t, "a", "example.org", dns)
	n.task(t, "b", "example.com", dns)
	n.Network.Put("_signet-challenge.example.com", ours.Token)
	n.Network.Put("_signet-challenge.example.org", ours.Token)
	if err := n.verify(t, "b", "example.com"); !errors.Is(err, organization.ErrProofNotThere) {
		t.Errorf("the other organization: %v", err)
	}
	if err := n.verify(t, "a", "example.org"); !errors.Is(err, organization.ErrProofNotThere) {
		t.Errorf("the other domain: %v", err)
	}
	must(t, n.verify(t, "a", "example.com"))
}

// Several organizations may say that a domain is their own; of those that prove it at once one holds it.
func TestOneOrganizationHoldsADomain(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	const several = 5
	var wg sync.WaitGroup
	errs := make([]error, several)
	for i := range several {
		id := fmt.Sprintf("o%d", i)
		n.given(t, id, &eventv1.OrganizationAdded{Name: id}, &eventv1.OrganizationDomainAdded{Domain: "example.com"})
		n.Network.Put("_signet-challenge.example.com", n.task(t, id, "example.com", dns).Token)
	}
	for i := range several {
		wg.Go(func() { errs[i] = n.verify(t, fmt.Sprintf("o%d", i), "example.com") })
	}
	wg.Wait()
	held := 0
	for i, err := range errs {
		switch {
		case err == nil:
			held++
			if id := fmt.Sprintf("o%d", i); n.holder(t, "example.com") != id {
				t.Errorf("%s does not hold it", id)
			}
		case !errors.Is(err, organization.ErrDomainTaken):
			t.Errorf("%v", err)
		}
	}
	if held != 1 {
		t.Errorf("%d hold it", held)
	}
}

func TestDomainsAreFreeAgain(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	hold := func(id, domain string) error {
		if _, err := n.Organizations.AddDomain(t.Context(), commandtest.Admin(), id, domain); err != nil {
			return err
		}
		task := n.task(t, id, domain, dns)
		n.Network.Put(task.Place, task.Token)
		return n.verify(t, id, domain)
	}
	for _, id := range []string{"a", "b"} {
		n.given(t, id, &eventv1.OrganizationAdded{Name: id})
	}
	must(t, hold("a", "first.example.com"))
	must(t, hold("a", "second.example.com"))
	remove := func(domain string) error {
		return second(n.Organizations.RemoveDomain(t.Context(), commandtest.Admin(), "a", domain))
	}
	if err := remove("first.example.com"); !errors.Is(err, organization.ErrDomainPrimary) {
		t.Errorf("the primary domain: %v", err)
	}
	if err := remove("third.example.com"); !errors.Is(err, organization.ErrDomainNotFound) {
		t.Errorf("a domain it has not: %v", err)
	}
	must(t, remove("second.example.com"))
	must(t, hold("b", "second.example.com"))
	_, err := n.Organizations.Remove(t.Context(), commandtest.Admin(), "a")
	must(t, err)
	if holder := n.holder(t, "first.example.com"); holder != "" {
		t.Errorf("%s holds the domain of an organization that is gone", holder)
	}
	must(t, hold("b", "first.example.com"))
}

func TestLooksAreBounded(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.given(t, "o", &eventv1.OrganizationAdded{Name: "O"}, &eventv1.OrganizationDomainAdded{Domain: "example.com"})
	var wg sync.WaitGroup
	for i := range 30 {
		n.task(t, "o", "example.com", http) // another token is no other budget
		_ = i
		wg.Go(func() { _ = n.verify(t, "o", "example.com") })
	}
	wg.Wait()
	if looks := n.Network.Looks(); looks != 20 {
		t.Errorf("%d looks", looks)
	}
	if err := n.verify(t, "o", "example.com"); !errors.Is(err, organization.ErrTooManyLooks) {
		t.Errorf("another: %v", err)
	}
	n.Clock.Advance(time.Hour)
	if err := n.verify(t, "o", "example.com"); !errors.Is(err, organization.ErrProofUnreachable) {
		t.Errorf("later: %v", err)
	}
}

func TestWhereThePolicyNeedsNoProof(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for _, id := range []string{"a", "b"} {
		n.given(t, id, &eventv1.OrganizationAdded{Name: id})
	}
	_, err := n.Policies.Set(t.Context(), commandtest.Admin(), policy.Set{Organization: "a", Policy: &policy.Domain{}})
	must(t, err)
	add := func(id string) error {
		return second(n.Organizations.AddDomain(t.Context(), commandtest.Admin(), id, "example.com"))
	}
	must(t, add("a"))
	if holder := n.holder(t, "example.com"); holder != "a" {
		t.Errorf("%q holds it", holder)
	}
	must(t, add("b"))
	n.events(t, "a", "org.added", "org.domain.added", "org.domain.verified", "org.domain.primary.set")
	n.events(t, "b", "org.added", "org.domain.added")
	if err := add("b"); !errors.Is(err, organization.ErrDomainExists) {
		t.Errorf("again: %v", err)
	}
}

func TestNamesOfDomains(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.given(t, "o", &eventv1.OrganizationAdded{Name: "O"})
	for domain, kept := range map[string]string{
		"Example.COM":  "example.com",
		"bücher.de":    "xn--bcher-kva.de",
		" a.b.c.dev. ": "a.b.c.dev",
		"":             "", " ": "", "localhost": "", "127.0.0.1": "", "[::1]": "", "a..b": "", "-a.com": "", "a-.com": "",
		"a_b.com": "", "a.com/x": "", "a.com:443": "", "user@a.com": "", "a b.com": "", "a.com\x00": "", "a.1": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 120) + "com": "",
	} {
		_, err := n.Organizations.AddDomain(t.Context(), commandtest.Admin(), "o", domain)
		if kept == "" {
			if !errors.Is(err, organization.ErrInvalidDomain) {
				t.Errorf("%q: %v", domain, err)
			}
			continue
		}
		must(t, err)
		recorded := n.recorded(t, "o")
		if got := recorded[len(recorded)-1]; !proto.Equal(got, &eventv1.OrganizationDomainAdded{Domain: kept}) {
			t.Errorf("%q: %v", domain, got)
		}
	}
}

func TestDomainsAreBounded(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	full := []proto.Message{&eventv1.OrganizationAdded{Name: "O"}}
	for i := range 100 {
		full = append(full, &eventv1.OrganizationDomainAdded{Domain: fmt.Sprintf("d%d.example.com", i)})
	}
	n.given(t, "o", full...)
	if _, err := n.Organizations.AddDomain(t.Context(), commandtest.Admin(), "o", "example.com"); !errors.Is(err, organization.ErrTooManyDomains) {
		t.Errorf("one too many: %v", err)
	}
	_, err := n.Organizations.RequestProof(t.Context(), commandtest.Admin(), organization.ProofRequest{Organization: "o", Domain: "d1.example.com"})
	if !errors.Is(err, organization.ErrInvalidProof) {
		t.Errorf("a proof of no kind: %v", err)
	}
}
