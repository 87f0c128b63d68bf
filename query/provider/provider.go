package provider

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// Sizes of a page.
const (
	DefaultLimit = 100
	MaxLimit     = 1000
)

const maxID = 200 // bytes

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "IDP_NOT_FOUND", "the identity provider does not exist")

	errInvalidID = failure.Newf(failure.InvalidArgument, "IDP_ID_INVALID", "id: 1 to %d bytes without control zeros", maxID)
	errLimit     = failure.Newf(failure.InvalidArgument, "LIMIT_EXCEEDED", "limit is above %d", MaxLimit)
	errOffset    = failure.New(failure.InvalidArgument, "OFFSET_INVALID", "offset is out of range")
)

// Provider is one provider as the read model knows it.
type Provider struct {
	ID           string
	Organization string // empty: of the whole instance
	Settings     *eventv1.IdentityProvider
	Version      uint64
	Position     eventstore.Position // of its last event: what this answer reflects
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// Queries answers questions about providers. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
}

// New returns queries over the read model in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projection)}
}

// Get returns one provider.
//
// It refuses with permission_denied when the viewer may not read this provider, with not_found when there is none, and with
// unavailable (query.ErrBehind) when the read model does not catch up in time.
func (q *Queries) Get(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (Provider, error) {
	if id == "" || len(id) > maxID || strings.Contains(id, "\x00") {
		return Provider{}, errInvalidID
	}
	if !query.MayAnywhere(viewer, query.IDPRead) {
		return Provider{}, query.ErrDenied
	}
	var found row
	err := q.model.One(ctx, c, func(ctx context.Context) (query.Versions, error) {
		var owner string
		var versions query.Versions
		found = row{}
		err := q.pool.QueryRow(ctx, sqlByID, viewer.TenantID(), id).Scan(append([]any{&owner, &versions.Stream}, found.fields()...)...)
		if errors.Is(err, pgx.ErrNoRows) {
			if !viewer.May(query.IDPRead, "") {
				return query.Versions{}, query.ErrDenied
			}
			return query.Versions{}, ErrNotFound
		}
		if err != nil {
			return query.Versions{}, query.Fault("read a provider", err)
		}
		if !viewer.May(query.IDPRead, owner) {
			return query.Versions{}, query.ErrDenied
		}
		versions.Row = found.Version
		return versions, nil
	})
	if err != nil {
		return Provider{}, err
	}
	if found.Version == 0 || found.removed {
		return Provider{}, ErrNotFound
	}
	return found.provider()
}

// ListRequest says which providers to list. The zero value asks for the newest first, a page of DefaultLimit.
type ListRequest struct {
	Organization string // only those of this one; empty for all
	Ascending    bool
	Offset       uint64
	Limit        uint32 // DefaultLimit when zero; at most MaxLimit
	Consistency  query.Consistency
}

// List is a page of providers.
type List struct {
	Providers []Provider
	Total     uint64 // that match and the viewer may read, on all pages
	query.Reflected
}

// List returns a page of the providers that match and that the viewer may read, in the order of their ids.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) (List, error) {
	switch {
	case r.Limit > MaxLimit:
		return List{}, errLimit
	case r.Offset > math.MaxInt64/2:
		return List{}, errOffset
	case strings.Contains(r.Organization, "\x00"):
		return List{}, errInvalidID
	case !query.MayAnywhere(viewer, query.IDPRead):
		return List{}, query.ErrDenied
	}
	list := List{}
	reflected, err := q.model.Many(ctx, r.Consistency, func(ctx context.Context) (query.Snapshot, error) {
		snap, err := q.page(ctx, viewer, r, &list)
		return snap, query.Fault("list providers", err)
	})
	list.Reflected = reflected
	if err != nil {
		return List{}, err
	}
	return list, nil
}

// page reads the checkpoint first: the rows' snapshot is never older, so the checkpoint vouches for the rows.
func (q *Queries) page(ctx context.Context, viewer query.Viewer, r ListRequest, into *List) (query.Snapshot, error) {
	organizations, all := viewer.Organizations(query.IDPRead)
	args := []any{viewer.TenantID(), all, organizations, r.Organization}
	limit := int(r.Limit)
	if limit == 0 {
		limit = DefaultLimit
	}
	rows := sqlRowsDescending
	if r.Ascending {
		rows = sqlRowsAscending
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlState, args...)
	batch.Queue(rows, append(args, limit, int64(r.Offset))...)
	results := q.pool.SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	var snap query.Snapshot
	if err := results.QueryRow().Scan(&snap.Position, &snap.At, &snap.Head, &snap.Incomplete, &into.Total); err != nil {
		return query.Snapshot{}, err
	}
	snap.At = snap.At.UTC()
	found, err := results.Query()
	if err != nil {
		return query.Snapshot{}, err
	}
	into.Providers, err = pgx.CollectRows(found, func(at pgx.CollectableRow) (Provider, error) {
		var r row
		if err := at.Scan(r.fields()...); err != nil {
			return Provider{}, err
		}
		return r.provider()
	})
	if err != nil {
		return query.Snapshot{}, err
	}
	return snap, results.Close()
}

// row is a provider as it is stored.
type row struct {
	Provider

	removed  bool
	settings []byte
}

// fields returns where the columns go.
func (r *row) fields() []any {
	return []any{&r.ID, &r.Organization, &r.Version, &r.Position, &r.removed, &r.settings, &r.CreatedAt, &r.ChangedAt}
}

func (r *row) provider() (Provider, error) {
	p := r.Provider
	p.Settings = &eventv1.IdentityProvider{}
	p.CreatedAt, p.ChangedAt = p.CreatedAt.UTC(), p.ChangedAt.UTC()
	return p, proto.Unmarshal(r.settings, p.Settings)
}
