package organization_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// populate adds machines to an organization.
func (n *node) populate(t *testing.T, id string, machines int) {
	t.Helper()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < machines; i += 8 {
				name := fmt.Sprintf("%s-%d", id, i)
				if _, err := n.Users.AddMachine(t.Context(), commandtest.Admin(), user.AddMachine{UserID: name, Organization: id, Name: name}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// A clearing that breaks off is completed by the next, on another node, and two at a time do not get in each other's way.
func TestClearing(t *testing.T) {
	t.Parallel()
	const many, before = 600, 100 // more than one read, and where it breaks off
	ctx, crash := context.WithCancel(t.Context())
	defer crash()
	n := newNodeOn(t, crashing(t, before, crash))
	for _, id := range []string{"gone", "stays"} {
		n.given(t, id, &eventv1.OrganizationAdded{Name: id})
	}
	n.populate(t, "gone", many)
	n.populate(t, "stays", 3)
	clearing := organization.NewClearing(n.Runtime, n.Users)
	if cleared, err := clearing.Clear(t.Context(), n.Tenant); err != nil || cleared != 0 {
		t.Errorf("%d cleared while there was nothing to clear, %v", cleared, err)
	}
	_, err := n.Organizations.Remove(t.Context(), commandtest.Admin(), "gone")
	must(t, err)

	first, err := clearing.Clear(ctx, n.Tenant)
	if err == nil || first == 0 || first > before {
		t.Fatalf("%d were cleared before it broke off, %v", first, err)
	}
	var wg sync.WaitGroup
	others := make([]int, 2)
	for i := range others {
		other := n.Another(t)
		wg.Go(func() {
			var err error
			if others[i], err = organization.NewClearing(other.Runtime, other.Users).Clear(t.Context(), n.Tenant); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// The last one before the crash may be removed and not counted.
	if total := first + others[0] + others[1]; total != many && total != many-1 {
		t.Errorf("%d of %d were cleared: %d, %v", total, many, first, others)
	}
	if again, err := clearing.Clear(t.Context(), n.Tenant); err != nil || again != 0 {
		t.Errorf("%d were left, %v", again, err)
	}
	for i := range 3 {
		if version := n.Version(t, fmt.Sprintf("stays-%d", i)); version != 1 {
			t.Errorf("a user of another organization is at version %d", version)
		}
	}
	free := "gone-7"
	if _, err := n.Users.AddMachine(t.Context(), commandtest.Admin(), user.AddMachine{Organization: "stays", Name: "x", Username: &free}); err != nil {
		t.Errorf("the name is not free: %v", err)
	}
}

// crashing returns a new database, and has something break off once so many users are removed from it.
func crashing(t *testing.T, after int32, crash func()) commandtest.Opener {
	open := database(t)
	var removed atomic.Int32
	return func(o eventstore.Options) (*eventstore.Store, error) {
		o.Observers = append(o.Observers, func(events []eventstore.Event) {
			for i := range events {
				if events[i].Type == codec.Type(&eventv1.UserRemoved{}) && removed.Add(1) == after {
					crash()
				}
			}
		})
		return open(o)
	}
}

// Nobody is added to an organization that is not active, by id or by domain.
func TestWhoTakesNobodyIn(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	active := []string{"id", "domain"}
	n.given(t, "inactive", &eventv1.OrganizationAdded{Name: "I"}, &eventv1.OrganizationDeactivated{})
	n.given(t, "gone", &eventv1.OrganizationAdded{Name: "G"}, &eventv1.OrganizationRemoved{})
	n.given(t, "open", &eventv1.OrganizationAdded{Name: "O"}, &eventv1.OrganizationDomainAdded{Domain: "open.example.com"})
	task := n.task(t, "open", "open.example.com", dns)
	n.Network.Put(task.Place, task.Token)
	must(t, n.verify(t, "open", "open.example.com"))
	for i, req := range []user.AddHuman{{Organization: "open"}, {OrganizationDomain: "Open.Example.com"}} {
		who := person(active[i])
		who.Organization, who.OrganizationDomain = req.Organization, req.OrganizationDomain
		added, err := n.Users.AddHuman(t.Context(), owner("open"), *who)
		if err != nil || added.Receipt.Organization != "open" {
			t.Errorf("by %s: %+v, %v", active[i], added.Receipt, err)
		}
	}
	for name, c := range map[string]struct {
		organization, domain string
		want                 error
	}{
		"inactive":          {"inactive", "", user.ErrOrganizationInactive},
		"removed":           {"gone", "", user.ErrOrganizationNotFound},
		"unknown":           {"never", "", user.ErrOrganizationNotFound},
		"an unknown domain": {"", "nobody.example.com", user.ErrOrganizationNotFound},
		"no domain":         {"", "x", user.ErrOrganizationNotFound},
	} {
		who := person("late")
		who.Organization, who.OrganizationDomain = c.organization, c.domain
		if _, err := n.Users.AddHuman(t.Context(), commandtest.Admin(), *who); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
