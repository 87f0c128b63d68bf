package project_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/project"
)

// The reference: what every question must answer, said in Go over a world in memory.

// world is what was recorded in a tenant.
type world struct {
	tenant        string
	organizations map[string]string // names of those there are
	projects      map[string]*thing
}

// thing is a project that is there or was.
type thing struct {
	project.Project
	removed bool
	roles   map[string]project.Role
	grants  map[string]project.Grant
}

func (w *world) there(p *thing) bool {
	_, owned := w.organizations[p.Organization]
	return !p.removed && owned
}

// take notes what an event changes.
func (w *world) take(stream eventstore.StreamID, msg proto.Message, at time.Time) {
	switch m := msg.(type) {
	case *eventv1.OrganizationAdded:
		w.organizations[stream.ID] = m.GetName()
	case *eventv1.OrganizationRemoved:
		delete(w.organizations, stream.ID)
		for _, p := range w.projects {
			delete(p.grants, stream.ID)
		}
	case *eventv1.ProjectAdded:
		w.projects[stream.ID] = &thing{Project: project.Project{
			ID: stream.ID, Organization: m.GetOrganizationId(), Name: m.GetName(), State: project.Active, RoleAssertion: m.GetRoleAssertion(),
			AuthorizationRequired: m.GetAuthorizationRequired(), AccessRequired: m.GetAccessRequired(),
			Labeling: project.Labeling(m.GetLabeling()), CreatedAt: at, ChangedAt: at,
		}, roles: make(map[string]project.Role), grants: make(map[string]project.Grant)}
	default:
		w.projects[stream.ID].take(msg, at)
	}
}

func (p *thing) take(msg proto.Message, at time.Time) {
	switch m := msg.(type) {
	case *eventv1.ProjectDeactivated:
		p.State, p.ChangedAt = project.Inactive, at
	case *eventv1.ProjectRemoved:
		p.removed = true
	case *eventv1.ProjectRoleAdded:
		p.roles[m.GetKey()] = project.Role{
			Project: p.ID, Key: m.GetKey(), DisplayName: m.GetDisplayName(), Group: m.GetGroup(), CreatedAt: at, ChangedAt: at,
		}
	case *eventv1.ProjectRoleRemoved:
		delete(p.roles, m.GetKey())
		for to, g := range p.grants {
			if i := slices.Index(g.Roles, m.GetKey()); i >= 0 {
				g.Roles, g.ChangedAt = slices.Delete(slices.Clone(g.Roles), i, i+1), at
				p.grants[to] = g
			}
		}
	case *eventv1.ProjectGrantAdded:
		p.grants[m.GetOrganizationId()] = project.Grant{
			Project: p.ID, Organization: p.Organization, To: project.Granted{Organization: m.GetOrganizationId(), State: project.Active},
			Roles: m.GetRoleKeys(), CreatedAt: at, ChangedAt: at,
		}
	case *eventv1.ProjectGrantDeactivated:
		g := p.grants[m.GetOrganizationId()]
		g.To.State, g.ChangedAt = project.Inactive, at
		p.grants[m.GetOrganizationId()] = g
	}
}

// person is who asks: the permissions are asked of each membership by itself.
type person []permission.Membership

func (who person) may(p permission.Permission, level func(permission.Membership) bool, at permission.Scope) bool {
	return slices.ContainsFunc(who, func(m permission.Membership) bool { return level(m) && caller(m).MayAt(p, at) })
}

func anyLevel(permission.Membership) bool { return true }

// owner reports whether somebody holds a permission on a project as its owner has it.
func (who person) owner(p permission.Permission, on *thing) bool {
	notAsGranted := func(m permission.Membership) bool { return m.Granted == "" }
	return who.may(p, notAsGranted, permission.Scope{Organization: on.Organization, Project: on.ID})
}

