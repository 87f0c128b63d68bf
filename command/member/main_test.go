package member_test

import (
	"context"
	"testing"

	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// database returns a new database.
func database(t testing.TB) commandtest.Opener {
	pool := storetest.NewDatabase(t)
	return func(o eventstore.Options) (*eventstore.Store, error) {
		return eventstore.Open(context.Background(), pool, o)
	}
}
