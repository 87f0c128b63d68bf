package provider

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "IDP_NOT_FOUND", "the identity provider does not exist")

	errInvalidID = failure.Newf(failure.InvalidArgument, "IDP_ID_INVALID", "id: 1 to %d bytes without control zeros", query.MaxID)
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
	if !query.ValidID(id) {
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
