package inbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore/vault"
)

// What the writer and this package agree on.
const digestPurpose = "inbox-recipient"

func normalize(recipient string) string { return strings.ToLower(strings.TrimSpace(recipient)) }

func binding(id uuid.UUID) []byte { return []byte("inbox:" + id.String()) }

// sealedMessage is a row: a message whose content is still sealed.
type sealedMessage struct {
	Message
	seq     int64
	content []byte
}

func scan(row pgx.CollectableRow) (sealedMessage, error) {
	var m sealedMessage
	err := row.Scan(&m.seq, &m.EventID, &m.Channel, &m.Template, &m.UserID, &m.content, &m.Repeat, &m.SentAt)
	m.ID, m.SentAt = strconv.FormatInt(m.seq, 10), m.SentAt.UTC()
	return m, err
}

// open returns the messages whose users are not erased.
func (q *Queries) open(ctx context.Context, s search, sealed []sealedMessage) ([]Message, error) {
	users := make([]string, 0, len(sealed))
	for _, m := range sealed {
		users = append(users, m.UserID)
	}
	keys, err := q.vault.Keys(ctx, s.tenant, users)
	if err != nil {
		return nil, err
	}
	messages := make([]Message, 0, len(sealed))
	renewed := make(map[string]bool)
	for _, m := range sealed {
		err := m.open(keys[m.UserID])
		if errors.Is(err, vault.ErrErased) && !renewed[m.UserID] {
			// Perhaps another process erased the user, who then came back, and the key is from before: the stored one decides.
			renewed[m.UserID] = true
			if keys[m.UserID], err = q.renew(ctx, s.tenant, m.UserID); err == nil {
				err = m.open(keys[m.UserID])
			}
		}
		switch {
		case err == nil:
			messages = append(messages, m.Message)
		case !errors.Is(err, vault.ErrErased):
			return nil, fmt.Errorf("open message %s: %w", m.ID, err)
		}
	}
	return messages, nil
}

func (q *Queries) renew(ctx context.Context, tenant, userID string) (vault.Key, error) {
	q.vault.Forget(tenant, userID)
	return q.vault.Key(ctx, tenant, userID)
}

func (m *sealedMessage) open(key vault.Key) error {
	plaintext, err := key.Open(binding(m.EventID), m.content)
	if err != nil {
		return err
	}
	var content eventv1.InboxContent
	if proto.Unmarshal(plaintext, &content) != nil { // its error might quote content
		return errors.New("the content is not protobuf of its type")
	}
	m.Recipient, m.Subject, m.Text = content.GetRecipient(), content.GetSubject(), content.GetText()
	m.HTML, m.Code, m.Language = content.GetHtml(), content.GetCode(), content.GetLanguage()
	return nil
}
