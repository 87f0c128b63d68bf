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
	Tenant       string
	UserID       string
	Organization string // the caller's own
	Session      string // id of the session the caller is signed in by; empty for personal access tokens
	TokenID      string // of the personal access token the caller came with; empty for sessions
	Brief        bool   // the caller came with an access token, which is good for minutes and must not renew itself

	instance      map[Permission]struct{}
	organizations map[string]map[Permission]struct{}
}

// Membership gives roles on one organization, or on the whole instance when Organization is empty.
type Membership struct {
	Organization string
	Roles        []Role
}

// Identity says who a caller is.
type Identity struct {
	Tenant       string
	UserID       string
	Organization string
	Session      string // empty without one
	TokenID      string // of a personal access token; empty without one
	Brief        bool   // came with an access token
}

// NewCaller returns a caller with the permissions its memberships give. Unknown roles give nothing.
func NewCaller(who Identity, memberships ...Membership) *Caller {
	c := &Caller{Tenant: who.Tenant, UserID: who.UserID, Organization: who.Organization, Session: who.Session, TokenID: who.TokenID, Brief: who.Brief}
	for _, m := range memberships {
		if m.Organization == "" {
			c.instance = grant(c.instance, onInstance, m.Roles)
			continue
		}
		if c.organizations == nil {
			c.organizations = make(map[string]map[Permission]struct{})
		}
		c.organizations[m.Organization] = grant(c.organizations[m.Organization], onOrganization, m.Roles)
	}
	return c
}

func grant(to map[Permission]struct{}, level level, roles []Role) map[Permission]struct{} {
	if to == nil {
		to = make(map[Permission]struct{})
	}
	for _, role := range roles {
		for _, p := range granted(level, role) {
			to[p] = struct{}{}
		}
	}
	return to
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
	if !c.Authenticated() {
		return false
	}
	if _, ok := c.instance[p]; ok {
		return true
	}
	if organization == "" {
		return false
	}
	_, ok := c.organizations[organization][p]
	return ok
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
	for id, held := range c.organizations {
		if _, ok := held[p]; ok {
			some = append(some, id)
		}
	}
	return some, false
}

// Check returns ErrDenied unless May.
func (c *Caller) Check(p Permission, organization string) error {
	if c.May(p, organization) {
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
