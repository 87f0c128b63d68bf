package querytest

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
)

// Authorization is one that stands.
type Authorization struct {
	ID, User, Project, Organization string
	Active                          bool
	Roles                           []string
}

// Membership is one that counts. All is empty but user and roles for the instance.
type Membership struct {
	User, Organization, Project, Granted string
}

// project is one that is there.
type project struct {
	owner  string
	roles  map[string]bool
	grants map[string]map[string]bool // roles by organization
}

type grant struct{ project, organization string }

// World is a tenant in which random things happen. Its fields say what must be left.
type World struct {
	Tenant         string
	Homes          map[string]string // organizations of all users, by user
	Authorizations map[string]*Authorization
	Memberships    map[Membership][]string

	database *Database
	random   *rand.Rand
	users    map[string]bool
	orgs     map[string]bool
	projects map[string]*project
	ended    map[string]bool // projects
	granted  map[grant]bool  // at some time: nobody can be a member of what never was
	ids      []string        // of all authorizations that were ever recorded, with their users
	made     int
}

// Few ids: things have to meet.
func organizationIDs() []string { return []string{"o1", "o2", "o3"} }
func projectIDs() []string      { return []string{"p1", "p2", "p3", "p4"} }
func roleKeys() []string        { return []string{"a", "b", "c"} }

