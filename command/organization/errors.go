package organization

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of what is there, or is not.
var (
	ErrExists   = failure.New(failure.AlreadyExists, "ORGANIZATION_ALREADY_EXISTS", "there is or was an organization with this id")
	ErrNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
	ErrInactive = failure.New(failure.FailedPrecondition, "ORGANIZATION_ALREADY_INACTIVE", "the organization is inactive already")
	ErrActive   = failure.New(failure.FailedPrecondition, "ORGANIZATION_ALREADY_ACTIVE", "the organization is active already")
	ErrDefault  = failure.New(failure.FailedPrecondition, "ORGANIZATION_IS_DEFAULT", "the default organization of the instance cannot be removed")
	ErrOwn      = failure.New(failure.FailedPrecondition, "ORGANIZATION_IS_OWN", "your own organization can only be removed by an administrator of the instance")

	ErrMetadataKeyNotFound = failure.New(failure.NotFound, "METADATA_KEY_NOT_EXISTING", "the organization has no metadata under one of the keys")
	ErrTooMuchMetadata     = failure.Newf(failure.FailedPrecondition, "ORGANIZATION_TOO_MUCH_METADATA", "an organization has at most %d metadata entries", maxMetadata)
)

// Refusals about domains.
var (
	ErrDomainExists     = failure.New(failure.AlreadyExists, "ORGANIZATION_DOMAIN_ALREADY_EXISTS", "the organization has this domain already")
	ErrDomainTaken      = failure.New(failure.AlreadyExists, "ORGANIZATION_DOMAIN_TAKEN", "another organization holds this domain")
	ErrDomainNotFound   = failure.New(failure.NotFound, "ORGANIZATION_DOMAIN_NOT_FOUND", "the organization does not have this domain")
	ErrDomainPrimary    = failure.New(failure.FailedPrecondition, "ORGANIZATION_DOMAIN_PRIMARY", "the primary domain cannot be removed")
	ErrDomainVerified   = failure.New(failure.FailedPrecondition, "ORGANIZATION_DOMAIN_ALREADY_VERIFIED", "the domain is verified already")
	ErrTooManyDomains   = failure.Newf(failure.FailedPrecondition, "ORGANIZATION_TOO_MANY_DOMAINS", "an organization has at most %d domains", maxDomains)
	ErrNoProof          = failure.New(failure.FailedPrecondition, "ORGANIZATION_DOMAIN_PROOF_NOT_FOUND", "no validation of the domain was asked for")
	ErrProofNotThere    = failure.New(failure.FailedPrecondition, "ORGANIZATION_DOMAIN_VERIFICATION_FAILED", "the token is not where it has to be")
	ErrProofUnreachable = failure.New(failure.FailedPrecondition, "ORGANIZATION_DOMAIN_UNREACHABLE", "the place of the token cannot be reached")
	ErrTooManyLooks     = failure.New(failure.ResourceExhausted, "ORGANIZATION_DOMAIN_ATTEMPTS_EXHAUSTED", "too many attempts to verify the domain: try again later")
)

// Refusals of a request that makes no sense, whoever asks.
var (
	ErrInvalid          = failure.New(failure.InvalidArgument, "ORGANIZATION_INVALID", "an organization needs a name of 1 to 200 characters without control characters, and an id of at most 200 bytes")
	ErrInvalidAdmin     = failure.New(failure.InvalidArgument, "ORGANIZATION_ADMIN_INVALID", "an admin is a user who exists or a new person, with roles that can be held on an organization")
	ErrTooManyAdmins    = failure.Newf(failure.InvalidArgument, "ORGANIZATION_TOO_MANY_ADMINS", "an organization is added with at most %d admins", maxAdmins)
	ErrInvalidDomain    = failure.New(failure.InvalidArgument, "ORGANIZATION_DOMAIN_INVALID", "a domain is a DNS name of two labels at least, such as example.com")
	ErrInvalidProof     = failure.New(failure.InvalidArgument, "ORGANIZATION_DOMAIN_VALIDATION_TYPE_INVALID", "the kind of validation is unknown")
	ErrMetadataEmpty    = failure.New(failure.FailedPrecondition, "METADATA_NO_DATA", "no metadata was given")
	ErrMetadataKey      = failure.New(failure.InvalidArgument, "METADATA_KEY_INVALID", "a metadata key has 1 to 200 characters, not only spaces, no control characters, and comes once")
	ErrMetadataValue    = failure.New(failure.InvalidArgument, "METADATA_VALUE_EMPTY", "a metadata value is empty")
	ErrMetadataTooLarge = failure.Newf(failure.InvalidArgument, "METADATA_TOO_LARGE", "at most %d metadata entries of at most %d bytes each", maxMetadata, maxMetadataValue)
)
