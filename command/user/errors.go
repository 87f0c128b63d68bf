package user

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of who is there, or is not.
var (
	ErrNotFound         = failure.New(failure.NotFound, "USER_NOT_FOUND", "the user does not exist")
	ErrEmailNotFound    = failure.New(failure.NotFound, "USER_EMAIL_NOT_FOUND", "the user does not exist or has no email address")
	ErrPhoneNotFound    = failure.New(failure.NotFound, "USER_PHONE_NOT_FOUND", "the user does not exist or has no phone number")
	ErrNoPhone          = failure.New(failure.FailedPrecondition, "USER_PHONE_NOT_FOUND", "the user has no phone number")
	ErrPasswordNotFound = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_FOUND", "the user does not exist or cannot have a password")
	ErrIDTaken          = failure.New(failure.FailedPrecondition, "USER_ALREADY_EXISTING", "a user with this id exists")
	ErrUsernameTaken    = failure.New(failure.AlreadyExists, "USER_ALREADY_EXISTS", "a user with this username exists")
	ErrNotMachine       = failure.New(failure.FailedPrecondition, "USER_WRONG_TYPE", "only machine users have personal access tokens")
	ErrTokenNotFound    = failure.New(failure.NotFound, "USER_TOKEN_NOT_FOUND", "the user has no such token")
	ErrTooManyTokens    = failure.Newf(failure.FailedPrecondition, "USER_TOO_MANY_TOKENS", "a user has at most %d tokens", maxTokens)

	ErrOrganizationNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
	ErrProviderNotFound     = failure.New(failure.FailedPrecondition, "IDP_CONFIG_NOT_EXISTING", "the identity provider does not exist")
	ErrSecondFactors        = failure.New(failure.Unimplemented, "TOTP_NOT_SUPPORTED", "second factors are not supported yet")
)

// Refusals because of a user's state.
var (
	ErrAlreadyInactive = failure.New(failure.FailedPrecondition, "USER_ALREADY_INACTIVE", "the user is inactive already")
	ErrNotInactive     = failure.New(failure.FailedPrecondition, "USER_NOT_INACTIVE", "the user is not inactive")
	ErrNotActive       = failure.New(failure.FailedPrecondition, "USER_SHOULD_BE_ACTIVE_OR_INITIAL", "only an active user can be locked")
	ErrNotLocked       = failure.New(failure.FailedPrecondition, "USER_NOT_LOCKED", "the user is not locked")
	ErrEmailNotChanged = failure.New(failure.FailedPrecondition, "USER_EMAIL_NOT_CHANGED", "the user has this email address already")
	ErrPhoneNotChanged = failure.New(failure.FailedPrecondition, "USER_PHONE_NOT_CHANGED", "the user has this phone number already")
	ErrNoCode          = failure.New(failure.FailedPrecondition, "USER_CODE_EMPTY", "there is no code to send again")
)

// Refusals of a code or a password.
var (
	ErrWrongCode          = failure.New(failure.InvalidArgument, "USER_CODE_INVALID", "the code is wrong, expired or used")
	ErrCodeExpired        = failure.New(failure.FailedPrecondition, "USER_CODE_EXPIRED", "the code is expired")
	ErrCodeNotFound       = failure.New(failure.FailedPrecondition, "USER_CODE_NOT_FOUND", "no code was asked for, or it is used")
	ErrCodeBlocked        = failure.New(failure.ResourceExhausted, "USER_CODE_ATTEMPTS_EXHAUSTED", "too many wrong codes: ask for a new one")
	ErrTooManyCodes       = failure.New(failure.ResourceExhausted, "USER_CODE_REQUESTS_EXHAUSTED", "too many codes were asked for: try again later")
	ErrWrongPassword      = failure.New(failure.InvalidArgument, "USER_PASSWORD_INVALID", "the password is wrong")
	ErrPasswordThrottled  = failure.New(failure.ResourceExhausted, "USER_PASSWORD_ATTEMPTS_EXHAUSTED", "too many wrong passwords: try again later")
	ErrPasswordNotSet     = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_SET", "the user has no password")
	ErrPasswordNotChanged = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_CHANGED", "the new password is the current one")
)

// Refusals of a request that makes no sense, whoever asks.
var (
	ErrInvalidID        = failure.New(failure.InvalidArgument, "USER_ID_INVALID", "a user id has 1 to 200 bytes, no control characters, does not begin with # and is not \"system\"")
	ErrInvalidUsername  = failure.New(failure.InvalidArgument, "USER_USERNAME_INVALID", "a username has 1 to 200 characters, not only spaces, and no control characters")
	ErrFirstNameEmpty   = failure.New(failure.InvalidArgument, "USER_PROFILE_FIRST_NAME_EMPTY", "the given name is empty")
	ErrLastNameEmpty    = failure.New(failure.InvalidArgument, "USER_PROFILE_LAST_NAME_EMPTY", "the family name is empty")
	ErrInvalidProfile   = failure.New(failure.InvalidArgument, "USER_PROFILE_INVALID", "a name has at most 200 characters and no control characters")
	ErrInvalidGender    = failure.New(failure.InvalidArgument, "USER_PROFILE_GENDER_INVALID", "the gender is unknown")
	ErrEmailEmpty       = failure.New(failure.InvalidArgument, "USER_EMAIL_EMPTY", "the email address is empty")
	ErrEmailInvalid     = failure.New(failure.InvalidArgument, "USER_EMAIL_INVALID", "the email address is malformed")
	ErrPhoneInvalid     = failure.New(failure.InvalidArgument, "USER_PHONE_INVALID", "the phone number is malformed")
	ErrVerification     = failure.New(failure.InvalidArgument, "USER_VERIFICATION_INVALID", "this kind of verification is not possible here")
	ErrInvalidTemplate  = failure.New(failure.InvalidArgument, "USER_INVALID_URL_TEMPLATE", "the URL template may use {{.UserID}}, {{.Code}} and {{.OrgID}} only, and must give an http or https URL")
	ErrMetadataKeyEmpty = failure.New(failure.InvalidArgument, "USER_METADATA_KEY_EMPTY", "a metadata key is empty")
	ErrMetadataKey      = failure.New(failure.InvalidArgument, "USER_METADATA_KEY_INVALID", "a metadata key has at most 200 characters and no control characters, and comes once")
	ErrMetadataValue    = failure.New(failure.InvalidArgument, "USER_METADATA_VALUE_EMPTY", "a metadata value is empty")
	ErrMetadataTooLarge = failure.Newf(failure.InvalidArgument, "USER_METADATA_TOO_LARGE", "at most %d metadata entries of at most %d bytes each", maxMetadata, maxMetadataValue)
	ErrPasswordEmpty    = failure.New(failure.InvalidArgument, "USER_PASSWORD_EMPTY", "the new password is empty")
	ErrExpiryInThePast  = failure.New(failure.InvalidArgument, "EXPIRE_BEFORE_NOW", "the expiry is in the past")
	ErrInvalidMachine   = failure.New(failure.InvalidArgument, "USER_INVALID", "a machine user needs a name of 1 to 200 characters without control characters, and a description of at most 500")
)
