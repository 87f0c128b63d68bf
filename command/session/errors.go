package session

import "github.com/signet-iam/signet/eventstore/failure"

// Refusals.
var (
	ErrRefreshToken = failure.New(failure.Unauthenticated, "REFRESH_TOKEN_INVALID", "the refresh token is invalid")
	ErrNotFound     = failure.New(failure.NotFound, "SESSION_NOT_FOUND", "there is no such session")
	ErrNoSession    = failure.New(failure.FailedPrecondition, "SESSION_NOT_SIGNED_IN", "the caller is not signed in by a session")

	ErrNoRefreshToken  = failure.New(failure.NotFound, "USER_REFRESH_TOKEN_NOT_FOUND", "there is no such refresh token")
	ErrNoRefreshTokens = failure.New(failure.InvalidArgument, "USER_REFRESH_TOKENS_MISSING", "there is no refresh token to revoke")
	ErrTooManySessions = failure.Newf(failure.InvalidArgument, "SESSION_IDS_TOO_MANY", "at most %d sessions at once", MaxRefreshTokens)
)

// Refusals of checks and challenges, besides those of packages user and intent.
var (
	ErrNoUser      = failure.New(failure.FailedPrecondition, "SESSION_USER_NOT_CHECKED", "the session is about nobody yet: check a user first")
	ErrOtherUser   = failure.New(failure.FailedPrecondition, "SESSION_USER_FIXED", "the session is about another user, and that cannot change")
	ErrUserChanged = failure.New(failure.FailedPrecondition, "SESSION_USER_CHANGED", "the user changed while the checks ran: begin again")
	ErrNoChallenge = failure.New(failure.FailedPrecondition, "SESSION_NOT_CHALLENGED", "the session has no such challenge, or it is answered")
)

// Refusals of a request that makes no sense, whoever asks.
var (
	ErrMetadata     = failure.Newf(failure.InvalidArgument, "SESSION_METADATA_INVALID", "a metadata key has 1 to %d characters and no control characters, a value at most %d bytes", maxMetadataKey, maxMetadataValue)
	ErrMetadataSize = failure.Newf(failure.InvalidArgument, "SESSION_METADATA_TOO_LARGE", "a session has at most %d metadata entries", maxMetadata)
	ErrLifetime     = failure.New(failure.InvalidArgument, "SESSION_LIFETIME_INVALID", "a lifetime is positive, and not longer than this server allows")
	ErrAgent        = failure.Newf(failure.InvalidArgument, "SESSION_USER_AGENT_INVALID", "a user agent has at most %d headers, and at most %d bytes", maxHeaders, maxAgent)
	ErrChallenge    = failure.New(failure.InvalidArgument, "SESSION_CHALLENGE_INVALID", "a code is sent or returned")
)
