package signin

import (
	"context"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// Directory finds people by addresses, as of the last acknowledged change. Package query/user has one.
type Directory interface {
	// WithEmail returns the ids of people who have this address, ignoring case: those who have proven it or those who have not,
	// the newest first. It may leave out the oldest of very many.
	WithEmail(ctx context.Context, tenant, email string, verified bool) ([]string, error)
	// WithPhone does so for a number in E.164 form.
	WithPhone(ctx context.Context, tenant, phone string, verified bool) ([]string, error)
}

// Policies tells which policies hold for the users of an organization. Package policy has them.
type Policies interface {
	Login(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Login], error)
	PasswordAge(ctx context.Context, tenant, organization string) (policy.Effective[*policy.PasswordAge], error)
	Lockout(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Lockout], error)
}

// Dependencies of a Service. All fields are needed but Pause.
type Dependencies struct {
	Runtime    command.Runtime
	Tenant     string
	Users      *user.Service
	UserStates *command.Executor[user.State]
	Sessions   *session.Service
	Tokens     *accesstoken.Service
	Limiter    *throttle.Limiter
	Directory  Directory
	Policies   Policies
	Settings   Settings
	// Pause waits for so long, or until ctx ends; nil: it does.
	Pause func(ctx context.Context, d time.Duration)
}

// Settings are the installation's.
type Settings struct {
	Organization string // of users who register themselves
}

// Service signs users in. It is safe for concurrent use.
type Service struct {
	rt        command.Runtime
	tenant    string
	system    *permission.Caller
	users     *user.Service
	states    *command.Executor[user.State]
	sessions  *session.Service
	tokens    *accesstoken.Service
	limiter   *throttle.Limiter
	directory Directory
	policies  Policies
	settings  Settings
	pause     func(context.Context, time.Duration)
}

// New returns a service.
func New(d Dependencies) *Service {
	s := &Service{
		rt: d.Runtime, tenant: d.Tenant, system: permission.System(d.Tenant), users: d.Users, states: d.UserStates,
		sessions: d.Sessions, tokens: d.Tokens, limiter: d.Limiter, directory: d.Directory,
		policies: d.Policies, settings: d.Settings, pause: d.Pause,
	}
	if s.pause == nil {
		s.pause = pause
	}
	return s
}

// SignedIn is a session that just began, with its tokens.
type SignedIn struct {
	User         Profile
	SessionID    string
	AccessToken  string
	RefreshToken string
	SessionToken string // if it was asked for
}

// begin begins the session of somebody who has proven to be a user.
func (s *Service) begin(ctx context.Context, b session.Begin) (SignedIn, error) {
	b.Tenant = s.tenant
	// The proof was judged on this state a moment ago; nothing is read.
	known, err := s.states.Recall(ctx, s.tenant, b.UserID)
	if err != nil {
		return SignedIn{}, err
	}
	begun, err := s.sessions.Begin(ctx, b)
	if err != nil {
		return SignedIn{}, masked(err, ErrRejected)
	}
	token, err := s.tokens.Issue(ctx, accesstoken.Subject{UserID: b.UserID, SessionID: begun.ID})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{
		User: profile(b.UserID, &known.State), SessionID: begun.ID,
		AccessToken: token.Value, RefreshToken: begun.RefreshToken, SessionToken: begun.SessionToken,
	}, nil
}
