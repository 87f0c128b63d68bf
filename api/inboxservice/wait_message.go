package inboxservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	"github.com/signet-iam/signet/query/inbox"
)

// WaitMessage returns the first message that matches, as soon as there is one.
func (s *Service) WaitMessage(ctx context.Context, r *inboxv1.WaitMessageRequest) (*inboxv1.WaitMessageResponse, error) {
	found, err := s.messages.Wait(ctx, call.From(ctx).Caller, inbox.WaitRequest{
		Recipient: r.GetRecipient(), After: r.GetAfter(), Timeout: r.GetTimeout().AsDuration(),
	})
	if err != nil {
		return nil, err
	}
	return &inboxv1.WaitMessageResponse{Message: message(&found)}, nil
}