// NewWorld returns a world with organizations and users, in which nothing has happened.
func NewWorld(t testing.TB, d *Database, seed uint64) *World {
	t.Helper()
	w := &World{
		Tenant: fmt.Sprintf("tenant%d", seed), Homes: map[string]string{"ann": "o1", "bob": "o2", "cid": "o3", "dan": "o1"},
		Authorizations: make(map[string]*Authorization), Memberships: make(map[Membership][]string), database: d,
		random: rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // repeatable, not secret
		users:  make(map[string]bool), orgs: make(map[string]bool),
		projects: make(map[string]*project), ended: make(map[string]bool), granted: make(map[grant]bool),
	}
	for _, id := range organizationIDs() {
		w.record(t, "org", id, id, &eventv1.OrganizationAdded{Name: "Org " + id}, &eventv1.OrganizationDomainAdded{Domain: Domain(id)},
			&eventv1.OrganizationDomainVerified{Domain: Domain(id)}, &eventv1.OrganizationDomainPrimarySet{Domain: Domain(id)})
		w.orgs[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(w.Homes)) {
		w.addUser(t, id)
	}
	return w
}

func (w *World) record(t testing.TB, kind, id, owner string, messages ...proto.Message) {
	t.Helper()
	w.database.Record(t, eventstore.StreamID{Tenant: w.Tenant, Kind: kind, ID: id}, owner, messages...)
}

// Domain is the primary domain of an organization.
func Domain(organization string) string { return organization + ".example.com" }

// Picture is the digest of a user's picture.
func Picture(user string) [sha256.Size]byte { return sha256.Sum256([]byte(user)) }

func (w *World) addUser(t testing.TB, id string) {
	picture := Picture(id)
	w.record(t, "user", id, w.Homes[id], &eventv1.UserMachineAdded{OrganizationId: w.Homes[id], Username: id, Name: "The " + id},
		&eventv1.UserAvatarSet{ContentType: "image/png", Size: 1, Sha256: picture[:]})
	w.users[id] = true
}

func (w *World) pick(from []string) string { return from[w.random.IntN(len(from))] }

func (w *World) some(from []string) (chosen []string) {
	for _, s := range from {
		if w.random.IntN(2) == 0 {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// Happen lets something happen: mostly what commands would do, and now and then what they would only do because they did not
// know better, a moment after the end of something.
func (w *World) Happen(t testing.TB) {
	t.Helper()
	switch n := w.random.IntN(100); {
	case n < 2:
		w.removeOrganization(t, w.pick(organizationIDs()[1:]))
	case n < 6:
		w.changeUser(t, w.pick(slices.Sorted(maps.Keys(w.Homes))))
	case n < 40:
		w.changeProject(t, w.pick(projectIDs()))
	case n < 70:
		w.changeAuthorization(t)
	default:
		w.setMembership(t)
	}
}

func (w *World) removeOrganization(t testing.TB, id string) {
	if !w.orgs[id] || w.random.IntN(4) > 0 {
		return
	}
	w.record(t, "org", id, id, &eventv1.OrganizationRemoved{})
	delete(w.orgs, id)
	for key, p := range w.projects {
		if delete(p.grants, id); p.owner == id {
			delete(w.projects, key)
		}
	}
	w.settle()
}

func (w *World) changeUser(t testing.TB, id string) {
	if !w.users[id] {
		w.addUser(t, id)
		return
	}
	w.record(t, "user", id, "", &eventv1.UserRemoved{})
	delete(w.users, id)
	w.settle()
}

// settle ends what stands on nothing any more.
func (w *World) settle() {
	maps.DeleteFunc(w.Authorizations, func(_ string, a *Authorization) bool {
		a.Roles = slices.DeleteFunc(a.Roles, func(key string) bool { return !w.possible(a.Project, a.Organization)[key] })
		return !w.users[a.User] || !w.orgs[w.Homes[a.User]] || w.possible(a.Project, a.Organization) == nil
	})
	maps.DeleteFunc(w.Memberships, func(m Membership, _ []string) bool { return !w.holdable(m) })
}

// possible returns the roles that can be given in an organization; nil where none can be.
func (w *World) possible(id, organization string) map[string]bool {
	p := w.projects[id]
	switch {
	case p == nil:
		return nil
	case p.owner == organization:
		return p.roles
	}
	return p.grants[organization]
}

func (w *World) holdable(m Membership) bool {
	switch {
	case !w.users[m.User]:
		return false
	case m.Organization == "":
		return true
	case m.Project == "":
		return w.orgs[m.Organization]
	case m.Granted == "":
		return w.projects[m.Project] != nil
	}
	return w.projects[m.Project] != nil && w.projects[m.Project].grants[m.Granted] != nil
}

// Shown tells whether queries show anything of a user.
func (w *World) Shown(user string) bool { return w.users[user] && w.orgs[w.Homes[user]] }

func (w *World) changeProject(t testing.TB, id string) {
	p := w.projects[id]
	if p == nil {
		w.addProject(t, id)
		return
	}
	change := func(m proto.Message) { w.record(t, "project", id, p.owner, m) }
	key, to := w.pick(roleKeys()), w.pick(organizationIDs())
	switch n := w.random.IntN(30); {
	case n == 0:
		change(&eventv1.ProjectRemoved{})
		delete(w.projects, id)
		w.ended[id] = true
	case n < 12 && p.roles[key] && n < 4:
		change(&eventv1.ProjectRoleRemoved{Key: key})
		delete(p.roles, key)
		for _, granted := range p.grants {
			delete(granted, key)
		}
	case n < 12 && !p.roles[key]:
		change(&eventv1.ProjectRoleAdded{Key: key, DisplayName: "Role " + key, Group: "g"})
		p.roles[key] = true
	case n >= 12 && to != p.owner && w.orgs[to]:
		w.changeGrant(p, to, change)
		w.granted[grant{id, to}] = true
	}
	w.settle()
}

func (w *World) addProject(t testing.TB, id string) {
	owner := w.pick(organizationIDs())
	if w.ended[id] || !w.orgs[owner] {
		return
	}
	w.record(t, "project", id, owner, &eventv1.ProjectAdded{OrganizationId: owner, Name: "Project " + id})
	w.projects[id], w.ended[id] = &project{owner: owner, roles: make(map[string]bool), grants: make(map[string]map[string]bool)}, true
}

func (w *World) changeGrant(p *project, to string, change func(proto.Message)) {
	keys := w.some(slices.Sorted(maps.Keys(p.roles)))
	granted := make(map[string]bool)
	for _, key := range keys {
		granted[key] = true
	}
	switch _, exists := p.grants[to]; {
	case !exists:
		change(&eventv1.ProjectGrantAdded{OrganizationId: to, RoleKeys: keys})
		p.grants[to] = granted
	case w.random.IntN(3) == 0:
		change(&eventv1.ProjectGrantRemoved{OrganizationId: to})
		delete(p.grants, to)
	default:
		change(&eventv1.ProjectGrantChanged{OrganizationId: to, RoleKeys: keys})
		p.grants[to] = granted
	}
}

func (w *World) changeAuthorization(t testing.TB) {
	if len(w.ids) == 0 || w.random.IntN(2) == 0 {
		w.addAuthorization(t)
		return
	}
	id := w.pick(w.ids)
	user := id[:3]
	change := func(m proto.Message) { w.record(t, "authorization", user, w.Homes[user], m) }
	a := w.Authorizations[id]
	if a == nil {
		a = &Authorization{} // it is over, and events of it come late
	}
	switch w.random.IntN(8) {
	case 0:
		change(&eventv1.AuthorizationRemoved{Id: id})
		delete(w.Authorizations, id)
	case 1, 2:
		change(&eventv1.AuthorizationDeactivated{Id: id})
		a.Active = false
	case 3, 4:
		change(&eventv1.AuthorizationActivated{Id: id})
		a.Active = true
	default:
		a.Roles = w.some(roleKeys())
		change(&eventv1.AuthorizationChanged{Id: id, RoleKeys: slices.Clone(a.Roles)})
	}
	w.settle()
}

func (w *World) addAuthorization(t testing.TB) {
	w.made++
	a := &Authorization{
		User: w.pick(slices.Sorted(maps.Keys(w.Homes))), Project: w.pick(projectIDs()), Organization: w.pick(organizationIDs()),
		Active: true, Roles: w.some(roleKeys()),
	}
	a.ID = fmt.Sprintf("%s-%03d", a.User, w.made)
	w.record(t, "authorization", a.User, w.Homes[a.User], &eventv1.AuthorizationAdded{
		Id: a.ID, ProjectId: a.Project, OrganizationId: a.Organization, RoleKeys: slices.Clone(a.Roles),
	})
	w.ids = append(w.ids, a.ID)
	w.Authorizations[a.ID] = a
	w.settle()
}

func (w *World) setMembership(t testing.TB) {
	m := Membership{User: w.pick(slices.Sorted(maps.Keys(w.Homes)))}
	roles := w.some([]string{"R", "S"})
	if w.random.IntN(5) == 0 {
		w.record(t, "instance", w.Tenant, "o1", &eventv1.InstanceMemberSet{UserId: m.User, Roles: roles})
	} else {
		m.Organization = w.pick(organizationIDs())
		if id := w.pick(projectIDs()); w.projects[id] != nil && w.random.IntN(2) == 0 {
			m.Organization, m.Project = w.projects[id].owner, id
			if to := w.pick(organizationIDs()); w.granted[grant{id, to}] {
				m.Granted = to
			}
		}
		w.record(t, "membership", m.User, w.Homes[m.User], &eventv1.MembershipSet{
			OrganizationId: m.Organization, ProjectId: m.Project, GrantedOrganizationId: m.Granted, Roles: roles,
		})
	}
	if w.Memberships[m] = roles; len(roles) == 0 {
		delete(w.Memberships, m)
	}
	w.settle()
}
