package organization_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for _, c := range []struct {
		name, id, title string
		by              *permission.Caller
		want            error
	}{
		{"good", "new", " New ", commandtest.Admin(), nil},
		{"by a manager of organizations", "more", "More", manager(), nil},
		{"twice", "new", "New", commandtest.Admin(), organization.ErrExists},
		{"without a name", "other", " ", commandtest.Admin(), organization.ErrInvalid},
		{"long name", "other", strings.Repeat("x", 201), commandtest.Admin(), organization.ErrInvalid},
		{"name with a control character", "other", "a\nb", commandtest.Admin(), organization.ErrInvalid},
		{"impossible id", "\x00", "New", commandtest.Admin(), organization.ErrInvalid},
		{"reserved id", "#new", "New", commandtest.Admin(), organization.ErrInvalid},
		{"by the owner of another", "other", "Other", owner("default"), permission.ErrDenied},
		{"known, by the owner of another", "new", "New", owner("default"), permission.ErrDenied},
		{"invalid, by the owner of another", "new", "", owner("default"), permission.ErrDenied},
		{"by nobody", "other", "Other", nil, permission.ErrUnauthenticated},
	} {
		if _, err := n.Organizations.Add(t.Context(), c.by, c.id, c.title); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	made, err := n.Organizations.Add(t.Context(), commandtest.Admin(), "", "Made up")
	if err != nil || made.Organization == "" || made.Version != 1 {
		t.Errorf("without an id: %+v, %v", made, err)
	}
	for id, want := range map[string]bool{"default": true, "new": true, made.Organization: true, "other": false, "": false, "\x00": false} {
		if exists, err := n.Another(t).Homes.Exists(t.Context(), n.Tenant, id); err != nil || exists != want {
			t.Errorf("%q exists: %v, %v", id, exists, err)
		}
	}
	n.events(t, "new", "org.added")
}

// Each command on an organization in each of its states.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	s := n.Organizations
	type run func(*testing.T, string) (command.Receipt, error)
	commands := map[string]run{
		"rename": func(t *testing.T, id string) (command.Receipt, error) {
			return s.Rename(t.Context(), commandtest.Admin(), id, "Renamed")
		},
		"deactivate": func(t *testing.T, id string) (command.Receipt, error) {
			return s.Deactivate(t.Context(), commandtest.Admin(), id)
		},
		"activate": func(t *testing.T, id string) (command.Receipt, error) {
			return s.Activate(t.Context(), commandtest.Admin(), id)
		},
		"remove": func(t *testing.T, id string) (command.Receipt, error) {
			return s.Remove(t.Context(), commandtest.Admin(), id)
		},
		"add": func(t *testing.T, id string) (command.Receipt, error) {
			return s.Add(t.Context(), commandtest.Admin(), id, "Again")
		},
		"set metadata": func(t *testing.T, id string) (command.Receipt, error) {
			return s.SetMetadata(t.Context(), commandtest.Admin(), id, []organization.MetadataEntry{{Key: "k", Value: []byte("v")}})
		},
		"add a domain": func(t *testing.T, id string) (command.Receipt, error) {
			return s.AddDomain(t.Context(), commandtest.Admin(), id, "example.com")
		},
	}
	given := map[string][]proto.Message{
		"absent":   nil,
		"active":   {&eventv1.OrganizationAdded{Name: "A"}},
		"inactive": {&eventv1.OrganizationAdded{Name: "A"}, &eventv1.OrganizationDeactivated{}},
		"removed":  {&eventv1.OrganizationAdded{Name: "A"}, &eventv1.OrganizationRemoved{}},
	}
	for _, c := range []struct {
		when, given string
		fails       error
		then        string // type of the event
	}{
		{"rename", "active", nil, "org.renamed"},
		{"rename", "inactive", nil, "org.renamed"},
		{"rename", "absent", organization.ErrNotFound, ""},
		{"rename", "removed", organization.ErrNotFound, ""},
		{"deactivate", "active", nil, "org.deactivated"},
		{"deactivate", "inactive", organization.ErrInactive, ""},
		{"deactivate", "removed", organization.ErrNotFound, ""},
		{"activate", "active", organization.ErrActive, ""},
		{"activate", "inactive", nil, "org.activated"},
		{"activate", "removed", organization.ErrNotFound, ""},
		{"remove", "active", nil, "org.removed"},
		{"remove", "inactive", nil, "org.removed"},
		{"remove", "absent", organization.ErrNotFound, ""},
		{"remove", "removed", organization.ErrNotFound, ""},
		{"add", "active", organization.ErrExists, ""},
		{"add", "removed", organization.ErrExists, ""},
		{"set metadata", "inactive", nil, "org.metadata.set"},
		{"set metadata", "removed", organization.ErrNotFound, ""},
		{"add a domain", "inactive", nil, "org.domain.added"},
		{"add a domain", "absent", organization.ErrNotFound, ""},
	} {
		t.Run(c.when+" "+c.given, func(t *testing.T) {
			t.Parallel()
			id := strings.ReplaceAll(t.Name(), "/", " ")
			n.given(t, id, given[c.given]...)
			before := len(given[c.given])
			if _, err := commands[c.when](t, id); !errors.Is(err, c.fails) {
				t.Errorf("%v, want %v", err, c.fails)
			}
			types := n.types(t, id)[before:]
			if c.then == "" && len(types) > 0 || c.then != "" && !slices.Equal(types, []string{c.then}) {
				t.Errorf("then %v", types)
			}
		})
	}
}

func TestTheSameNameIsNoChange(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	added, err := n.Organizations.Add(t.Context(), commandtest.Admin(), "o", "Same")
	must(t, err)
	again, err := n.Organizations.Rename(t.Context(), commandtest.Admin(), "o", " Same ")
	if err != nil || again != added {
		t.Errorf("%+v, %v", again, err)
	}
}

