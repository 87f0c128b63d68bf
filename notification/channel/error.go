package channel

import (
	"errors"
	"fmt"
	"time"
)

// Class says what a failed attempt means for the next one.
type Class uint8

// The classes. See the package documentation.
const (
	ClassUncertain Class = iota
	ClassTemporary
	ClassPermanent
)

// String returns the word that delivery.failed records.
func (c Class) String() string {
	switch c {
	case ClassPermanent:
		return "refused"
	case ClassTemporary:
		return "unavailable"
	default:
		return "uncertain"
	}
}

// Error is a failed attempt.
type Error struct {
	Class      Class
	Code       int           // the carrier's status code (SMTP reply, HTTP status), 0 if it gave none
	RetryAfter time.Duration // how long the carrier asked to be left alone, 0 if it did not
	cause      error
}

// Permanent returns an error of ClassPermanent.
func Permanent(code int, cause error) *Error {
	return &Error{Class: ClassPermanent, Code: code, cause: cause}
}

// Temporary returns an error of ClassTemporary.
func Temporary(code int, cause error) *Error {
	return &Error{Class: ClassTemporary, Code: code, cause: cause}
}

// Uncertain returns an error of ClassUncertain.
func Uncertain(code int, cause error) *Error {
	return &Error{Class: ClassUncertain, Code: code, cause: cause}
}

// Classify returns the *Error in err's chain, or wraps err as Uncertain.
func Classify(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Uncertain(0, err)
}

// Error names class and code only: the cause may quote an address or a credential.
func (e *Error) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("channel: %s (%d)", e.Class, e.Code)
	}
	return "channel: " + e.Class.String()
}

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.cause }
