package projection

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signet-iam/signet/eventstore"
)

// sqlState returns Postgres's code of an error, "" for any other error.
func sqlState(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code
	}
	return ""
}

// errMoved says that the checkpoint is not where, or whose, it was.
var errMoved = errors.New("projection: checkpoint has moved on")

// stateMoved is raised by projection.fence.
const stateMoved = "SG101"

// moved translates what the fence raises.
func moved(err error) error {
	if sqlState(err) == stateMoved {
		return errMoved
	}
	return err
}

// refusesRow reports whether Postgres refused a value, so that trying again is no use: data exceptions (22), broken
// constraints (23), and an index row that is too long (54).
func refusesRow(err error) bool {
	state := sqlState(err)
	return strings.HasPrefix(state, "22") || strings.HasPrefix(state, "23") || strings.HasPrefix(state, "54")
}

// refusedRow is the cause of parking after Postgres refused a row. Postgres's text quotes values, so only its code stays.
type refusedRow struct {
	state string
}

func (e *refusedRow) Error() string { return "the database refuses the row, SQLSTATE " + e.state }

func refusal(ev *eventstore.Event, err error) *EventError {
	return &EventError{Position: ev.Position, Stream: ev.Stream, Err: &refusedRow{state: sqlState(err)}}
}
