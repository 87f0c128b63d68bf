package authorization

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime        command.Runtime
	Authorizations *command.Executor[State]
	Users          *command.Executor[user.State]
	Organizations  *organization.Directory
	Projects       *project.Directory
}

// Service runs the commands on authorizations. It is safe for concurrent use.
type Service struct {
	rt             command.Runtime
	authorizations *command.Executor[State]
	users          *command.Executor[user.State]
	organizations  *organization.Directory
	projects       *project.Directory
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, authorizations: d.Authorizations, users: d.Users, organizations: d.Organizations, projects: d.Projects,
	}
}

// claimID is the kind of the claims by which authorizations are found.
const claimID = "authorization"

func (s *Service) claim(ctx context.Context, tenant, id string) (eventstore.Claim, error) {
	digest, err := s.rt.Vault.Digest(ctx, tenant, claimID, id)
	if err != nil {
		return eventstore.Claim{}, command.Refusal(fmt.Errorf("authorization: digest of an id: %w", err))
	}
	return eventstore.Claim{Kind: claimID, Digest: digest}, nil
}

// holder returns whose authorization an id names; empty if nobody's.
func (s *Service) holder(ctx context.Context, tenant, id string) (string, error) {
	if !command.ValidID(id) {
		return "", nil
	}
	claim, err := s.claim(ctx, tenant, id)
	if err != nil {
		return "", err
	}
	stream, found, err := s.rt.Store.ClaimHolder(ctx, tenant, claim)
	if err != nil {
		return "", command.Refusal(fmt.Errorf("authorization: look for one: %w", err))
	}
	if !found || stream.Kind != Kind {
		return "", nil
	}
	return stream.ID, nil
}
