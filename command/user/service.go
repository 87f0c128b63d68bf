package user

import (
	"cmp"
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore"
)

// Organizations tells which organizations there are.
type Organizations interface {
	Exists(ctx context.Context, tenant, id string) (bool, error) // active or inactive
	Active(ctx context.Context, tenant, id string) (bool, error)
	// WithDomain returns the organization that holds a verified domain.
	WithDomain(ctx context.Context, tenant, domain string) (id string, found bool, err error)
}

// Policies tells which policies hold for the users of an organization. Package policy has them.
type Policies interface {
	PasswordComplexity(ctx context.Context, tenant, organization string) (policy.Effective[*policy.PasswordComplexity], error)
	Lockout(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Lockout], error)
	Notification(ctx context.Context, tenant, organization string) (policy.Effective[*policy.Notification], error)
}

// Dependencies of a Service. All fields are needed but Issuer.
type Dependencies struct {
	Runtime       command.Runtime
	Users         *command.Executor[State]
	Organizations Organizations
	Providers     Providers
	Passwords     *password.Hasher
	Policies      Policies
	RelyingParty  *webauthn.RelyingParty
	Limiter       *throttle.Limiter
	Issuer        string // names the platform in authenticator apps; DefaultIssuer if empty
}

// Service runs the commands on users. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	users         *command.Executor[State]
	organizations Organizations
	providers     Providers
	passwords     *password.Hasher
	policies      Policies
	issuer        string
	party         *webauthn.RelyingParty
	limiter       *throttle.Limiter
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, users: d.Users, organizations: d.Organizations, passwords: d.Passwords, policies: d.Policies,
		issuer: cmp.Or(d.Issuer, DefaultIssuer), party: d.RelyingParty, providers: d.Providers,
		limiter: d.Limiter,
	}
}

// target says whom a command works on, and what it answers when there is no such user.
type target struct {
	absent  error
	machine bool // machines too
	only    bool // machines only
}

func (t target) find(s *State) error {
	if !s.Exists() || s.Machine && !t.machine && !t.only || !s.Machine && t.only {
		return t.absent
	}
	return nil
}

var (
	anyUser = target{absent: ErrNotFound, machine: true}
	human   = target{absent: ErrNotFound}
	machine = target{absent: ErrNotFound, only: true}

	secretHolder   = target{absent: ErrNoSecretHolder, only: true}
	keyHolder      = target{absent: ErrNoKeyHolder, only: true}
	metadataHolder = target{absent: ErrNoMetadataHolder, machine: true}
	knownHuman     = target{absent: ErrNoUser} // for commands whose clients take an unknown one for a precondition

	mailbox = target{absent: ErrEmailNotFound}
	handset = target{absent: ErrPhoneNotFound}
)

// decide adds to a decision what is to happen to a user who exists, by order of a caller who may.
type decide func(ctx context.Context, s *State, d *command.Decision) error

// change runs a command that needs its rule's permission.
func (s *Service) change(ctx context.Context, g guard, t target, decide decide) (command.Receipt, error) {
	return s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		if err := g.check(state.Organization); err != nil {
			return err
		}
		if err := t.find(state); err != nil {
			return err
		}
		return decide(ctx, state, d)
	})
}

// run runs a command whose decision checks the permission itself.
func (s *Service) run(ctx context.Context, g guard, decide decide) (command.Receipt, error) {
	call := command.CallBy[State](g.caller, g.userID)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: g.userID}
		err := decide(ctx, &snap.State, &d)
		return d, err
	}
	receipt, _, err := s.users.Execute(ctx, call)
	return receipt, taken(err)
}

// taken translates a claim that somebody else holds.
func taken(err error) error {
	claim, ok := errors.AsType[*eventstore.ClaimTakenError](err)
	if !ok {
		return err
	}
	switch claim.Kind {
	case claimUsername:
		return ErrUsernameTaken.Because(err)
	case claimWebAuthn:
		return ErrCredentialTaken.Because(err)
	case claimLink:
		return ErrLinkTaken.Because(err)
	}
	return err
}

// record adds an event to a decision.
func (s *Service) record(d *command.Decision, msg proto.Message) {
	d.Add(s.rt.NewID(), msg)
}

func streamOf(caller *permission.Caller, userID string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: caller.Tenant, Kind: Kind, ID: userID}
}
