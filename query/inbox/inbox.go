package inbox

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/query"
)

// Message is one message as it would have been sent.
type Message struct {
	ID        string    // grows in the order of delivery: a mark for After
	EventID   uuid.UUID // of the event that caused it
	Channel   string    // "email" or "sms"
	Template  string    // what it is about, such as "email_verification"
	Recipient string
	Subject   string // empty for text messages
	Text      string
	HTML      string // empty for text messages
	Code      string
	Language  string // BCP 47
	UserID    string
	Repeat    bool // it may have been delivered before
	SentAt    time.Time
}

// Limits of a question, beside those of a page.
const (
	DefaultTimeout = 30 * time.Second
	MaxTimeout     = time.Minute

	maxRecipient = 200 // bytes
)

var (
	errRecipient = failure.Newf(failure.InvalidArgument, "RECIPIENT_INVALID", "recipient: at most %d bytes", maxRecipient)
	errAfter     = failure.New(failure.InvalidArgument, "AFTER_INVALID", "after is no message id")
	errTimeout   = failure.Newf(failure.InvalidArgument, "TIMEOUT_INVALID", "timeout: 0 to %s", MaxTimeout)
)

// ErrNone says that no message came in time.
var ErrNone = fmt.Errorf("inbox: no message came in time: %w", context.DeadlineExceeded)

// Queries reads the inbox. It is safe for concurrent use.
type Queries struct {
	pool  *pgxpool.Pool
	log   *eventstore.Store
	vault *vault.Vault
}

// New returns queries over the inbox in pool's database.
func New(pool *pgxpool.Pool, log *eventstore.Store, v *vault.Vault) *Queries {
	return &Queries{pool: pool, log: log, vault: v}
}

// ListRequest says which messages to list.
type ListRequest struct {
	Recipient string // empty for all
	After     string // only messages later than this one; empty for all
	Limit     uint32 // query.DefaultLimit when zero; at most query.MaxLimit
}

// List returns messages, newest first. It refuses with permission_denied and invalid_argument.
func (q *Queries) List(ctx context.Context, viewer query.Viewer, r ListRequest) ([]Message, error) {
	after, err := mark(r.After)
	if err != nil {
		return nil, err
	}
	if err := check(r.Recipient); err != nil {
		return nil, err
	}
	if r.Limit > query.MaxLimit {
		return nil, query.ErrLimit
	}
	if !viewer.May(query.InboxRead, "") {
		return nil, query.ErrDenied
	}
	limit := int(r.Limit)
	if limit == 0 {
		limit = query.DefaultLimit
	}
	s := search{tenant: viewer.TenantID(), recipient: r.Recipient, after: after, newest: true, limit: limit}
	messages, _, err := q.find(ctx, s)
	return messages, query.Fault("read the inbox", err)
}

func check(recipient string) error {
	if len(recipient) > maxRecipient {
		return errRecipient
	}
	return nil
}

func mark(id string) (int64, error) {
	if id == "" {
		return 0, nil
	}
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || seq < 0 || seq == math.MaxInt64 {
		return 0, errAfter
	}
	return seq, nil
}

// search is a question to the table.
type search struct {
	tenant    string
	recipient string
	after     int64
	newest    bool // newest first
	limit     int
}

// find returns the messages that can be opened and the number of the last one looked at.
func (q *Queries) find(ctx context.Context, s search) (messages []Message, last int64, err error) {
	sql, args, err := q.statement(ctx, s)
	if err != nil {
		return nil, 0, err
	}
	rows, err := q.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, 0, err
	}
	sealed, err := pgx.CollectRows(rows, scan)
	if err != nil || len(sealed) == 0 {
		return nil, 0, err
	}
	messages, err = q.open(ctx, s, sealed)
	return messages, sealed[len(sealed)-1].seq, err
}

func (q *Queries) statement(ctx context.Context, s search) (string, []any, error) {
	args := []any{s.tenant, s.after}
	var sql strings.Builder
	sql.WriteString(sqlMessages)
	if s.recipient != "" {
		digest, err := q.vault.Digest(ctx, s.tenant, digestPurpose, normalize(s.recipient))
		if err != nil {
			return "", nil, err
		}
		args = append(args, digest)
		sql.WriteString(" and recipient_digest = $3")
	}
	order := "asc"
	if s.newest {
		order = "desc"
	}
	args = append(args, s.limit)
	fmt.Fprintf(&sql, " order by seq %s limit $%d", order, len(args))
	return sql.String(), args, nil
}
