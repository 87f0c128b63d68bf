package query_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

func TestFault(t *testing.T) {
	t.Parallel()
	refusal := failure.New(failure.NotFound, "X", "x")
	for name, c := range map[string]struct {
		err         error
		unavailable bool
		same        bool // passes as it is
	}{
		"refusal":           {refusal, false, true},
		"cancelled":         {context.Canceled, false, true},
		"deadline":          {fmt.Errorf("read: %w", context.DeadlineExceeded), false, true},
		"log unavailable":   {fmt.Errorf("x: %w", eventstore.ErrUnavailable), true, false},
		"connection lost":   {io.ErrUnexpectedEOF, true, false},
		"shutdown":          {&pgconn.PgError{Code: "57P01"}, true, false},
		"starting":          {&pgconn.PgError{Code: "57P03"}, true, false},
		"connection class":  {&pgconn.PgError{Code: "08006"}, true, false},
		"too many":          {&pgconn.PgError{Code: "53300"}, true, false},
		"syntax":            {&pgconn.PgError{Code: "42601"}, false, false},
		"query was stopped": {&pgconn.PgError{Code: "57014"}, false, false},
		"anything else":     {errors.New("x"), false, false},
	} {
		got := query.Fault("do", c.err)
		if errors.Is(got, query.ErrUnavailable) != c.unavailable || (got.Error() == c.err.Error()) != c.same || !errors.Is(got, c.err) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if query.Fault("do", nil) != nil {
		t.Error("no error became one")
	}
}

// While the tables of a new revision are built, the views are those of the earlier one.
func TestTablesOfAnEarlierProgram(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"42703", "42P01"} {
		if got := query.Fault("do", &pgconn.PgError{Code: code}); !errors.Is(got, query.ErrBehind) {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := pgx.Connect(context.Background(), "postgres://nobody@/nothing?host="+t.TempDir())
	if !errors.Is(query.Fault("connect", err), query.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	err := query.Fault("list users", &pgconn.PgError{Code: "57P01", Message: "select secret from table"})
	var refusal *failure.Error
	if !errors.As(err, &refusal) || refusal.Text != query.ErrUnavailable.Text {
		t.Fatalf("the public text is %v", err)
	}
}
