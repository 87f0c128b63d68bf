package eventstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OwnedQuery selects streams by who owns them.
type OwnedQuery struct {
	Tenant string
	Kind   string
	Owners []string
	Ended  string // streams whose last event is of this type are left out
	After  string // only ids above this one
	Limit  int    // 1 to MaxBatch
}

// OwnedStreams returns the ids of streams that belong to certain owners, in their order. It reads every stream there is, for there is
// no index of owners: it is for work in the background.
func (s *Store) OwnedStreams(ctx context.Context, q OwnedQuery) ([]string, error) {
	rows, err := s.pool.Query(ctx, sqlOwnedStreams, q.Tenant, q.Kind, q.Owners, q.Ended, q.After, min(q.Limit, MaxBatch))
	if err != nil {
		return nil, fmt.Errorf("eventstore: owned streams: %w", Unavailable(err))
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("eventstore: owned streams: %w", Unavailable(err))
	}
	return ids, nil
}
