package tenant

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals of commands on tenants.
var (
	ErrName      = failure.Newf(failure.InvalidArgument, "TENANT_NAME_INVALID", "a tenant's name has 1 to %d characters: a-z, 0-9 and hyphens", maxName)
	ErrHosts     = failure.Newf(failure.InvalidArgument, "TENANT_HOSTS_INVALID", "a tenant has 1 to %d host names such as id.example.com", maxHosts)
	ErrNotFound  = failure.New(failure.NotFound, "TENANT_NOT_FOUND", "the tenant does not exist")
	ErrExists    = failure.New(failure.AlreadyExists, "TENANT_ALREADY_EXISTS", "a tenant of this name exists, or existed")
	ErrHostTaken = failure.New(failure.AlreadyExists, "TENANT_HOST_TAKEN", "another tenant has one of these host names")
	ErrDefault   = failure.Newf(failure.FailedPrecondition, "TENANT_DEFAULT", "the tenant %s is always there", Default)
)
