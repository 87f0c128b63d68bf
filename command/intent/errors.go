package intent

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals of a start.
var (
	ErrProviderNotFound = failure.New(failure.FailedPrecondition, "IDP_CONFIG_NOT_EXISTING", "the identity provider does not exist")
	ErrWrongKind        = failure.New(failure.InvalidArgument, "EXTERNAL_IDP_IDP_TYPE_NOT_IMPLEMENTED", "this kind of provider does not sign people in this way")
	ErrNoContent        = failure.New(failure.Unimplemented, "INTENT_CONTENT_MISSING", "a sign-in needs URLs or the credentials for a directory")
	ErrRedirect         = failure.New(failure.InvalidArgument, "INTENT_URL_NOT_ALLOWED", "success and failure URL are absolute, without user and fragment, and of an origin that is allowed")
	ErrLoginFailed      = failure.New(failure.InvalidArgument, "USER_EXTERNAL_IDP_LOGIN_FAILED", "the directory refuses name or password")
	ErrLoginThrottled   = failure.New(failure.ResourceExhausted, "USER_EXTERNAL_IDP_LOGIN_ATTEMPTS_EXHAUSTED", "too many wrong passwords: try again later")
	ErrLoginInvalid     = failure.New(failure.InvalidArgument, "USER_EXTERNAL_IDP_LOGIN_INVALID", "a sign-in at a directory needs a name and a password")
	ErrUnavailable      = failure.New(failure.Unavailable, "IDP_UNAVAILABLE", "the identity provider cannot be reached: try again later")
	ErrMisconfigured    = failure.New(failure.FailedPrecondition, "IDP_CONFIG_INVALID", "the identity provider does not work with its settings")
)

// ErrUnknownState is the refusal of every callback that belongs to no sign-in under way.
var ErrUnknownState = failure.New(failure.InvalidArgument, "INTENT_STATE_UNKNOWN", "this sign-in is unknown, over, or too old")

// Refusals of who asks for the outcome.
var (
	ErrInvalidToken = failure.New(failure.PermissionDenied, "INTENT_INVALID_TOKEN", "the token does not belong to this sign-in")
	ErrThrottled    = failure.New(failure.ResourceExhausted, "INTENT_ATTEMPTS_EXHAUSTED", "too many wrong tokens for this sign-in")
	ErrNotSucceeded = failure.New(failure.FailedPrecondition, "INTENT_NOT_SUCCEEDED", "the sign-in is not finished, failed, or was used already")
	ErrExpired      = failure.New(failure.FailedPrecondition, "INTENT_EXPIRED", "the sign-in is too long ago")
	ErrOtherUser    = failure.New(failure.FailedPrecondition, "INTENT_OTHER_USER", "the sign-in is that of another user")
)
