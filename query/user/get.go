package user

import (
	"context"
	"encoding/binary"

	"github.com/signet-iam/signet/query"
)

// Get returns one user.
//
// It refuses with permission_denied when the viewer may not read this user, with not_found when there is none, with
// invalid_argument for what cannot be an id, and with unavailable (query.ErrBehind) when the read model does not catch up
// in time.
func (q *Queries) Get(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (User, error) {
	if !validID(id) {
		return User{}, errInvalidID
	}
	self := id == viewer.SubjectID()
	if !self && !query.MayAnywhere(viewer, query.UserRead) {
		return User{}, query.ErrDenied
	}
	var found User
	err := q.model.One(ctx, c, func(ctx context.Context) (query.Versions, error) {
		h, err := q.byID(ctx, viewer.TenantID(), id, &found)
		if err != nil {
			return query.Versions{}, query.Fault("read a user", err)
		}
		if h.version > 0 && !self && !viewer.May(query.UserRead, h.owner) {
			return query.Versions{}, query.ErrDenied
		}
		return query.Versions{Row: found.Version, Stream: h.version}, nil
	})
	if err != nil {
		return User{}, err
	}
	if found.Version == 0 || found.State == StateDeleted {
		return User{}, ErrNotFound
	}
	return found, nil
}

// head is what the log says about a user's stream; version 0 when there is none.
type head struct {
	owner   string
	version uint64
}

func (q *Queries) byID(ctx context.Context, tenant, id string, into *User) (head, error) {
	*into = User{}
	rows, err := q.pool.Query(ctx, sqlByID, tenant, id)
	if err != nil {
		return head{}, err
	}
	defer rows.Close()
	var h head
	if rows.Next() {
		values := rows.RawValues()
		if err := decode(values, into); err != nil {
			return head{}, err
		}
		h.owner = string(values[columnCount])
		h.version = binary.BigEndian.Uint64(values[columnCount+1])
	}
	rows.Close()
	return h, rows.Err()
}
