package permission

import (
	"github.com/signet-iam/signet/eventstore/failure"
)

// ErrDenied is the refusal of every check. It does not say which permission is missing, nor whether the object exists.
var ErrDenied = failure.New(failure.PermissionDenied, "PERMISSION_DENIED", "permission denied")

// ErrUnauthenticated is the refusal where any caller would do and there is none.
var ErrUnauthenticated = failure.New(failure.Unauthenticated, "UNAUTHENTICATED", "authentication required")

// Caller is who asks. It does not change once made; a nil Caller is nobody.
type Caller struct {
	Identity

	instance      set
	organizations map[string]set
	projects      map[string]set
	grants        map[Grant]set
}

// Identity says who a caller is.
type Identity struct {
	Tenant       string
	UserID       string
	Organization string // the caller's own
	Session      string // id of the session the caller is signed in by; empty for personal access tokens
	TokenID      string // of the personal access token the caller came with; empty for sessions
	Brief        bool   // the caller came with an access token, which is good for minutes and must not renew itself
}

// Membership gives roles: on the whole instance where everything else is empty, on an organization, on a project, or on a
// project as it was granted to an organization.
type Membership struct {
	Organization string // of a project: its owner
	Project      string
	Granted      string // the organization that the project was granted to
	Roles        []Role
}

// Grant is a project as it was granted to an organization.
type Grant struct {
	Project, Organization string
}

// Scope is where an object stands. What it has none of is empty.
type Scope struct {
	Organization string // that owns the object or its project
	Project      string
	Granted      string // the organization that the project was granted to
}

// NewCaller returns a caller with the permissions its memberships give. Unknown roles give nothing, nor do roles of another
// level than their membership's.
func NewCaller(who Identity, memberships ...Membership) *Caller {
	c := &Caller{Identity: who}
	table := Definitions()
	for _, m := range memberships {
		switch {
		case m.Granted != "":
			give(&c.grants, Grant{m.Project, m.Granted}, granted(table, OnProjectGrant, m.Roles))
		case m.Project != "":
			give(&c.projects, m.Project, granted(table, OnProject, m.Roles))
		case m.Organization != "":
			give(&c.organizations, m.Organization, granted(table, OnOrganization, m.Roles))
		default:
			c.instance |= granted(table, OnInstance, m.Roles)
		}
	}
	return c
}

func give[K comparable](to *map[K]set, key K, s set) {
	if s == 0 {
		return
	}
	if *to == nil {
		*to = make(map[K]set)
	}
	(*to)[key] |= s
}

// SystemID is the actor of what the platform does by itself. No user can be added under this id.
const SystemID = "system"

// System returns the platform itself as a caller that may do everything. Nothing that comes from outside may act as it.
func System(tenant string) *Caller {
	return NewCaller(Identity{Tenant: tenant, UserID: SystemID}, Membership{Roles: []Role{InstanceOwner}})
}

// TenantID returns the caller's tenant.
func (c *Caller) TenantID() string {
	if c == nil {
		return ""
	}
	return c.Tenant
}

// SubjectID returns the caller's user id.
func (c *Caller) SubjectID() string {
	if c == nil {
		return ""
	}
	return c.UserID
}

// Authenticated reports whether the caller is somebody.
func (c *Caller) Authenticated() bool {
	return c != nil && c.Tenant != "" && c.UserID != ""
}

// May reports whether the caller holds p on an organization; with organization "" on the whole instance.
func (c *Caller) May(p Permission, organization string) bool {
	return c.MayAt(p, Scope{Organization: organization})
}

// MayAt reports whether the caller holds p where an object stands: on the instance, the organization, the project or the
// granted project.
func (c *Caller) MayAt(p Permission, at Scope) bool {
	if !c.Authenticated() {
		return false
	}
	held := c.instance
	if at.Organization != "" {
		held |= c.organizations[at.Organization]
	}
	if at.Project != "" {
		held |= c.projects[at.Project]
		if at.Granted != "" {
			held |= c.grants[Grant{at.Project, at.Granted}]
		}
	}
	return held.has(p)
}

// Knows reports whether the caller, who may give something in the organization at, may learn that there is a user of another one:
// it is the same, it is the caller's own, or the caller may read its users.
func (c *Caller) Knows(organization, at string) bool {
	return c.Authenticated() && (organization == at || organization == c.Organization || c.May(UserRead, organization))
}

// Organizations returns the organizations on which the caller holds p by a membership of its own, and whether it holds p on
// all of them.
func (c *Caller) Organizations(p Permission) (some []string, all bool) {
	if c.May(p, "") {
		return nil, true
	}
	if c == nil {
		return nil, false
	}
	return holders(c.organizations, p), false
}

// Projects returns the projects on which the caller holds p by a membership on the project.
func (c *Caller) Projects(p Permission) []string {
	if c == nil {
		return nil
	}
	return holders(c.projects, p)
}

// Grants returns the granted projects on which the caller holds p by a membership there: a project and the organization it was
// granted to at the same index.
func (c *Caller) Grants(p Permission) (projects, organizations []string) {
	if c == nil {
		return nil, nil
	}
	for _, g := range holders(c.grants, p) {
		projects, organizations = append(projects, g.Project), append(organizations, g.Organization)
	}
	return projects, organizations
}

func holders[K comparable](of map[K]set, p Permission) (keys []K) {
	for key, held := range of {
		if held.has(p) {
			keys = append(keys, key)
		}
	}
	return keys
}

// HeldAt returns what the caller may do where an object stands.
func (c *Caller) HeldAt(at Scope) (held []Permission) {
	for _, p := range every() {
		if c.MayAt(p, at) {
			held = append(held, p)
		}
	}
	return held
}

// Check returns ErrDenied unless May.
func (c *Caller) Check(p Permission, organization string) error {
	return c.CheckAt(p, Scope{Organization: organization})
}

// CheckAt returns ErrDenied unless MayAt.
func (c *Caller) CheckAt(p Permission, at Scope) error {
	if c.MayAt(p, at) {
		return nil
	}
	return ErrDenied
}

// Is reports whether the caller is this user.
func (c *Caller) Is(userID string) bool {
	return c.Authenticated() && c.UserID == userID
}

// CheckSelfOr returns ErrDenied unless the caller is this user or holds p on the organization.
func (c *Caller) CheckSelfOr(p Permission, organization, userID string) error {
	if c.Is(userID) {
		return nil
	}
	return c.Check(p, organization)
}
