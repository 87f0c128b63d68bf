package query

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

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
	case errors.Is(err, eventstore.ErrUnavailable), unreachable(err):
		return ErrUnavailable.Because(fmt.Errorf("%s: %w", doing, err))
	default:
		return fmt.Errorf("query: %s: %w", doing, err)
	}
}

func unreachable(err error) bool {
	var (
		server  *pgconn.PgError
		connect *pgconn.ConnectError
		network net.Error
	)
	if errors.As(err, &server) {
		return gone(server.Code)
	}
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// gone tells from its SQLSTATE whether the server refuses for reasons of its own: connection exceptions (08), too many
// connections (53300), shutdown and start-up (57P01 to 57P03).
func gone(code string) bool {
	return strings.HasPrefix(code, "08") || code == "53300" || code == "57P01" || code == "57P02" || code == "57P03"
}
