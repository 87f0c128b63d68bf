package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Fault classifies what went wrong while a query was doing something: refusals and cancellations pass, a database that
// cannot be reached becomes ErrUnavailable, everything else is wrapped and means a fault of ours. It returns nil for nil.
func Fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	var refusal *failure.Error
	switch {
	case errors.As(err, &refusal), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(eventstore.Unavailable(err), eventstore.ErrUnavailable):
		return ErrUnavailable.Because(fmt.Errorf("%s: %w", doing, err))
	default:
		return fmt.Errorf("query: %s: %w", doing, err)
	}
}
