package eventstore

import (
	"errors"
	"fmt"
)

var (
	// ErrConflict says that the stream is not at the expected version: load it again and decide again.
	ErrConflict = errors.New("eventstore: stream is not at the expected version")

	// ErrUnavailable says that Postgres cannot be reached, or that a projection did not catch up in time. The
	// operation may be tried again; an append that ends so may or may not have been written.
	ErrUnavailable = errors.New("eventstore: unavailable")

	// ErrInvalidChange says that a change could never be appended: no events, no stream id, an oversized value.
	ErrInvalidChange = errors.New("eventstore: invalid change")
)

// ClaimTakenError says that another stream holds the claim.
type ClaimTakenError struct {
	Kind string
}

func (e *ClaimTakenError) Error() string {
	return fmt.Sprintf("eventstore: claim %q is taken", e.Kind)
}

// ErrBudgetSpent says that no guess is left.
var ErrBudgetSpent = errors.New("eventstore: no attempts left")
