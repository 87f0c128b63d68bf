package permission

import "slices"

// Permission names something a caller may do. It is an alias of string, so that *Caller fits interfaces of packages that
// do not know this one.
type Permission = string

// The permissions.
const (
	UserRead            Permission = "user.read"
	UserWrite           Permission = "user.write"
	UserDelete          Permission = "user.delete"
	UserSelfDelete      Permission = "user.self.delete" // delete oneself
	UserCredentialWrite Permission = "user.credential.write"
	UserPasskeyWrite    Permission = "user.passkey.write"

	SessionRead   Permission = "session.read"
	SessionWrite  Permission = "session.write" // begin sessions of others and change them
	SessionDelete Permission = "session.delete"

	OrganizationRead        Permission = "org.read"
	OrganizationCreate      Permission = "org.create"
	OrganizationWrite       Permission = "org.write"
	OrganizationDelete      Permission = "org.delete"
	OrganizationMemberRead  Permission = "org.member.read"
	OrganizationMemberWrite Permission = "org.member.write"

	ProjectRead        Permission = "project.read"
	ProjectCreate      Permission = "project.create"
	ProjectWrite       Permission = "project.write"
	ProjectDelete      Permission = "project.delete"
	ProjectRoleRead    Permission = "project.role.read"
	ProjectRoleWrite   Permission = "project.role.write"
	ProjectGrantRead   Permission = "project.grant.read"
	ProjectGrantWrite  Permission = "project.grant.write"
	ProjectMemberRead  Permission = "project.member.read" // of projects and of granted projects
	ProjectMemberWrite Permission = "project.member.write"

	AuthorizationRead  Permission = "user.grant.read"
	AuthorizationWrite Permission = "user.grant.write"

	IDPRead  Permission = "idp.read"  // see identity providers, without their secrets
	IDPWrite Permission = "idp.write" // add, try out, change and remove them

	PolicyRead  Permission = "policy.read"
	PolicyWrite Permission = "policy.write"

	AuditRead           Permission = "audit.read"
	InboxRead           Permission = "inbox.read"       // read every message the platform would have sent, codes included
	ProjectionRead      Permission = "projection.read"  // see how far the read models are
	ProjectionWrite     Permission = "projection.write" // rebuild read models, skip events
	InstanceMemberRead  Permission = "iam.member.read"
	InstanceMemberWrite Permission = "iam.member.write"
	InstanceWrite       Permission = "instance.write" // settings of the whole instance
)

// All returns every permission.
func All() []Permission {
	all := every()
	return all[:]
}

func every() [38]Permission {
	return [...]Permission{
		UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
		SessionRead, SessionWrite, SessionDelete,
		OrganizationRead, OrganizationCreate, OrganizationWrite, OrganizationDelete, OrganizationMemberRead, OrganizationMemberWrite,
		ProjectRead, ProjectCreate, ProjectWrite, ProjectDelete, ProjectRoleRead, ProjectRoleWrite, ProjectGrantRead, ProjectGrantWrite,
		ProjectMemberRead, ProjectMemberWrite, AuthorizationRead, AuthorizationWrite,
		IDPRead, IDPWrite, PolicyRead, PolicyWrite,
		AuditRead, InboxRead, ProjectionRead, ProjectionWrite, InstanceMemberRead, InstanceMemberWrite, InstanceWrite,
	}
}

// set is a set of permissions, a bit for each in the order of every.
type set uint64

func setOf(permissions []Permission) (s set) {
	for _, p := range permissions {
		s |= bit(p)
	}
	return s
}

// bit returns the set of one permission; of an unknown one the empty set.
func bit(p Permission) set {
	all := every()
	if i := slices.Index(all[:], p); i >= 0 {
		return 1 << i
	}
	return 0
}

func (s set) has(p Permission) bool { return s&bit(p) != 0 }
