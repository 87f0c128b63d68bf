package organization

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// Limits of the conditions of one list.
const (
	MaxFilters = 20
	MaxListed  = 1000 // values in all InIDs together
	MaxText    = 1024 // bytes of one text
)

// preparedFilters is the largest number of conditions with which a statement stays prepared.
const preparedFilters = 3

const maxID = 200 // bytes

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "ORGANIZATION_NOT_FOUND", "the organization does not exist")

	errInvalidID     = failure.Newf(failure.InvalidArgument, "ORGANIZATION_ID_INVALID", "organization id: 1 to %d bytes without control zeros", maxID)
	errNoCondition   = failure.New(failure.InvalidArgument, "QUERY_MISSING", "a query without a condition")
	errTooMany       = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d queries in one request", MaxFilters)
	errTooManyListed = failure.Newf(failure.InvalidArgument, "QUERY_TOO_LARGE", "more than %d ids in one request", MaxListed)
	errInvalidText   = failure.Newf(failure.InvalidArgument, "QUERY_TEXT_INVALID", "query text: at most %d bytes without control zeros", MaxText)
	errUnknownMethod = failure.New(failure.InvalidArgument, "QUERY_FIELD_UNKNOWN", "unknown text method")
	errUnknownColumn = failure.New(failure.InvalidArgument, "SORTING_COLUMN_UNKNOWN", "unknown sorting column")
	errLimit         = failure.Newf(failure.InvalidArgument, "LIMIT_EXCEEDED", "limit is above %d", query.MaxLimit)
	errOffset        = failure.New(failure.InvalidArgument, "OFFSET_INVALID", "offset is out of range")
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
	if o.id == "" || len(o.id) > maxID || strings.Contains(o.id, "\x00") {
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

// Page says which part of a list to return. The zero value asks for the beginning of a descending list.
type Page struct {
	Offset    uint64
	Limit     uint32 // query.DefaultLimit when zero; at most query.MaxLimit
	Ascending bool
}

// Applied is the limit that is in force.
func (p Page) Applied() int {
	if p.Limit == 0 {
		return query.DefaultLimit
	}
	return int(p.Limit)
}

func (p Page) check() error {
	switch {
	case p.Limit > query.MaxLimit:
		return errLimit
	case p.Offset > math.MaxInt64/2:
		return errOffset
	}
	return nil
}

// direction is how SQL sorts the page.
func (p Page) direction() string {
	if p.Ascending {
		return " asc"
	}
	return " desc"
}
