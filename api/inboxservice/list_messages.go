package inboxservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	"github.com/signet-iam/signet/query/inbox"
)

// ListMessages returns messages, newest first.
func (s *Service) ListMessages(ctx context.Context, r *inboxv1.ListMessagesRequest) (*inboxv1.ListMessagesResponse, error) {
	found, err := s.messages.List(ctx, call.From(ctx).Caller, inbox.ListRequest{
		Recipient: r.GetRecipient(), After: r.GetAfter(), Limit: r.GetLimit(),
	})
	if err != nil {
		return nil, err
	}
	answer := &inboxv1.ListMessagesResponse{Messages: make([]*inboxv1.Message, len(found))}
	for i := range found {
		answer.Messages[i] = message(&found[i])
	}
	return answer, nil
}
