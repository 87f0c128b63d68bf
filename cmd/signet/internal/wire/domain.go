package wire

import (
	"crypto/rand"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/authorization"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/tenant"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/tokenuse"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/notification/template"
	people "github.com/signet-iam/signet/query/user"
)

// domain is the write side as far as all tenants share it, and what it looks people up with.
type domain struct {
	states
	rt        command.Runtime
	log       zerolog.Logger
	people    *people.Queries
	limiter   *throttle.Limiter
	passwords *password.Hasher
	outside   *federation.Client
	policies  *policy.Service
	members   *member.Service
	uses      *tokenuse.Uses
	tenants   *tenant.Service
}

// states are what services look at, of all tenants.
type states struct {
	tenantStates       *command.Executor[tenant.State]
	userStates         *command.Executor[user.State]
	sessionStates      *command.Executor[session.State]
	instanceStates     *command.Executor[instance.State]
	organizationStates *command.Executor[organization.State]
	memberStates       *command.Executor[member.State]
	projectStates      *command.Executor[project.State]
	providerStates     *command.Executor[provider.State]
	intentStates       *command.Executor[intent.State]
	keyStates          *command.Executor[accesstoken.State]

	authorizationStates *command.Executor[authorization.State]
	policyStates        *command.Executor[policy.State]
	recentPolicies      *command.Recent[policy.State]
	recentOrganizations *command.Recent[organization.State]
	projects            *project.Directory
	directory           *organization.Directory
}

func newStates(rt command.Runtime) (s states, err error) {
	if s.tenantStates, err = tenant.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.userStates, err = user.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.sessionStates, err = session.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.instanceStates, err = instance.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.organizationStates, err = organization.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.memberStates, err = member.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.projectStates, err = project.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.providerStates, err = provider.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.intentStates, err = intent.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.keyStates, err = accesstoken.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.authorizationStates, err = authorization.NewExecutor(rt); err != nil {
		return s, err
	}
	if s.policyStates, err = policy.NewExecutor(rt); err != nil {
		return s, err
	}
	s.recentPolicies, s.recentOrganizations = command.NewRecent(s.policyStates), command.NewRecent(s.organizationStates)
	s.directory, s.projects = organization.NewDirectory(rt, s.recentOrganizations), project.NewDirectory(s.projectStates)
	return s, nil
}

// newDomain returns the domain of this process. busy, if set, is told when passwords are hashed.
func (c *Core) newDomain(cfg *config.Server, busy func(bool)) (*domain, error) {
	rt := c.Runtime()
	shared, err := newStates(rt)
	if err != nil {
		return nil, err
	}
	d := &domain{
		states: shared, rt: rt, log: c.log, people: people.New(c.Pool, c.Store), uses: tokenuse.New(c.Store, rt.Now),
		passwords: password.NewHasher(password.Options{Random: rand.Reader, Busy: busy}),
		tenants:   tenant.New(rt, shared.tenantStates),
	}
	if d.limiter, err = throttle.New(rt); err != nil {
		return nil, err
	}
	d.limiter = d.limiter.WithLogger(c.log)
	if d.outside, err = newOutside(cfg); err != nil {
		return nil, err
	}
	d.policies = policy.New(policy.Dependencies{
		Runtime: rt, Policies: d.policyStates, Recent: d.recentPolicies, Organizations: d.directory, Languages: template.Languages(),
		Defaults: policy.Defaults{LockoutAttempts: cfg.SignIn.LockoutAttempts, Register: cfg.SignIn.SelfRegistration},
	})
	d.members = member.New(member.Dependencies{
		Runtime: rt, Members: d.memberStates, Instances: d.instanceStates, Users: d.userStates, Organizations: d.directory, Projects: d.projects,
	})
	return d, nil
}

// remembers is what of the log a process keeps in memory.
type remembers interface {
	Observe(events []eventstore.Event)
	Changed(streams []eventstore.StreamID)
	Lost()
}

// remembered is what all tenants share of that.
func (s *states) remembered() []remembers {
	return []remembers{s.recentPolicies, s.recentOrganizations}
}
