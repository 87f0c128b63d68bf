package user

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals because of who is there, or is not.
var (
	ErrNotFound         = failure.New(failure.NotFound, "USER_NOT_FOUND", "the user does not exist")
	ErrEmailNotFound    = failure.New(failure.NotFound, "USER_EMAIL_NOT_FOUND", "the user does not exist or has no email address")
	ErrPhoneNotFound    = failure.New(failure.NotFound, "USER_PHONE_NOT_FOUND", "the user does not exist or has no phone number")
	ErrNoEmail          = failure.New(failure.FailedPrecondition, "USER_EMAIL_NOT_FOUND", "the user has no email address")
	ErrNoPhone          = failure.New(failure.FailedPrecondition, "USER_PHONE_NOT_FOUND", "the user has no phone number")
	ErrPasswordNotFound = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_FOUND", "the user does not exist or cannot have a password")
	ErrIDTaken          = failure.New(failure.FailedPrecondition, "USER_ALREADY_EXISTING", "a user with this id exists")
	ErrUsernameTaken    = failure.New(failure.AlreadyExists, "USER_ALREADY_EXISTS", "a user with this username exists")
	ErrNotMachine       = failure.New(failure.FailedPrecondition, "USER_WRONG_TYPE", "only machine users get personal access tokens from others")
	ErrTokenNotFound    = failure.New(failure.NotFound, "USER_TOKEN_NOT_FOUND", "the user has no such token")
	ErrTooManyTokens    = failure.Newf(failure.FailedPrecondition, "USER_TOO_MANY_TOKENS", "a user has at most %d tokens", maxTokens)
	ErrTokensExhausted  = failure.Newf(failure.ResourceExhausted, "USER_TOO_MANY_TOKENS", "a user has at most %d tokens that are not expired", maxTokens)
	ErrTokenExpired     = failure.New(failure.FailedPrecondition, "USER_TOKEN_EXPIRED", "the token has expired")

	ErrNoSecretHolder      = failure.New(failure.FailedPrecondition, "USER_NOT_EXISTING", "the user does not exist or is no machine")
	ErrNoKeyHolder         = failure.New(failure.FailedPrecondition, "USER_NOT_FOUND", "the user does not exist or is no machine")
	ErrNoMetadataHolder    = failure.New(failure.FailedPrecondition, "USER_NOT_FOUND", "the user does not exist")
	ErrSecretNotFound      = failure.New(failure.FailedPrecondition, "USER_MACHINE_SECRET_NOT_EXISTING", "the user has no secret")
	ErrKeyNotFound         = failure.New(failure.NotFound, "USER_MACHINE_KEY_NOT_FOUND", "the user has no such key")
	ErrTooManyKeys         = failure.Newf(failure.FailedPrecondition, "USER_TOO_MANY_KEYS", "a user has at most %d keys", maxKeys)
	ErrTooManyKeyRequests  = failure.New(failure.ResourceExhausted, "USER_KEY_REQUESTS_EXHAUSTED", "too many keys were asked for: bring a public key, or try again later")
	ErrMetadataKeyNotFound = failure.New(failure.NotFound, "METADATA_KEY_NOT_EXISTING", "the user has no metadata under one of the keys")
	ErrTooMuchMetadata     = failure.Newf(failure.FailedPrecondition, "USER_TOO_MUCH_METADATA", "a user has at most %d metadata entries", maxMetadata)

	ErrOrganizationNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")
	ErrOrganizationInactive = failure.New(failure.FailedPrecondition, "ORGANIZATION_INACTIVE", "the organization is inactive and takes nobody in")
	ErrProviderNotFound     = failure.New(failure.FailedPrecondition, "IDP_CONFIG_NOT_EXISTING", "the identity provider does not exist")
)

