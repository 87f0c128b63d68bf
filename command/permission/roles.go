package permission

import "slices"

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
	OrganizationOwner            Role = "ORG_OWNER"
	OrganizationOwnerViewer      Role = "ORG_OWNER_VIEWER"
	OrganizationUserManager      Role = "ORG_USER_MANAGER"
	OrganizationPermissionEditor Role = "ORG_USER_PERMISSION_EDITOR" // gives users of the organization roles of projects
	OrganizationSettingsManager  Role = "ORG_SETTINGS_MANAGER"
	OrganizationProjectCreator   Role = "ORG_PROJECT_CREATOR"
	OrganizationSelfManager      Role = "ORG_USER_SELF_MANAGER"
)

// Roles on one project, and on a project as it was granted to an organization.
const (
	ProjectOwner            Role = "PROJECT_OWNER"
	ProjectOwnerViewer      Role = "PROJECT_OWNER_VIEWER"
	ProjectGrantOwner       Role = "PROJECT_GRANT_OWNER"
	ProjectGrantOwnerViewer Role = "PROJECT_GRANT_OWNER_VIEWER"
)

// Level is what a role can be held on.
type Level uint8

// The levels.
const (
	OnInstance Level = iota
	OnOrganization
	OnProject
	OnProjectGrant
)

// Definition is a role with what it gives. On a level that is not its own it gives nothing.
type Definition struct {
	Level       Level
	Role        Role
	Permissions []Permission
}

// Definitions returns the table of what roles give, by level. What does not stand here is not given.
func Definitions() []Definition {
	manageUsers := []Permission{
		UserRead, UserWrite, UserDelete, UserSelfDelete, UserCredentialWrite, UserPasskeyWrite, SessionRead, SessionDelete,
	}
	viewProject := []Permission{ProjectRead, ProjectRoleRead, ProjectGrantRead, ProjectMemberRead, AuthorizationRead}
	manageProject := slices.Concat(viewProject, []Permission{
		ProjectWrite, ProjectDelete, ProjectRoleWrite, ProjectGrantWrite, ProjectMemberWrite, AuthorizationWrite,
	})
	viewGrant := []Permission{ProjectRead, ProjectRoleRead, ProjectMemberRead, AuthorizationRead}
	viewOrganization := slices.Concat(viewProject, []Permission{
		UserRead, SessionRead, OrganizationRead, OrganizationMemberRead, IDPRead, PolicyRead, AuditRead,
	})
	manageOrganization := slices.Concat(manageUsers, manageProject, []Permission{
		OrganizationRead, OrganizationWrite, OrganizationDelete, OrganizationMemberRead, OrganizationMemberWrite, ProjectCreate,
		IDPRead, IDPWrite, PolicyRead, PolicyWrite, AuditRead,
	})
	editPermissions := []Permission{
		UserRead, OrganizationRead, ProjectRead, ProjectRoleRead, ProjectGrantRead, AuthorizationRead, AuthorizationWrite,
	}
	return []Definition{
		{OnInstance, InstanceOwner, All()},
		{OnInstance, InstanceOwnerViewer, slices.Concat(viewOrganization, []Permission{InstanceMemberRead, ProjectionRead})},
		{OnInstance, InstanceOrgManager, slices.Concat(manageOrganization, []Permission{OrganizationCreate})},
		{OnInstance, InstanceUserManager, slices.Concat(manageUsers, editPermissions, []Permission{AuditRead})},
		// A login page acts for people who are not signed in yet.
		{OnInstance, InstanceLoginClient, []Permission{
			UserRead, UserWrite, UserCredentialWrite, UserPasskeyWrite, SessionRead, SessionWrite, SessionDelete,
			OrganizationRead, IDPRead, PolicyRead, ProjectRead, AuthorizationRead,
		}},

		{OnOrganization, OrganizationOwner, manageOrganization},
		{OnOrganization, OrganizationOwnerViewer, viewOrganization},
		{OnOrganization, OrganizationUserManager, slices.Concat(manageUsers, editPermissions)},
		{OnOrganization, OrganizationPermissionEditor, editPermissions},
		{OnOrganization, OrganizationSettingsManager, []Permission{
			OrganizationRead, OrganizationWrite, PolicyRead, PolicyWrite, IDPRead, IDPWrite,
		}},
		{OnOrganization, OrganizationProjectCreator, []Permission{OrganizationRead, ProjectCreate}},
		{OnOrganization, OrganizationSelfManager, []Permission{UserSelfDelete}},

		{OnProject, ProjectOwner, manageProject},
		{OnProject, ProjectOwnerViewer, viewProject},
		{OnProjectGrant, ProjectGrantOwner, slices.Concat(viewGrant, []Permission{ProjectMemberWrite, AuthorizationWrite})},
		{OnProjectGrant, ProjectGrantOwnerViewer, viewGrant},
	}
}

// granted returns what roles of a level give together. Unknown roles give nothing.
func granted(table []Definition, level Level, roles []Role) (s set) {
	for _, d := range table {
		if d.Level == level && slices.Contains(roles, d.Role) {
			s |= setOf(d.Permissions)
		}
	}
	return s
}
