package command

import (
	"errors"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

var (
	errContended   = failure.New(failure.Unavailable, "CONTENDED", "too many changes to the same object at once: try again")
	errUnreachable = failure.New(failure.Unavailable, "UNAVAILABLE", "the service cannot reach its database: try again later")
)

// Refusal returns err as what a caller may be told: the log out of reach becomes a refusal, everything else stays.
func Refusal(err error) error {
	if refusal := (*failure.Error)(nil); errors.As(err, &refusal) {
		return err
	}
	if errors.Is(err, eventstore.ErrUnavailable) {
		return errUnreachable.Because(err)
	}
	return err
}
