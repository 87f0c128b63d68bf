package permission

// Role names a set of permissions that a membership gives.
type Role = string

// Roles on the instance.
const (
	InstanceOwner       Role = "IAM_OWNER"
	InstanceOwnerViewer Role = "IAM_OWNER_VIEWER"
	InstanceOrgManager  Role = "IAM_ORG_MANAGER"
	InstanceUserManager Role = "IAM_USER_MANAGER"
	InstanceLoginClient Role = "IAM_LOGIN_CLIENT"
)

// Roles on one organization.
const (
	OrganizationOwner       Role = "ORG_OWNER"
	OrganizationOwnerViewer Role = "ORG_OWNER_VIEWER"
	OrganizationUserManager Role = "ORG_USER_MANAGER"
	OrganizationSelfManager Role = "ORG_USER_SELF_MANAGER"
)

// granted is the table of what a role gives. What does not stand here is not given; a role given on a level that is not its
// own gives nothing.
func granted(level level, role Role) []Permission {
	switch level {
	case onInstance:
		switch role {
		case InstanceOwner:
			return All()
		case InstanceOwnerViewer:
			return []Permission{UserRead, SessionRead, OrganizationRead, IDPRead, AuditRead, ProjectionRead}
		case InstanceOrgManager:
			return []Permission{
				UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
				SessionRead, SessionDelete, OrganizationRead, OrganizationWrite, AuditRead,
			}
		case InstanceUserManager:
			return []Permission{
				UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
				SessionRead, SessionDelete, OrganizationRead, AuditRead,
			}
		case InstanceLoginClient:
			// A login page acts for people who are not signed in yet.
			return []Permission{
				UserRead, UserWrite, UserCredentialWrite, UserPasskeyWrite,
				SessionRead, SessionWrite, SessionDelete, OrganizationRead, IDPRead,
			}
		}
	case onOrganization:
		switch role {
		case OrganizationOwner:
			return []Permission{
				UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
				SessionRead, SessionDelete, OrganizationRead, OrganizationWrite, IDPRead, IDPWrite, AuditRead,
			}
		case OrganizationOwnerViewer:
			return []Permission{UserRead, SessionRead, OrganizationRead, IDPRead, AuditRead}
		case OrganizationUserManager:
			return []Permission{
				UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite,
				SessionRead, SessionDelete, OrganizationRead,
			}
		case OrganizationSelfManager:
			return []Permission{UserSelfDelete}
		}
	}
	return nil
}

type level uint8

const (
	onInstance level = iota
	onOrganization
)