// Refusals because of a user's state.
var (
	ErrAlreadyInactive   = failure.New(failure.FailedPrecondition, "USER_ALREADY_INACTIVE", "the user is inactive already")
	ErrNotInactive       = failure.New(failure.FailedPrecondition, "USER_NOT_INACTIVE", "the user is not inactive")
	ErrNotActive         = failure.New(failure.FailedPrecondition, "USER_SHOULD_BE_ACTIVE_OR_INITIAL", "only an active user can be locked")
	ErrNotLocked         = failure.New(failure.FailedPrecondition, "USER_NOT_LOCKED", "the user is not locked")
	ErrNameNotChanged    = failure.New(failure.FailedPrecondition, "USER_USERNAME_NOT_CHANGED", "the user has this username already")
	ErrProfileNotChanged = failure.New(failure.FailedPrecondition, "USER_PROFILE_NOT_CHANGED", "the profile says this already")
	ErrEmailVerified     = failure.New(failure.FailedPrecondition, "USER_EMAIL_ALREADY_VERIFIED", "the email address is verified already")
	ErrPhoneVerified     = failure.New(failure.FailedPrecondition, "USER_PHONE_ALREADY_VERIFIED", "the phone number is verified already")
	ErrEmailNotChanged   = failure.New(failure.FailedPrecondition, "USER_EMAIL_NOT_CHANGED", "the user has this email address already")
	ErrPhoneNotChanged   = failure.New(failure.FailedPrecondition, "USER_PHONE_NOT_CHANGED", "the user has this phone number already")
	ErrCannotSignIn      = failure.New(failure.FailedPrecondition, "USER_NOT_ACTIVE", "the user is locked or inactive and cannot sign in")
	ErrNoCode            = failure.New(failure.FailedPrecondition, "USER_CODE_EMPTY", "there is no code to send again")
)

// Refusals of a code or a password.
var (
	ErrWrongCode          = failure.New(failure.InvalidArgument, "USER_CODE_INVALID", "the code is wrong, expired or used")
	ErrCodeExpired        = failure.New(failure.FailedPrecondition, "USER_CODE_EXPIRED", "the code is expired")
	ErrCodeNotFound       = failure.New(failure.FailedPrecondition, "USER_CODE_NOT_FOUND", "no code was asked for, or it is used")
	ErrNoPendingCode      = failure.New(failure.NotFound, "USER_CODE_NOT_FOUND", "no code was asked for, or it is used")
	ErrCodeBlocked        = failure.New(failure.ResourceExhausted, "USER_CODE_ATTEMPTS_EXHAUSTED", "too many wrong codes: ask for a new one")
	ErrTooManyCodes       = failure.New(failure.ResourceExhausted, "USER_CODE_REQUESTS_EXHAUSTED", "too many codes were asked for: try again later")
	ErrWrongPassword      = failure.New(failure.InvalidArgument, "USER_PASSWORD_INVALID", "the password is wrong")
	ErrPasswordThrottled  = failure.New(failure.ResourceExhausted, "USER_PASSWORD_ATTEMPTS_EXHAUSTED", "too many wrong passwords: try again later")
	ErrWrongSecret        = failure.New(failure.InvalidArgument, "USER_MACHINE_SECRET_INVALID", "the secret is wrong")
	ErrSecretThrottled    = failure.New(failure.ResourceExhausted, "USER_MACHINE_SECRET_ATTEMPTS_EXHAUSTED", "too many wrong secrets: try again later")
	ErrPasswordNotSet     = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_SET", "the user has no password")
	ErrPasswordNotChanged = failure.New(failure.FailedPrecondition, "USER_PASSWORD_NOT_CHANGED", "the new password is the current one")
)

