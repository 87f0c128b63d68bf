package sessionservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/object"
)

// DeleteSession ends a session.
func (s *Service) DeleteSession(ctx context.Context, r *sessionv2.DeleteSessionRequest) (*sessionv2.DeleteSessionResponse, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.commands.Delete(ctx, caller, r.GetSessionId(), r.GetSessionToken())
	if err != nil {
		return nil, err
	}
	return &sessionv2.DeleteSessionResponse{Details: object.Written(ctx, receipt)}, nil
}