// grantee reports whether somebody holds a permission on a project as it was granted, in the organization or on the grant.
func (who person) grantee(p permission.Permission, on *thing, to string) bool {
	notOnTheProject := func(m permission.Membership) bool { return m.Project == "" || m.Granted != "" }
	return who.may(p, anyLevel, permission.Scope{Organization: to}) ||
		who.may(p, notOnTheProject, permission.Scope{Project: on.ID, Granted: to})
}

// granted returns a project as it was granted.
func (w *world) granted(p *thing, g project.Grant) project.Project {
	row := p.Project
	row.Granted = project.Granted{Organization: g.To.Organization, Name: w.organizations[g.To.Organization], State: g.To.State}
	return row
}

func (w *world) rows(who person) (rows []project.Project) {
	for _, p := range w.projects {
		if !w.there(p) {
			continue
		}
		if who.owner(permission.ProjectRead, p) {
			rows = append(rows, p.Project)
		}
		for to, g := range p.grants {
			if who.owner(permission.ProjectGrantRead, p) || who.grantee(permission.ProjectRead, p, to) {
				rows = append(rows, w.granted(p, g))
			}
		}
	}
	return rows
}

func (w *world) roles(who person, id string) (rows []project.Role) {
	p := w.projects[id]
	if p == nil || !w.there(p) {
		return nil
	}
	for key, r := range p.roles {
		shown := who.owner(permission.ProjectRoleRead, p)
		for to, g := range p.grants {
			shown = shown || slices.Contains(g.Roles, key) && who.grantee(permission.ProjectRoleRead, p, to)
		}
		if shown {
			rows = append(rows, r)
		}
	}
	return rows
}

func (w *world) grants(who person) (rows []project.Grant) {
	for _, p := range w.projects {
		if !w.there(p) {
			continue
		}
		for to, g := range p.grants {
			if who.owner(permission.ProjectGrantRead, p) || who.grantee(permission.ProjectGrantRead, p, to) {
				g.ProjectName, g.To.Name = p.Name, w.organizations[to]
				rows = append(rows, g)
			}
		}
	}
	return rows
}

// get is what a read by id must answer.
func (w *world) get(who person, id string) (project.Project, error) {
	missing := func(owned bool) (project.Project, error) {
		if owned {
			return project.Project{}, project.ErrNotFound
		}
		return project.Project{}, query.ErrDenied
	}
	p := w.projects[id]
	if p == nil {
		return missing(who.may(permission.ProjectRead, anyLevel, permission.Scope{}))
	}
	owned := who.owner(permission.ProjectRead, p)
	if owned && w.there(p) {
		return p.Project, nil
	}
	if !w.there(p) {
		return missing(owned)
	}
	var seen []project.Project
	for to, g := range p.grants {
		if who.grantee(permission.ProjectRead, p, to) {
			seen = append(seen, w.granted(p, g))
		}
	}
	if len(seen) == 0 {
		return missing(false)
	}
	return slices.MinFunc(seen, func(a, b project.Project) int { return strings.Compare(a.Granted.Organization, b.Granted.Organization) }), nil
}

// The conditions.

func text(is query.TextMethod, have, want string) bool {
	if is%2 == 1 { // those that ignore case
		have, want = strings.ToLower(have), strings.ToLower(want)
	}
	switch is {
	case query.Equals, query.EqualsIgnoreCase:
		return have == want
	case query.StartsWith, query.StartsWithIgnoreCase:
		return strings.HasPrefix(have, want)
	case query.Contains, query.ContainsIgnoreCase:
		return strings.Contains(have, want)
	default:
		return strings.HasSuffix(have, want)
	}
}

func holds(f project.Filter, p project.Project) bool {
	switch f := f.(type) {
	case project.Named:
		return text(f.Is, p.Name, f.Value)
	case project.InIDs:
		return slices.Contains(f, p.ID)
	case project.OfOrganization:
		owned := f.By != project.Granting && p.Granted.Organization == "" && p.Organization == f.ID
		granted := f.By != project.Owned && p.Granted.Organization != "" && p.Granted.Organization == f.ID
		return owned || granted
	}
	panic("a filter the reference does not know")
}