// Refusals about second factors and invitations.
var (
	ErrNoUser             = failure.New(failure.FailedPrecondition, "USER_NOT_FOUND", "the user does not exist or is no person")
	ErrTOTPNotFound       = failure.New(failure.NotFound, "USER_MFA_OTP_NOT_EXISTING", "the user does not exist or has no authenticator app")
	ErrTOTPReady          = failure.New(failure.AlreadyExists, "USER_MFA_OTP_ALREADY_READY", "the user has an authenticator app already")
	ErrTOTPVerified       = failure.New(failure.FailedPrecondition, "USER_MFA_OTP_ALREADY_READY", "the authenticator app is verified already")
	ErrWrongTOTP          = failure.New(failure.InvalidArgument, "USER_MFA_OTP_INVALID_CODE", "the code is wrong, too old or used")
	ErrTOTPThrottled      = failure.New(failure.ResourceExhausted, "USER_MFA_OTP_ATTEMPTS_EXHAUSTED", "too many wrong codes: try again later")
	ErrInvalidTOTPSecret  = failure.Newf(failure.InvalidArgument, "USER_MFA_OTP_SECRET_INVALID", "a TOTP secret is base32 of %d to %d characters, for %d to %d bytes", minTOTPSecret, maxTOTPSecret, minTOTPSeed, maxTOTPSeed)
	ErrOTPNotFound        = failure.New(failure.NotFound, "USER_MFA_OTP_NOT_EXISTING", "the user does not exist or has no such second factor")
	ErrOTPReady           = failure.New(failure.AlreadyExists, "USER_MFA_OTP_ALREADY_READY", "the user has this second factor already")
	ErrOTPNotReady        = failure.New(failure.FailedPrecondition, "USER_MFA_OTP_NOT_READY", "the address or the authenticator app was never verified")
	ErrNoRecoveryCodes    = failure.New(failure.NotFound, "USER_MFA_RECOVERY_CODES_NOT_EXISTING", "the user does not exist or has no recovery codes")
	ErrRecoveryCodeCount  = failure.Newf(failure.InvalidArgument, "USER_MFA_RECOVERY_CODES_COUNT_INVALID", "a set has 1 to %d recovery codes", maxRecoveryCodes)
	ErrWrongRecoveryCode  = failure.New(failure.InvalidArgument, "USER_MFA_RECOVERY_CODE_INVALID", "the recovery code is wrong or used")
	ErrRecoveryThrottled  = failure.New(failure.ResourceExhausted, "USER_MFA_RECOVERY_CODE_ATTEMPTS_EXHAUSTED", "too many wrong recovery codes: try again later")
	ErrAlreadyInitialised = failure.New(failure.FailedPrecondition, "USER_ALREADY_INITIALISED", "the user can sign in already")
	ErrNoInvite           = failure.New(failure.FailedPrecondition, "USER_CODE_NOT_FOUND", "there is no invitation that was sent")
	ErrInvalidApplication = failure.New(failure.InvalidArgument, "USER_INVITE_APPLICATION_INVALID", "an application name has at most 200 characters and no control characters")
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
	ErrInvalidTemplate  = failure.New(failure.InvalidArgument, "USER_INVALID_URL_TEMPLATE", "the URL template may use {{.UserID}}, {{.Code}}, {{.OrgID}} and, for a passkey, {{.CodeID}} only, and must give an http or https URL")
	ErrMetadataKeyEmpty = failure.New(failure.InvalidArgument, "USER_METADATA_KEY_EMPTY", "a metadata key is empty")
	ErrMetadataKey      = failure.New(failure.InvalidArgument, "USER_METADATA_KEY_INVALID", "a metadata key has at most 200 characters and no control characters, and comes once")
	ErrMetadataValue    = failure.New(failure.InvalidArgument, "USER_METADATA_VALUE_EMPTY", "a metadata value is empty")
	ErrMetadataTooLarge = failure.Newf(failure.InvalidArgument, "USER_METADATA_TOO_LARGE", "at most %d metadata entries of at most %d bytes each", maxMetadata, maxMetadataValue)
	ErrPasswordEmpty    = failure.New(failure.InvalidArgument, "USER_PASSWORD_EMPTY", "the new password is empty")
	ErrMetadataEmpty    = failure.New(failure.FailedPrecondition, "METADATA_NO_DATA", "no metadata was given")
	ErrPhoneRemoval     = failure.New(failure.InvalidArgument, "USER_PHONE_VERIFYING_REMOVAL_IS_NOT_SUPPORTED", "there is nothing to verify about a phone number that is removed")
	ErrInvalidKey       = failure.New(failure.InvalidArgument, "USER_MACHINE_KEY_INVALID", "a public key is PEM of type PUBLIC KEY: RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519")
	ErrTokenName        = failure.New(failure.InvalidArgument, "USER_TOKEN_NAME_INVALID", "the name of a token has at most 200 characters and no control characters")
	ErrExpiryTooFar     = failure.New(failure.InvalidArgument, "EXPIRE_TOO_FAR", "the expiry is after the year 9999")
	ErrExpiryInThePast  = failure.New(failure.InvalidArgument, "EXPIRE_BEFORE_NOW", "the expiry is in the past")
	ErrInvalidMachine   = failure.New(failure.InvalidArgument, "USER_INVALID", "a machine user needs a name of 1 to 200 characters without control characters, and a description of at most 500")
)

