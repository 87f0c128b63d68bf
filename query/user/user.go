package user

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// State of a user. The numbers are those of the wire and of the read model.
type State int16

// The states a user can be in. Deleted users are never returned.
const (
	StateUnspecified State = iota
	StateActive
	StateInactive
	StateDeleted
	StateLocked
	StateInitial
)

// Kind tells people from machines. The numbers are those of the wire and of the read model.
type Kind int16

// The kinds of users.
const (
	KindUnspecified Kind = iota
	KindHuman
	KindMachine
)

// Gender as a person states it. The numbers are those of the wire and of the read model.
type Gender int16

// The genders.
const (
	GenderUnspecified Gender = iota
	GenderFemale
	GenderMale
	GenderDiverse
)

// User is one user as the read model knows it.
type User struct {
	ID           string
	Organization string
	Username     string // also the one login name
	State        State
	Kind         Kind
	Version      uint64              // of the user's stream
	Position     eventstore.Position // of its last event: what this answer reflects
	CreatedAt    time.Time
	ChangedAt    time.Time
	Avatar       string // SHA-256 of the picture in hex; empty without one

	Human   Human   // zero unless Kind is KindHuman
	Machine Machine // zero unless Kind is KindMachine
}

// Human holds what only people have. An unknown text is empty.
type Human struct {
	GivenName              string
	FamilyName             string
	NickName               string
	DisplayName            string
	PreferredLanguage      string // BCP 47
	Gender                 Gender
	Email                  string
	EmailVerified          bool
	Phone                  string // E.164
	PhoneVerified          bool
	HasPassword            bool
	PasswordChangeRequired bool
	PasswordChangedAt      time.Time // zero without a password
	MFAInitSkippedAt       time.Time // when the set-up of a second factor was put off; zero unless it was
}

// Machine holds what only machines have.
type Machine struct {
	Name        string
	Description string
	HasSecret   bool
	// SignedTokens says that its access tokens say themselves what they grant.
	SignedTokens bool
}

// Queries answers questions about users. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	model *query.Model
	// linked is for what shows users and the providers they are linked with.
	linked *query.Model
	byID   *eventstore.Group[key, row]
}

// New returns queries over the read model in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{pool: pool, model: query.NewModel(log, projection), linked: query.NewModel(log, projection, providers), byID: users(pool)}
}
