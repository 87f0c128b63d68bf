package failure

import (
	"fmt"
	"time"
)

// Kind says how a caller should take a refusal.
type Kind uint8

// The kinds, named after the status codes they become.
const (
	InvalidArgument Kind = iota + 1
	NotFound
	AlreadyExists
	FailedPrecondition
	PermissionDenied
	Unauthenticated
	ResourceExhausted
	Unavailable
	Unimplemented
)

// Error is a refusal.
type Error struct {
	Kind   Kind
	Reason string        // UPPER_SNAKE_CASE, stable
	Text   string        // for the caller
	Cause  error         // for logs
	After  time.Duration // of ResourceExhausted and Unavailable: when to try again; 0 if it is not known
}

// New returns a refusal without a cause. Constructed once as a package variable it serves as a sentinel: errors.Is
// compares kind and reason.
func New(kind Kind, reason, text string) *Error {
	return &Error{Kind: kind, Reason: reason, Text: text}
}

// Newf is New with a formatted text. Nothing secret or personal belongs into it.
func Newf(kind Kind, reason, format string, args ...any) *Error {
	return &Error{Kind: kind, Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e with a cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// Later returns a copy of e that says when to try again.
func (e *Error) Later(after time.Duration) *Error {
	c := *e
	c.After = after
	return &c
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Text + ": " + e.Cause.Error()
	}
	return e.Text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is a refusal of the same kind and reason.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Reason == e.Reason
}
