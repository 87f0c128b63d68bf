package session

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime    command.Runtime
	Sessions   *command.Executor[State]
	UserStates *command.Executor[user.State]
	Users      *user.Service
	Intents    *intent.Service
	// Organizations tells whether the organizations of users are active.
	Organizations *organization.Directory
	Policies      Policies
	Life          Life
}

// Life says how long sessions and their tokens live.
type Life struct {
	Session time.Duration // unless whoever begins it says otherwise
	Longest time.Duration // that anybody may ask for
	Refresh time.Duration // of a refresh token that is not used
}

// Service runs the commands on sessions. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	sessions      *command.Executor[State]
	userStates    *command.Executor[user.State]
	users         *user.Service
	intents       *intent.Service
	organizations *organization.Directory
	policies      Policies
	life          Life
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, sessions: d.Sessions, userStates: d.UserStates, users: d.Users, intents: d.Intents,
		organizations: d.Organizations, policies: d.Policies, life: d.Life,
	}
}

// CheckToken refuses with permission.ErrDenied unless token is the current one of a session that is not over. Whether the
// session has proven anything is another question.
func (s *Service) CheckToken(ctx context.Context, tenant, id, token string) error {
	sum, err := TokenDigest(ctx, s.rt.Vault, tenant, token)
	if err != nil {
		return err
	}
	snap, err := s.sessions.Load(ctx, tenant, id)
	if err != nil {
		return err
	}
	r, _ := rules(opCheckToken)
	return s.check(ctx, guard{rule: r, caller: permission.System(tenant), digest: sum}, &snap.State)
}

// record adds an event to a decision.
func (s *Service) record(d *command.Decision, msgs ...proto.Message) {
	for _, msg := range msgs {
		d.Add(s.rt.NewID(), msg)
	}
}
