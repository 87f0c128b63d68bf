package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Fault classifies what went wrong while a query was doing something: refusals and cancellations pass, a database that
// cannot be reached becomes ErrUnavailable, a read model whose tables are those of an earlier program becomes ErrBehind,
// everything else is wrapped and means a fault of ours. It returns nil for nil.
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
	case lacksColumns(err):
		return ErrBehind.Because(fmt.Errorf("%s: %w", doing, err))
	default:
		return fmt.Errorf("query: %s: %w", doing, err)
	}
}

// lacksColumns reports that a view does not show what this program reads: its revision of the tables is being built.
func lacksColumns(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && (refused.Code == "42703" || refused.Code == "42P01") // undefined column, undefined table
}
