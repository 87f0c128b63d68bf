package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
	"github.com/signet-iam/signet/notification/channel"
)

const (
	// Checkpoint is the name under which the inbox announces the seq of each new row.
	Checkpoint = "inbox"

	// DigestPurpose is the purpose of the keyed digest in recipient_digest.
	DigestPurpose = "inbox-recipient"

	// Retained is how many messages of a tenant Sweep keeps at most.
	Retained = 10_000

	// RetainedFor is how long Sweep keeps a message at most.
	RetainedFor = 7 * 24 * time.Hour
)

// NormalizeRecipient returns the form of an address or number that recipient_digest is made from.
func NormalizeRecipient(recipient string) string {
	return strings.ToLower(strings.TrimSpace(recipient))
}

// Binding returns what the sealed content of a message is bound to.
func Binding(id uuid.UUID) []byte {
	return []byte("inbox:" + id.String())
}

// Config of an Inbox. All fields are required but Now.
type Config struct {
	Pool  *pgxpool.Pool
	Store *eventstore.Store
	Vault *vault.Vault
	Now   func() time.Time // time.Now if nil
}

// Inbox keeps messages instead of sending them. It serves every channel.
type Inbox struct {
	pool  *pgxpool.Pool
	store *eventstore.Store
	vault *vault.Vault
	now   func() time.Time
}

var (
	_ channel.Provider = (*Inbox)(nil)
	_ channel.Sweeper  = (*Inbox)(nil)
)

// New returns an inbox over the schema that notification.Migrate creates.
func New(cfg Config) (*Inbox, error) {
	if cfg.Pool == nil || cfg.Store == nil || cfg.Vault == nil {
		return nil, errors.New("inbox: pool, store and vault are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Inbox{pool: cfg.Pool, store: cfg.Store, vault: cfg.Vault, now: cfg.Now}, nil
}

// Name returns "inbox".
func (*Inbox) Name() string { return "inbox" }

// Send stores the message unless it is there already.
func (i *Inbox) Send(ctx context.Context, m channel.Message) (string, error) {
	row, err := i.seal(ctx, m)
	if err != nil {
		return "", err
	}
	var seq eventstore.Position
	err = pgx.BeginFunc(ctx, i.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockInserts); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, insertMessage, row).Scan(&seq)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // stored by an earlier attempt
		}
		if err != nil {
			return err
		}
		return i.store.Announce(ctx, tx, Checkpoint, seq)
	})
	if err != nil {
		// The insert is idempotent, so even a commit with unknown outcome is no reason to call the next one a repeat.
		return "", channel.Temporary(0, fmt.Errorf("inbox: insert: %w", err))
	}
	if seq != 0 {
		i.store.Reached(Checkpoint, seq)
	}
	return m.ID.String(), nil
}

func (i *Inbox) seal(ctx context.Context, m channel.Message) (pgx.NamedArgs, error) {
	key, err := i.vault.Key(ctx, m.Tenant, m.UserID)
	if errors.Is(err, vault.ErrErased) {
		return nil, channel.Permanent(0, fmt.Errorf("inbox: data key: %w", err))
	}
	if err != nil {
		return nil, channel.Temporary(0, fmt.Errorf("inbox: data key: %w", err))
	}
	content, err := proto.Marshal(&eventv1.InboxContent{
		Recipient: m.Recipient,
		Subject:   m.Subject,
		Text:      m.Text,
		Html:      m.HTML,
		Code:      m.Code,
		Language:  m.Language,
	})
	if err != nil {
		return nil, channel.Permanent(0, fmt.Errorf("inbox: marshal: %w", err))
	}
	sealed, err := key.Seal(Binding(m.ID), content)
	if err != nil {
		return nil, channel.Temporary(0, fmt.Errorf("inbox: seal: %w", err))
	}
	digest, err := i.vault.Digest(ctx, m.Tenant, DigestPurpose, NormalizeRecipient(m.Recipient))
	if err != nil {
		return nil, channel.Temporary(0, fmt.Errorf("inbox: digest: %w", err))
	}
	return pgx.NamedArgs{
		"id":               m.ID,
		"tenant":           m.Tenant,
		"recipient_digest": digest,
		"subject_user":     m.UserID,
		"channel":          string(m.Channel),
		"kind":             string(m.Kind),
		"sealed":           sealed,
		"repeat":           m.Repeat,
		"sent_at":          i.now(),
		"checkpoint":       Checkpoint,
	}, nil
}

// Sweep removes what is older than RetainedFor and, of each tenant, what is beyond the newest Retained.
func (i *Inbox) Sweep(ctx context.Context) error {
	if _, err := i.pool.Exec(ctx, deleteOld, i.now().Add(-RetainedFor)); err != nil {
		return fmt.Errorf("inbox: sweep by age: %w", err)
	}
	if _, err := i.pool.Exec(ctx, deleteBeyond, Retained); err != nil {
		return fmt.Errorf("inbox: sweep by number: %w", err)
	}
	return nil
}
