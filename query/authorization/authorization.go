package authorization

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// State is whether an authorization counts. The numbers are those of the wire.
type State uint8

// The states.
const (
	Active   State = 1
	Inactive State = 2
)

// Authorization gives a user roles of a project, as the read model knows it.
type Authorization struct {
	ID           string
	User         User
	Project      Project
	Organization Organization // in which the user acts
	Granted      bool         // the organization does not own the project: it was granted to it
	State        State
	Roles        []Role              // by key
	Position     eventstore.Position // of its last event
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// User is who has an authorization.
type User struct {
	ID           string
	Organization string
	LoginName    string
	DisplayName  string
	Avatar       string // SHA-256 of the picture in hex; empty without one
}

// Project is what an authorization is for.
type Project struct {
	ID           string
	Name         string
	Organization string // that owns it
}

// Organization is one with its name.
type Organization struct {
	ID            string
	Name          string
	PrimaryDomain string // empty while no domain is verified
}

// Role is a role of a project.
type Role struct {
	Key         string
	DisplayName string
	Group       string
}

// Queries answers questions about authorizations. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
}
