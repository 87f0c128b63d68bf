package user

import (
	"context"
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// Get returns one user.
//
// It refuses with permission_denied when the viewer may not read this user, with not_found when there is none, with
// invalid_argument for what cannot be an id, and with unavailable (query.ErrBehind) when the read model does not catch up
// in time.
func (q *Queries) Get(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (User, error) {
	if !query.ValidID(id) {
		return User{}, errInvalidID
	}
	self := id == viewer.SubjectID()
	if !self && !query.MayAnywhere(viewer, query.UserRead) {
		return User{}, query.ErrDenied
	}
	var found User
	err := q.model.One(ctx, c, func(ctx context.Context) (query.Versions, error) {
		row, err := q.byID.Ask(ctx, key{tenant: viewer.TenantID(), id: id})
		if err != nil {
			return query.Versions{}, query.Fault("read a user", err)
		}
		if row.version > 0 && !self && !viewer.May(query.UserRead, row.owner) {
			return query.Versions{}, query.ErrDenied
		}
		if row.homeless {
			return query.Versions{}, ErrNotFound
		}
		found = row.user
		return query.Versions{Row: found.Version, Stream: row.version}, nil
	})
	if err != nil {
		return User{}, err
	}
	if found.Version == 0 || found.State == StateDeleted {
		return User{}, ErrNotFound
	}
	return found, nil
}

type key struct{ tenant, id string }

// row is a user with what the log says about its stream; version 0 when there is none.
type row struct {
	user    User
	owner   string
	version uint64
	// homeless says that its organization has ended, and it with it.
	homeless bool
}

// users answers questions by id in one statement.
func users(pool *pgxpool.Pool) *eventstore.Group[key, row] {
	return eventstore.NewGroup(func(ctx context.Context, questions []*eventstore.Question[key, row]) error {
		tenants, ids := make([]string, len(questions)), make([]string, len(questions))
		for i, q := range questions {
			tenants[i], ids[i] = q.Asked.tenant, q.Asked.id
		}
		rows, err := pool.Query(ctx, sqlByID, tenants, ids)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			values := rows.RawValues()
			number := binary.BigEndian.Uint64(values[columnCount+2])
			if err := questions[number-1].Answer.decode(values); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func (r *row) decode(values [][]byte) error {
	r.owner = string(values[columnCount])
	r.version = binary.BigEndian.Uint64(values[columnCount+1])
	r.homeless = values[columnCount+3][0] != 0
	return decode(values, &r.user, new(arena))
}
