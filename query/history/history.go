package history

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// ErrNotFound says that the account is gone.
var ErrNotFound = failure.New(failure.NotFound, "USER_NOT_FOUND", "there is no such user")

// Request says which changes to list. The zero value asks for the latest, a page of query.DefaultLimit.
type Request struct {
	Ascending   bool   // oldest first
	Beyond      uint64 // only what comes behind this version in the direction of the list; 0: from its beginning
	Limit       uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Consistency query.Consistency
}

// Change is one thing that happened to the account.
type Change struct {
	Version uint64 // place in the account's stream
	Type    string // of the event, e.g. "user.email.changed"
	At      time.Time
	Editor  Editor
}

// Editor is who caused a change.
type Editor struct {
	ID          string // of the user, or the platform's own
	LoginName   string // empty, like all that follows, of a user who was removed
	DisplayName string
	Avatar      string // SHA-256 of the picture in hex
}

// List is a page of changes.
type List struct {
	Changes      []Change
	Total        uint64 // on all pages
	Organization string // that owns the account
	Language     string // that its owner prefers, BCP 47; empty if unknown
	query.Reflected
}

// Queries answers questions about the viewer's own account. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
}

// New returns queries over the log and the read model in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projection)}
}

// Own returns a page of what happened to the viewer's own account.
//
// It refuses with permission_denied a viewer who is nobody, with not_found when the account is gone, with invalid_argument a limit
// above query.MaxLimit, and with unavailable (query.ErrBehind) when the read model does not catch up in time.
func (q *Queries) Own(ctx context.Context, viewer query.Viewer, r Request) (List, error) {
	switch {
	case viewer.SubjectID() == "":
		return List{}, query.ErrDenied
	case r.Limit > query.MaxLimit:
		return List{}, query.ErrLimit
	}
	var found page
	read := func(ctx context.Context) (query.Versions, error) {
		var err error
		found, err = q.page(ctx, viewer, r)
		return query.Versions{Row: found.row, Stream: found.stream}, query.Fault("read an account's history", err)
	}
	if err := q.model.One(ctx, r.Consistency, read); err != nil {
		return List{}, err
	}
	// What was found serves as the first look at the editors' names.
	looked := true
	reflected, err := q.model.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		if !looked {
			if _, err := read(ctx); err != nil {
				return query.Snapshot{}, err
			}
		}
		looked = false
		return found.snapshot, nil
	})
	if err != nil {
		return List{}, err
	}
	if !found.exists() {
		return List{}, ErrNotFound
	}
	found.list.Total, found.list.Reflected = found.stream-found.born+1, reflected
	return found.list, nil
}

// page is what the statement found.
type page struct {
	snapshot query.Snapshot
	stream   uint64 // version; 0 when there is none
	row      uint64 // version of the account's row
	born     uint64 // version that began its life
	state    int16
	removed  bool // since the row was written: it is that of an earlier life
	list     List
}

const stateDeleted = 3

func (p *page) exists() bool { return p.state != 0 && p.state != stateDeleted && !p.removed }

func (q *Queries) page(ctx context.Context, viewer query.Viewer, r Request) (p page, err error) {
	limit := cmp.Or(int(r.Limit), query.DefaultLimit)
	sql, beyond := r.statement(limit)
	rows, err := q.pool.Query(ctx, sql, viewer.TenantID(), viewer.SubjectID(), beyond)
	if err != nil {
		return page{}, err
	}
	defer rows.Close()
	p.list.Changes = make([]Change, 0, limit)
	for rows.Next() {
		if len(p.list.Changes) == limit { // the statement reads a class of page sizes
			break
		}
		if err := p.scan(rows); err != nil {
			return page{}, err
		}
	}
	rows.Close()
	return p, rows.Err()
}

func (r *Request) statement(limit int) (sql string, beyond int64) {
	size := query.SizeClass(limit)
	if r.Ascending {
		return fmt.Sprintf(sqlPage, ">", "asc", size), int64(min(r.Beyond, math.MaxInt64))
	}
	if r.Beyond == 0 || r.Beyond > math.MaxInt64 {
		return fmt.Sprintf(sqlPage, "<", "desc", size), math.MaxInt64
	}
	return fmt.Sprintf(sqlPage, "<", "desc", size), int64(r.Beyond)
}

// scan takes a row. The only row of a page without changes has none.
func (p *page) scan(row pgx.Row) error {
	var c Change
	snap, text := &p.snapshot, func(into *string) any { return (*zeronull.Text)(into) }
	var version zeronull.Int8
	err := row.Scan(&p.list.Organization, &p.stream, &p.row, &p.state, &p.born, &p.list.Language, &p.removed,
		&snap.Position, &snap.At, &snap.Head, &snap.Incomplete,
		&version, text(&c.Type), (*zeronull.Timestamptz)(&c.At), text(&c.Editor.ID), text(&c.Editor.LoginName), text(&c.Editor.DisplayName),
		text(&c.Editor.Avatar))
	if err != nil {
		return err
	}
	snap.At, c.At, c.Version = snap.At.UTC(), c.At.UTC(), uint64(version)
	if version > 0 {
		p.list.Changes = append(p.list.Changes, c)
	}
	return nil
}
