package session

import (
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// The refusals of this package.
var (
	ErrNotFound = failure.New(failure.NotFound, "SESSION_NOT_FOUND", "there is no such session")

	errInvalidID = failure.Newf(failure.InvalidArgument, "SESSION_ID_INVALID", "session id: 1 to %d bytes without control zeros", query.MaxID)
)

// Session is what somebody has proven about a user, as the read model knows it.
type Session struct {
	ID        string
	CreatorID string              // who began it; empty where a person signed in directly
	Version   uint64              // of the session's stream
	Position  eventstore.Position // of its last event: what this answer reflects
	CreatedAt time.Time
	ChangedAt time.Time
	ExpiresAt time.Time // zero: never

	User     User
	Factors  Factors
	Agent    Agent
	Metadata map[string][]byte // nil without any
}

// User is whom a session is about; zero until that is known.
type User struct {
	ID           string
	Organization string
	LoginName    string // empty, like DisplayName, of a user who was removed
	DisplayName  string
	CheckedAt    time.Time
}

// Factors are the moments of the last proofs; zero where there was none.
type Factors struct {
	Password     time.Time
	WebAuthn     time.Time
	UserVerified bool // by the authenticator
	Intent       time.Time
	TOTP         time.Time
	OTPSMS       time.Time
	OTPEmail     time.Time
	RecoveryCode time.Time
}

// Agent is the program through which a person signs in, as the application that asked for the session saw it.
type Agent struct {
	FingerprintID string
	IP            string
	Description   string
	Headers       map[string][]string // nil without any
}

// Queries answers questions about sessions. It is safe for concurrent use.
type Queries struct {
	pool     *pgxpool.Pool
	sessions *query.Model
	names    *query.Model // of users
	both     *query.Model
}

// New returns queries over the read models in pool's database, which is also the database of log.
func New(pool *pgxpool.Pool, log *eventstore.Store) *Queries {
	return &Queries{
		pool: pool, sessions: query.NewModel(log, projection), names: query.NewModel(log, names),
		both: query.NewModel(log, projection, names),
	}
}

// scan takes the columns and what follows them. A row that the outer join left empty yields the zero Session.
func (s *Session) scan(row pgx.Row, more ...any) error {
	var keys []string
	var values [][]byte
	text := func(into *string) any { return (*zeronull.Text)(into) }
	moment := func(into *time.Time) any { return (*zeronull.Timestamptz)(into) }
	f := &s.Factors
	err := row.Scan(append([]any{
		text(&s.ID), &s.Version, (*zeronull.Int8)(&s.Position), text(&s.CreatorID), text(&s.User.ID), text(&s.User.Organization),
		text(&s.Agent.FingerprintID), text(&s.Agent.IP), text(&s.Agent.Description), &s.Agent.Headers,
		&f.UserVerified, moment(&s.CreatedAt), moment(&s.ChangedAt), moment(&s.ExpiresAt), moment(&s.User.CheckedAt),
		moment(&f.Password), moment(&f.WebAuthn), moment(&f.Intent), moment(&f.TOTP), moment(&f.OTPSMS), moment(&f.OTPEmail),
		moment(&f.RecoveryCode), text(&s.User.LoginName), text(&s.User.DisplayName), &keys, &values,
	}, more...)...)
	if err != nil {
		return err
	}
	for _, at := range [...]*time.Time{
		&s.CreatedAt, &s.ChangedAt, &s.ExpiresAt, &s.User.CheckedAt, &f.Password, &f.WebAuthn, &f.Intent, &f.TOTP, &f.OTPSMS,
		&f.OTPEmail, &f.RecoveryCode,
	} {
		*at = at.UTC()
	}
	if len(s.Agent.Headers) == 0 {
		s.Agent.Headers = nil
	}
	if len(keys) > 0 {
		s.Metadata = make(map[string][]byte, len(keys))
	}
	for i, key := range keys {
		s.Metadata[key] = values[i]
	}
	return nil
}
