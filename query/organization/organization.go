package organization

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 3

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")

	errInvalidID = failure.Newf(failure.InvalidArgument, "ORGANIZATION_ID_INVALID", "organization id: 1 to %d bytes without control zeros", query.MaxID)
)

// State is where an organization is in its life. The numbers are those of the wire and of the read model.
type State int16

// The states.
const (
	StateActive   State = 1
	StateInactive State = 2
	StateRemoved  State = 3
)

// Organization is one organization as the read model knows it.
type Organization struct {
	ID            string
	Name          string
	State         State
	PrimaryDomain string // empty while no domain is verified
	Default       bool   // it is the tenant's default organization
	Version       uint64
	Position      eventstore.Position // of its last event
	CreatedAt     time.Time
	ChangedAt     time.Time
}

// Queries answers questions about organizations. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
}

// New returns queries over the read model in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projection)}
}

// Get returns one organization. It refuses with permission_denied when the viewer may not read it, with not_found when there is
// none, and with unavailable (query.ErrBehind) when the read model does not catch up in time.
func (q *Queries) Get(ctx context.Context, viewer query.Viewer, id string, c query.Consistency) (Organization, error) {
	o := one{id: id, consistency: c}
	err := q.of(ctx, viewer, &o, func(ctx context.Context) error {
		return q.pool.QueryRow(ctx, sqlByID, viewer.TenantID(), id, viewer.SubjectID()).Scan(o.fields()...)
	})
	if err != nil {
		return Organization{}, err
	}
	return o.organization, nil
}

// one is an organization that is asked about, and what was found of it.
type one struct {
	id          string
	consistency query.Consistency

	home         bool // the viewer belongs to it
	stream       uint64
	organization Organization
}

// fields returns where the columns of sqlOne go.
func (o *one) fields() []any { return append([]any{&o.home, &o.stream}, o.organization.fields()...) }

func (o *Organization) fields() []any {
	return []any{&o.ID, &o.Name, &o.State, &o.PrimaryDomain, &o.Default, &o.Version, &o.Position, &o.CreatedAt, &o.ChangedAt}
}

// of answers a question about one organization. read scans into o's fields, and fails with pgx.ErrNoRows where the log has no such
// organization.
func (q *Queries) of(ctx context.Context, viewer query.Viewer, o *one, read func(context.Context) error) error {
	if !query.ValidID(o.id) {
		return errInvalidID
	}
	may := viewer.May(query.OrganizationRead, o.id)
	err := q.model.One(ctx, o.consistency, func(ctx context.Context) (query.Versions, error) {
		o.home, o.stream, o.organization = false, 0, Organization{}
		err := read(ctx)
		switch {
		case err != nil && !errors.Is(err, pgx.ErrNoRows):
			return query.Versions{}, query.Fault("read an organization", err)
		case !may && !o.home:
			return query.Versions{}, query.ErrDenied
		case err != nil:
			return query.Versions{}, ErrNotFound
		}
		return query.Versions{Row: o.organization.Version, Stream: o.stream}, nil
	})
	if err != nil {
		return err
	}
	if found := &o.organization; found.Version == 0 || found.State == StateRemoved {
		return ErrNotFound
	}
	o.organization.utc()
	return nil
}

func (o *Organization) utc() { o.CreatedAt, o.ChangedAt = o.CreatedAt.UTC(), o.ChangedAt.UTC() }

// reflected says which state of the log an answer about one organization shows.
func (o *one) reflected() query.Reflected {
	return query.Reflected{Position: o.organization.Position, At: o.organization.ChangedAt}
}