// ErrAvatarNotFound refuses to show what is not the present picture of a user. What is wrong with a picture says package avatar.
var ErrAvatarNotFound = failure.New(failure.NotFound, "USER_AVATAR_NOT_FOUND", "there is no such picture")

// Refusals about links with accounts at identity providers.
var (
	ErrLinkNotFound = failure.New(failure.NotFound, "USER_EXTERNAL_IDP_NOT_FOUND", "the user does not exist or has no such link")
	ErrLinkTaken    = failure.New(failure.AlreadyExists, "USER_EXTERNAL_IDP_ALREADY_EXISTS", "the account at the provider is linked with a user already")
	ErrTooManyLinks = failure.Newf(failure.FailedPrecondition, "USER_TOO_MANY_LINKS", "a user has at most %d links", maxLinks)
	ErrInvalidLink  = failure.New(failure.InvalidArgument, "USER_EXTERNAL_IDP_INVALID", "a link needs the ids of provider and account, of 1 to 200 bytes each, and comes once; its name has at most 200 characters")
)

// Refusals about passkeys and security keys.
var (
	ErrDomainNotAllowed     = failure.New(failure.InvalidArgument, "WEBAUTHN_DOMAIN_NOT_ALLOWED", "the domain is none of those that this server may register credentials for")
	ErrUnreadableCredential = failure.New(failure.InvalidArgument, "USER_WEBAUTHN_ERROR_ON_PARSE_CREDENTIAL", "the authenticator's response cannot be read")
	ErrCredentialRejected   = failure.New(failure.InvalidArgument, "USER_WEBAUTHN_CREATE_CREDENTIAL_FAILED", "the authenticator's response does not fit the registration")
	ErrAssertionRejected    = failure.New(failure.InvalidArgument, "USER_WEBAUTHN_VALIDATE_LOGIN_FAILED", "the authenticator's response does not fit the challenge")
	ErrCredentialName       = failure.New(failure.InvalidArgument, "USER_WEBAUTHN_NAME_INVALID", "the name of a credential has 1 to 200 characters, not only spaces, and no control characters")
	ErrCredentialNotFound   = failure.New(failure.NotFound, "USER_WEBAUTHN_NOT_FOUND", "the user does not exist or has no such credential, or its registration was replaced or is finished")
	ErrCredentialTaken      = failure.New(failure.AlreadyExists, "USER_WEBAUTHN_ALREADY_EXISTS", "the credential is registered already")
	ErrNoCredential         = failure.New(failure.FailedPrecondition, "USER_WEBAUTHN_NOT_READY", "the user has no credential for this domain and this kind of verification")
	ErrCeremonyExpired      = failure.New(failure.FailedPrecondition, "USER_WEBAUTHN_CEREMONY_EXPIRED", "the authenticator's response came too late: begin again")
	ErrCloneSuspected       = failure.New(failure.FailedPrecondition, "USER_WEBAUTHN_CLONE_SUSPECTED", "the authenticator's counter went back: the key may have been copied")
	ErrTooManyCredentials   = failure.Newf(failure.FailedPrecondition, "USER_WEBAUTHN_TOO_MANY", "a user has at most %d passkeys and %d security keys", maxWebAuthn, maxWebAuthn)
)
