package sessionservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/session"
)

// SetSession runs further checks in a session and changes what is kept with it.
func (s *Service) SetSession(ctx context.Context, r *sessionv2.SetSessionRequest) (*sessionv2.SetSessionResponse, error) {
	ctx, caller := call.Command(ctx)
	proofs, err := checks(r.GetChecks())
	if err != nil {
		return nil, err
	}
	changed, err := s.commands.Set(ctx, caller, commands.Set{
		ID: r.GetSessionId(), Token: r.GetSessionToken(), Checks: proofs, Challenges: challenges(r.GetChallenges()),
		Metadata: r.GetMetadata(), Lifetime: r.GetLifetime().AsDuration(),
	})
	if err != nil {
		return nil, err
	}
	asked, err := challenged(changed.Challenged)
	if err != nil {
		return nil, err
	}
	return &sessionv2.SetSessionResponse{Details: object.Written(ctx, changed.Receipt), SessionToken: changed.Token, Challenges: asked}, nil
}
