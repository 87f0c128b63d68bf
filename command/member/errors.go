package member

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of what is there, or is not.
var (
	ErrNotFound  = failure.New(failure.NotFound, "MEMBER_RESOURCE_NOT_FOUND", "the organization, the project or the grant does not exist")
	ErrLastOwner = failure.New(failure.FailedPrecondition, "MEMBER_LAST_OWNER", "somebody who can sign in has to remain an owner of the instance")
	ErrTooMany   = failure.Newf(failure.FailedPrecondition, "MEMBER_TOO_MANY", "a user has at most %d memberships, and the instance as many members", most)
)

// ErrBeyondOwn says that somebody is to get a permission that who gives it does not hold there.
var ErrBeyondOwn = failure.New(failure.PermissionDenied, "MEMBER_ROLE_BEYOND_OWN", "nobody can give permissions that it does not hold itself")

// Refusals of a request that makes no sense, whoever asks.
var (
	ErrResource = failure.New(failure.InvalidArgument, "MEMBER_RESOURCE_INVALID", "roles are held on the instance, an organization, a project or a grant")
	ErrRole     = failure.New(failure.InvalidArgument, "MEMBER_ROLE_UNKNOWN", "there is no such role on this kind of resource")
	ErrRoles    = failure.Newf(failure.InvalidArgument, "MEMBER_ROLES_INVALID", "a member has 1 to %d roles", mostRoles)
)
