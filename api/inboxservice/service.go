package inboxservice

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	"github.com/signet-iam/signet/query/inbox"
)

// Service implements the inbox.
type Service struct {
	messages *inbox.Queries
}

// New returns the service on top of the queries.
func New(messages *inbox.Queries) *Service { return &Service{messages: messages} }

func message(m *inbox.Message) *inboxv1.Message {
	return &inboxv1.Message{
		Id:        m.ID,
		Channel:   m.Channel,
		Recipient: m.Recipient,
		Subject:   m.Subject,
		Text:      m.Text,
		Html:      m.HTML,
		Code:      m.Code,
		SentAt:    timestamppb.New(m.SentAt),
		Repeat:    m.Repeat,
		UserId:    m.UserID,
		Template:  m.Template,
		EventId:   m.EventID.String(),
	}
}
