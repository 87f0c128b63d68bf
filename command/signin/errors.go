package signin

import (
	"errors"

	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Refusals. ErrRejected is the one answer to every sign-in that does not succeed, and ErrCode to every code that does not.
var (
	ErrRejected        = failure.New(failure.Unauthenticated, "SIGN_IN_REJECTED", "the user or the password is wrong")
	ErrCode            = failure.New(failure.InvalidArgument, "CODE_INVALID", "the code or its token is wrong, expired or used")
	ErrRegistrationOff = failure.New(failure.FailedPrecondition, "REGISTRATION_OFF", "users cannot register themselves here")
	ErrUsername        = failure.New(failure.InvalidArgument, "USERNAME_INVALID", "a username that is chosen freely has no @")
	ErrPasswordOff     = failure.New(failure.FailedPrecondition, "PASSWORD_SIGN_IN_OFF", "nobody signs in with a password here")
	ErrPasswordExpired = failure.New(failure.FailedPrecondition, "PASSWORD_EXPIRED", "the password is too old: set a new one")
	ErrMFARequired     = failure.New(failure.FailedPrecondition, "MFA_REQUIRED", "a second factor is required, which this way of signing in does not take")
	ErrNotRenewed      = failure.New(failure.Unauthenticated, "SESSION_TOKEN_REQUIRED", "this needs the token of the session itself")
	ErrNoToken         = failure.New(failure.FailedPrecondition, "TOKEN_REQUIRED", "this needs a caller with a personal access token")
)

// passing reports whether an error says nothing about the user: the service cannot do its work now, or is broken. It reaches the
// caller as it is.
func passing(err error) bool {
	refusal, ok := errors.AsType[*failure.Error](err)
	return !ok || refusal.Kind == failure.Unavailable || errors.Is(err, password.ErrBusy)
}

// masked returns a passing error as it is, and the refusal in place of every other.
func masked(err error, refusal *failure.Error) error {
	if err == nil || passing(err) {
		return err
	}
	return refusal.Because(err)
}
