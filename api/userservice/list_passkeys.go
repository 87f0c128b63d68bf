package userservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/object"
)

// ListPasskeys returns the passkeys that a user can sign in with.
func (s *Service) ListPasskeys(ctx context.Context, r *userv2.ListPasskeysRequest) (*userv2.ListPasskeysResponse, error) {
	c := call.From(ctx)
	found, err := s.queries.Passkeys(ctx, c.Caller, r.GetUserId(), c.Consistency)
	if err != nil {
		return nil, err
	}
	c.Reflect(found.Position)
	answer := &userv2.ListPasskeysResponse{Details: object.Listed(uint64(len(found.Passkeys)), found.Reflected)}
	for _, p := range found.Passkeys {
		answer.Result = append(answer.Result, &userv2.Passkey{Id: p.ID, State: userv2.AuthFactorState(p.State), Name: p.Name})
	}
	return answer, nil
}
