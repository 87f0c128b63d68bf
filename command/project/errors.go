package project

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of what is there, or is not.
var (
	ErrNotFound             = failure.New(failure.NotFound, "PROJECT_NOT_FOUND", "the project does not exist")
	ErrExists               = failure.New(failure.AlreadyExists, "PROJECT_ALREADY_EXISTS", "a project with this id exists, or existed")
	ErrNameTaken            = failure.New(failure.AlreadyExists, "PROJECT_NAME_TAKEN", "the organization has a project of this name")
	ErrOrganizationNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
	ErrInactive             = failure.New(failure.FailedPrecondition, "PROJECT_ALREADY_INACTIVE", "the project is inactive already")
	ErrActive               = failure.New(failure.FailedPrecondition, "PROJECT_ALREADY_ACTIVE", "the project is active already")

	ErrRoleNotFound = failure.New(failure.NotFound, "PROJECT_ROLE_NOT_FOUND", "the project has no such role")
	ErrRoleExists   = failure.New(failure.AlreadyExists, "PROJECT_ROLE_ALREADY_EXISTS", "the project has a role of this key")
	ErrRoles        = failure.Newf(failure.FailedPrecondition, "PROJECT_ROLE_LIMIT", "a project has at most %d roles", maxRoles)

	ErrGrantNotFound = failure.New(failure.NotFound, "PROJECT_GRANT_NOT_FOUND", "the project is not granted to this organization")
	ErrGrantExists   = failure.New(failure.AlreadyExists, "PROJECT_GRANT_ALREADY_EXISTS", "the project is granted to this organization already")
	ErrGrantToOwner  = failure.New(failure.FailedPrecondition, "PROJECT_GRANT_TO_OWNER", "the project belongs to this organization")
	ErrGrantInactive = failure.New(failure.FailedPrecondition, "PROJECT_GRANT_ALREADY_INACTIVE", "the grant is inactive already")
	ErrGrantActive   = failure.New(failure.FailedPrecondition, "PROJECT_GRANT_ALREADY_ACTIVE", "the grant is active already")
	ErrGrants        = failure.Newf(failure.FailedPrecondition, "PROJECT_GRANT_LIMIT", "a project is granted to at most %d organizations", maxGrants)
	ErrRoleUnknown   = failure.New(failure.FailedPrecondition, "PROJECT_ROLE_UNKNOWN", "a role to be granted does not exist in the project")
)

// Refusals of a request that makes no sense, whoever asks.
var (
	ErrID       = failure.Newf(failure.InvalidArgument, "PROJECT_ID_INVALID", "an id has 1 to %d bytes, no control characters and no # in front", maxID)
	ErrName     = failure.Newf(failure.InvalidArgument, "PROJECT_NAME_INVALID", "a project needs a name of 1 to %d characters without control characters", maxName)
	ErrLabeling = failure.New(failure.InvalidArgument, "PROJECT_LABELING_INVALID", "the labeling setting is unknown")
	ErrRole     = failure.Newf(failure.InvalidArgument, "PROJECT_ROLE_INVALID",
		"a role needs a key and a display name of 1 to %d characters; no control characters, no spaces around the key", maxName)
	ErrRoleKeys = failure.Newf(failure.InvalidArgument, "PROJECT_ROLE_KEYS_INVALID", "at most %d roles can be granted", maxRoles)
)