func holdsRole(f project.RoleFilter, r project.Role) bool {
	switch f := f.(type) {
	case project.RoleKey:
		return text(f.Is, r.Key, f.Value)
	case project.RoleDisplayName:
		return text(f.Is, r.DisplayName, f.Value)
	}
	panic("a filter the reference does not know")
}

func holdsGrant(f project.GrantFilter, g project.Grant) bool {
	switch f := f.(type) {
	case project.Named:
		return text(f.Is, g.ProjectName, f.Value)
	case project.InIDs:
		return slices.Contains(f, g.Project)
	case project.OwnedBy:
		return g.Organization == string(f)
	case project.GrantedTo:
		return g.To.Organization == string(f)
	case project.RoleKey:
		return slices.ContainsFunc(g.Roles, func(key string) bool { return text(f.Is, key, f.Value) })
	}
	panic("a filter the reference does not know")
}

// The orders.

func order(c project.Column) func(a, b project.Project) int {
	return func(a, b project.Project) int {
		var by int
		switch c {
		case project.ByCreation:
			by = a.CreatedAt.Compare(b.CreatedAt)
		case project.ByChange:
			by = a.ChangedAt.Compare(b.ChangedAt)
		case project.ByName:
			by = strings.Compare(a.Name, b.Name)
		}
		return cmp.Or(by, strings.Compare(a.ID, b.ID), strings.Compare(a.Granted.Organization, b.Granted.Organization))
	}
}

func orderRoles(c project.Column) func(a, b project.Role) int {
	return func(a, b project.Role) int {
		var by int
		switch c {
		case project.ByCreation:
			by = a.CreatedAt.Compare(b.CreatedAt)
		case project.ByChange:
			by = a.ChangedAt.Compare(b.ChangedAt)
		}
		return cmp.Or(by, strings.Compare(a.Key, b.Key))
	}
}

func orderGrants(c project.Column) func(a, b project.Grant) int {
	return func(a, b project.Grant) int {
		var by int
		switch c {
		case project.ByCreation:
			by = a.CreatedAt.Compare(b.CreatedAt)
		case project.ByChange:
			by = a.ChangedAt.Compare(b.ChangedAt)
		}
		return cmp.Or(by, strings.Compare(a.Project, b.Project), strings.Compare(a.To.Organization, b.To.Organization))
	}
}

// window is which part of a list is asked for.
type window struct {
	ascending bool
	offset    uint64
	limit     uint32
}

// cut returns the rows for which all filters hold, sorted, and of them the page that was asked for with the total.
func cut[R, F any](rows []R, filters []F, holds func(F, R) bool, order func(a, b R) int, w window) (page []R, total int) {
	rows = slices.DeleteFunc(rows, func(r R) bool {
		return slices.ContainsFunc(filters, func(f F) bool { return !holds(f, r) })
	})
	slices.SortFunc(rows, func(a, b R) int {
		if w.ascending {
			return order(a, b)
		}
		return order(b, a)
	})
	from := min(int(w.offset), len(rows))
	return rows[from:min(from+cmp.Or(int(w.limit), query.DefaultLimit), len(rows))], len(rows)
}

// record appends events and notes what they change.
func (w *world) record(t *testing.T, d *database, kind, id string, messages ...proto.Message) {
	t.Helper()
	stream := eventstore.StreamID{Tenant: w.tenant, Kind: kind, ID: id}
	receipt := d.recordIn(t, stream, messages...)
	for _, m := range messages {
		w.take(stream, m, receipt.RecordedAt.UTC())
	}
	if p := w.projects[id]; kind == "project" {
		p.Version += uint64(len(messages))
		p.Position = receipt.Position
	}
}