// Who is told what about an organization that is there and about one that is not.
func TestPermissions(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.given(t, "there", &eventv1.OrganizationAdded{Name: "There"}, &eventv1.OrganizationDomainAdded{Domain: "example.com"},
		&eventv1.OrganizationMetadataSet{Key: "k", Value: []byte("v")})
	s := n.Organizations
	commands := map[string]func(by *permission.Caller, id string) error{
		"Rename":     func(by *permission.Caller, id string) error { return second(s.Rename(t.Context(), by, id, "")) },
		"Deactivate": func(by *permission.Caller, id string) error { return second(s.Deactivate(t.Context(), by, id)) },
		"Activate":   func(by *permission.Caller, id string) error { return second(s.Activate(t.Context(), by, id)) },
		"Remove":     func(by *permission.Caller, id string) error { return second(s.Remove(t.Context(), by, id)) },
		"SetMetadata": func(by *permission.Caller, id string) error {
			return second(s.SetMetadata(t.Context(), by, id, nil))
		},
		"RemoveMetadata": func(by *permission.Caller, id string) error {
			return second(s.RemoveMetadata(t.Context(), by, id, nil))
		},
		"AddDomain":    func(by *permission.Caller, id string) error { return second(s.AddDomain(t.Context(), by, id, "")) },
		"RemoveDomain": func(by *permission.Caller, id string) error { return second(s.RemoveDomain(t.Context(), by, id, "")) },
		"RequestProof": func(by *permission.Caller, id string) error {
			return second(s.RequestProof(t.Context(), by, organization.ProofRequest{Organization: id}))
		},
		"VerifyDomain": func(by *permission.Caller, id string) error { return second(s.VerifyDomain(t.Context(), by, id, "")) },
	}
	viewer := commandtest.Caller("viewer", permission.Membership{Organization: "there", Roles: []string{permission.OrganizationOwnerViewer}})
	for name, run := range commands {
		for _, id := range []string{"there", "absent", "", "\x00"} {
			for who, by := range map[string]*permission.Caller{
				"without a membership": commandtest.Caller("u"), "of another organization": owner("default"), "viewer": viewer,
			} {
				if err := run(by, id); !errors.Is(err, permission.ErrDenied) {
					t.Errorf("%s of %q by a caller %s: %v", name, id, who, err)
				}
			}
			if err := run(nil, id); !errors.Is(err, permission.ErrUnauthenticated) {
				t.Errorf("%s of %q by nobody: %v", name, id, err)
			}
		}
	}
	if looks := n.Network.Looks(); looks > 0 {
		t.Errorf("%d looks for a proof", looks)
	}
	n.events(t, "there", "org.added", "org.domain.added", "org.metadata.set")
}

func TestWhatCannotBeRemoved(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.given(t, "home", &eventv1.OrganizationAdded{Name: "Home"})
	own := permission.NewCaller(permission.Identity{Tenant: commandtest.Tenant, UserID: "u", Organization: "home"},
		permission.Membership{Organization: "home", Roles: []string{permission.OrganizationOwner}})
	if _, err := n.Organizations.Remove(t.Context(), commandtest.Admin(), "default"); !errors.Is(err, organization.ErrDefault) {
		t.Errorf("the default organization: %v", err)
	}
	if _, err := n.Organizations.Remove(t.Context(), own, "home"); !errors.Is(err, organization.ErrOwn) {
		t.Errorf("one's own organization: %v", err)
	}
	if _, err := n.Organizations.Remove(t.Context(), owner("home"), "home"); err != nil {
		t.Errorf("by an owner who belongs elsewhere: %v", err)
	}
}

// A state may be remembered by a node that did not see the end.
func TestOtherNodesKnowTheEnd(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	other := n.Another(t)
	n.given(t, "o", &eventv1.OrganizationAdded{Name: "O"})
	life, err := other.Homes.Lifecycle(t.Context(), n.Tenant, "o")
	if err != nil || life != organization.Active {
		t.Fatalf("%v, %v", life, err)
	}
	_, err = n.Organizations.Deactivate(t.Context(), commandtest.Admin(), "o")
	must(t, err)
	if active, err := other.Homes.Active(t.Context(), n.Tenant, "o"); err != nil || active {
		t.Errorf("active on the other node: %v", err)
	}
	if exists, err := other.Homes.Exists(t.Context(), n.Tenant, "o"); err != nil || !exists {
		t.Errorf("gone on the other node: %v", err)
	}
	_, err = other.Organizations.Remove(t.Context(), commandtest.Admin(), "o")
	must(t, err)
	if life, err := n.Homes.Lifecycle(t.Context(), n.Tenant, "o"); err != nil || life != organization.Removed {
		t.Errorf("%v, %v", life, err)
	}
}

// Of many who add, or remove, one does.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	nodes := []*commandtest.Node{n.Node, n.Another(t), n.Another(t)}
	count := func(run func(*commandtest.Node) error) (done int) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				if run(nodes[i%len(nodes)]) == nil {
					mu.Lock()
					defer mu.Unlock()
					done++
				}
			})
		}
		wg.Wait()
		return done
	}
	if done := count(func(n *commandtest.Node) error {
		return second(n.Organizations.Add(t.Context(), commandtest.Admin(), "o", "O"))
	}); done != 1 {
		t.Errorf("added %d times", done)
	}
	if done := count(func(n *commandtest.Node) error {
		return second(n.Organizations.Remove(t.Context(), commandtest.Admin(), "o"))
	}); done != 1 {
		t.Errorf("removed %d times", done)
	}
	n.events(t, "o", "org.added", "org.removed")
}
