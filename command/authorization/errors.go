package authorization

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of what is there, or is not.
var (
	ErrNotFound        = failure.New(failure.NotFound, "AUTHORIZATION_NOT_FOUND", "the authorization does not exist")
	ErrProjectNotFound = failure.New(failure.NotFound, "AUTHORIZATION_PROJECT_NOT_FOUND", "the organization neither owns such a project nor was granted it")
	ErrExists          = failure.New(failure.AlreadyExists, "AUTHORIZATION_ALREADY_EXISTS", "the user is authorized for the project in this organization")
	ErrGrantInactive   = failure.New(failure.FailedPrecondition, "AUTHORIZATION_GRANT_INACTIVE", "the grant of the project to the organization is inactive")
	ErrRoleUnknown     = failure.New(failure.FailedPrecondition, "AUTHORIZATION_ROLE_UNKNOWN", "a role does not exist in the project, or was not granted to the organization")
	ErrTooMany         = failure.Newf(failure.FailedPrecondition, "AUTHORIZATION_TOO_MANY", "a user has at most %d authorizations", most)
)

// ErrRoles refuses a request that makes no sense, whoever asks.
var ErrRoles = failure.Newf(failure.InvalidArgument, "AUTHORIZATION_ROLES_INVALID", "an authorization has at most %d roles", mostRoles)
