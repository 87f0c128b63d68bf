package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

// ListMyPasswordless returns the passkeys that the caller can sign in with.
func (s *Service) ListMyPasswordless(
	ctx context.Context, _ *authv1.ListMyPasswordlessRequest,
) (*authv1.ListMyPasswordlessResponse, error) {
	c := call.From(ctx)
	found, err := s.userQueries.Passkeys(ctx, c.Caller, c.Caller.SubjectID(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &authv1.ListMyPasswordlessResponse{}
	for _, p := range found.Passkeys {
		answer.Result = append(answer.Result, &authv1.WebAuthNToken{Id: p.ID, State: authv1.AuthFactorState(p.State), Name: p.Name})
	}
	return answer, nil
}
