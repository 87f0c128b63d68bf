package permission

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

	OrganizationRead  Permission = "org.read"
	OrganizationWrite Permission = "org.write"

	IDPRead  Permission = "idp.read"  // see identity providers, without their secrets
	IDPWrite Permission = "idp.write" // add, try out, change and remove them

	AuditRead       Permission = "audit.read"
	InboxRead       Permission = "inbox.read"       // read every message the platform would have sent, codes included
	ProjectionRead  Permission = "projection.read"  // see how far the read models are
	ProjectionWrite Permission = "projection.write" // rebuild read models, skip events
	InstanceWrite   Permission = "instance.write"   // memberships and settings of the whole instance
)

// All returns every permission.
func All() []Permission {
	return []Permission{
		UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
		SessionRead, SessionWrite, SessionDelete,
		OrganizationRead, OrganizationWrite, IDPRead, IDPWrite,
		AuditRead, InboxRead, ProjectionRead, ProjectionWrite, InstanceWrite,
	}
}
