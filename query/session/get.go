package session

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/query"
)

// GetRequest says which session to return.
type GetRequest struct {
	ID string
	// Shown says that the caller has shown the session's current token, and that somebody has checked it: whoever has the
	// token sees the session.
	Shown       bool
	Consistency query.Consistency
}

// Get returns one session that has not ended.
//
// It refuses with permission_denied when the viewer may not read this session, with not_found when there is none or it has
// ended, with invalid_argument for what cannot be an id, and with unavailable (query.ErrBehind) when a read model does not
// catch up in time.
func (q *Queries) Get(ctx context.Context, viewer query.Viewer, r GetRequest) (Session, error) {
	if !query.ValidID(r.ID) {
		return Session{}, errInvalidID
	}
	var found row
	read := func(ctx context.Context) (query.Versions, error) {
		var err error
		found, err = q.byID(ctx, viewer.TenantID(), r.ID)
		if err != nil {
			return query.Versions{}, query.Fault("read a session", err)
		}
		if found.stream == 0 || found.ended {
			return query.Versions{}, missing(viewer, r.Shown)
		}
		return query.Versions{Row: found.session.Version, Stream: found.stream}, nil
	}
	if err := q.sessions.One(ctx, r.Consistency, read); err != nil {
		return Session{}, err
	}
	if err := q.freshNames(ctx, r.Consistency, &found, read); err != nil {
		return Session{}, err
	}
	switch {
	case found.session.Version == 0: // to a reader who does not wait
		return Session{}, missing(viewer, r.Shown)
	case !r.Shown && !mayRead(viewer, &found.session):
		return Session{}, query.ErrDenied
	}
	return found.session, nil
}

// freshNames reads again when the read model of users is behind. What found holds serves as the first look.
func (q *Queries) freshNames(
	ctx context.Context, c query.Consistency, found *row, read func(context.Context) (query.Versions, error),
) error {
	looked := c.MinPosition == 0
	return q.names.One(ctx, c, func(ctx context.Context) (query.Versions, error) {
		if !looked {
			if _, err := read(ctx); err != nil {
				return query.Versions{}, err
			}
		}
		looked = false
		return found.user, nil
	})
}

// missing is what a viewer hears of a session that is not there. Who may read nobody's hears what it would hear of anybody's.
func missing(viewer query.Viewer, shown bool) error {
	if shown || query.MayAnywhere(viewer, query.SessionRead) {
		return ErrNotFound
	}
	return query.ErrDenied
}

func mayRead(viewer query.Viewer, s *Session) bool {
	if self := viewer.SubjectID(); self != "" && (s.User.ID == self || s.CreatorID == self) {
		return true
	}
	return viewer.May(query.SessionRead, s.User.Organization)
}

// row is a session with what the log says about its stream and its user's.
type row struct {
	session Session
	stream  uint64 // version; 0 when there is none
	ended   bool
	user    query.Versions
}

func (q *Queries) byID(ctx context.Context, tenant, id string) (row, error) {
	var r row
	err := r.session.scan(q.pool.QueryRow(ctx, sqlByID, tenant, id), &r.stream, &r.ended, &r.user.Stream, &r.user.Row)
	if errors.Is(err, pgx.ErrNoRows) {
		return row{}, nil
	}
	return r, err
}
