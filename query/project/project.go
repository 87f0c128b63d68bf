package project

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "PROJECT_NOT_FOUND", "the project does not exist")

	errInvalidID      = failure.Newf(failure.InvalidArgument, "PROJECT_ID_INVALID", "project id: 1 to %d bytes without control zeros", query.MaxID)
	errUnknownRelated = failure.New(failure.InvalidArgument, "QUERY_FIELD_UNKNOWN", "unknown relation to an organization")
)

// State is whether a project or a grant is in use. The numbers are those of the wire.
type State uint8

// The states.
const (
	Active   State = 1
	Inactive State = 2
)

// Labeling says whose branding people see when they sign in. The numbers are those of the wire.
type Labeling uint8

// Project is a project as its owner has it, or as it was granted to an organization.
type Project struct {
	ID           string
	Organization string // that owns it
	Name         string
	State        State

	RoleAssertion         bool
	AuthorizationRequired bool
	AccessRequired        bool
	Labeling              Labeling

	Granted Granted // zero: as its owner has it

	Version   uint64              // of the project's stream
	Position  eventstore.Position // of its last event: what this answer reflects
	CreatedAt time.Time
	ChangedAt time.Time
}

// Granted is to whom a project was granted.
type Granted struct {
	Organization string
	Name         string // of the organization
	State        State  // of the grant
}

// Role is a role of a project.
type Role struct {
	Project     string
	Key         string
	DisplayName string
	Group       string
	CreatedAt   time.Time
	ChangedAt   time.Time
}

// Grant is a project as it was granted to an organization.
type Grant struct {
	Project      string
	ProjectName  string
	Organization string // that owns the project
	To           Granted
	Roles        []string // keys
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// Queries answers questions about projects. It is safe for concurrent use.
type Queries struct {
	pool     *pgxpool.Pool
	projects *query.Model
	names    *query.Model // of organizations
	named    *query.Model // both
}

// New returns queries over the read models in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{
		pool: pool, projects: query.NewModel(log, projects), names: query.NewModel(log, organizations),
		named: query.NewModel(log, projects, organizations),
	}
}
