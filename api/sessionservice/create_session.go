package sessionservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	sessionv2 "github.com/signet-iam/signet/api/gen/signet/session/v2"
	"github.com/signet-iam/signet/api/object"
	commands "github.com/signet-iam/signet/command/session"
)

// CreateSession begins a session.
func (s *Service) CreateSession(ctx context.Context, r *sessionv2.CreateSessionRequest) (*sessionv2.CreateSessionResponse, error) {
	ctx, caller := call.Command(ctx)
	proofs, err := checks(r.GetChecks())
	if err != nil {
		return nil, err
	}
	created, err := s.commands.Create(ctx, caller, commands.Create{
		Checks: proofs, Challenges: challenges(r.GetChallenges()), Metadata: r.GetMetadata(), Agent: agent(r.GetUserAgent()),
		Lifetime: r.GetLifetime().AsDuration(),
	})
	if err != nil {
		return nil, err
	}
	asked, err := challenged(created.Challenged)
	if err != nil {
		return nil, err
	}
	return &sessionv2.CreateSessionResponse{
		Details: object.Written(ctx, created.Receipt), SessionId: created.ID, SessionToken: created.Token, Challenges: asked,
	}, nil
}

func agent(a *sessionv2.UserAgent) commands.Agent {
	out := commands.Agent{FingerprintID: a.GetFingerprintId(), IP: a.GetIp(), Description: a.GetDescription()}
	if len(a.GetHeader()) > 0 {
		out.Headers = make(map[string][]string, len(a.GetHeader()))
	}
	for name, header := range a.GetHeader() {
		out.Headers[name] = header.GetValues()
	}
	return out
}
