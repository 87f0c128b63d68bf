package commandtest

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/authorization"
	"github.com/signet-iam/signet/command/federation"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

// Tenant of callers and nodes, unless a test moves them to another.
const Tenant = "default"

// Origins returns the pages on which authenticators may be used.
func Origins() []string {
	return []string{"https://login.example.com", "https://example.com:8443", "http://localhost:8080"}
}

// Clock is a clock that stands until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Node is one process, seen from one tenant.
type Node struct {
	Tenant           string
	Clock            *Clock
	Runtime          command.Runtime
	Store            *eventstore.Store
	UserStates       *command.Executor[user.State]
	Instances        *command.Executor[instance.State]
	Limiter          *throttle.Limiter
	Policies         *policy.Service
	RecentPolicies   *command.Recent[policy.State]
	Users            *user.Service
	Organizations    *organization.Service
	Homes            *organization.Directory
	Network          *Network
	Members          *member.Service
	MemberStates     *command.Executor[member.State]
	Projects         *project.Service
	ProjectDirectory *project.Directory
	Authorizations   *authorization.Service
	Providers        *provider.Service
	Intents          *intent.Service
	IntentStates     *command.Executor[intent.State]
	Instance         *instance.Service
	Sessions         *session.Service
	SessionStates    *command.Executor[session.State]
	Tokens           *accesstoken.Service
	Access           *access.Authenticator
	SignIn           *signin.Service

	open Opener
	ring *vault.Ring
}

// Opener opens the log in a database that is the test's own. Each call stands for another process.
type Opener func(eventstore.Options) (*eventstore.Store, error)

// Bare returns a node on a database in which nothing was set up.
func Bare(t testing.TB, log Opener) *Node {
	t.Helper()
	ring, err := vault.NewRing()
	must(t, err)
	clock := &Clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	return start(t, log, ring, clock)
}

// New returns a node whose tenant is set up.
func New(t testing.TB, log Opener) *Node {
	t.Helper()
	n := Bare(t, log)
	_, err := n.Instance.Bootstrap(t.Context(), instance.Setup{Tenant: Tenant})
	must(t, err)
	return n
}

// In returns the node as seen from another tenant, which is set up. A test that needs no process of its own is
// isolated as well this way, and sooner.
func (n *Node) In(t testing.TB, tenant string) *Node {
	t.Helper()
	view := *n
	view.Tenant = tenant
	_, err := n.Instance.Bootstrap(t.Context(), instance.Setup{Tenant: tenant})
	must(t, err)
	return &view
}

// Another returns a second node on the same database.
func (n *Node) Another(t testing.TB) *Node {
	t.Helper()
	other := start(t, n.open, n.ring, n.Clock)
	other.Tenant = n.Tenant
	return other
}

func start(t testing.TB, log Opener, ring *vault.Ring, clock *Clock) *Node {
	t.Helper()
	n := &Node{Tenant: Tenant, Clock: clock, open: log, ring: ring}
	observe := func(events []eventstore.Event) {
		if n.RecentPolicies != nil {
			n.RecentPolicies.Observe(events)
		}
		if n.Access != nil {
			n.Access.Observe(events)
		}
	}
	store, err := log(eventstore.Options{Now: clock.Now, Observers: []func([]eventstore.Event){observe}})
	must(t, err)
	t.Cleanup(store.Close)
	v, err := vault.New(ring, store)
	must(t, err)
	c, err := codec.New(v)
	must(t, err)
	rt := command.Runtime{
		Store: store, Vault: v, Codec: c, Now: clock.Now, Random: rand.Reader,
		NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}
	n.Store, n.Runtime = store, rt
	n.UserStates, err = user.NewExecutor(rt)
	must(t, err)
	n.Instances, err = instance.NewExecutor(rt)
	must(t, err)
	organizations, err := organization.NewExecutor(rt)
	must(t, err)
	n.Homes = organization.NewDirectory(rt, organizations)
	party, err := webauthn.NewRelyingParty("Signet", Origins()...)
	must(t, err)
	n.Limiter, err = throttle.New(rt)
	must(t, err)
	n.federate(t, rt)
	policies, err := policy.NewExecutor(rt)
	must(t, err)
	n.RecentPolicies = command.NewRecent(policies)
	n.Policies = policy.New(policy.Dependencies{
		Runtime: rt, Policies: policies, Recent: n.RecentPolicies, Organizations: n.Homes, Languages: []string{"en", "de"},
		Defaults: policy.Defaults{Register: true},
	})
	n.Users = user.New(user.Dependencies{
		Runtime: rt, Users: n.UserStates, Organizations: n.Homes, Providers: n.Providers,
		Passwords: password.NewHasher(password.Options{Random: rand.Reader}), Policies: n.Policies, RelyingParty: party,
		Limiter: n.Limiter,
	})
	n.manage(t, rt)
	n.Network = newNetwork()
	n.Organizations = organization.New(organization.Dependencies{
		Runtime: rt, Organizations: organizations, Defaults: instance.NewDirectory(n.Instances), Network: n.Network,
		Users: n.Users, Members: n.Members, Policies: n.Policies,
	})
	n.Instance = instance.New(instance.Dependencies{
		Runtime: rt, Instances: n.Instances, UserStates: n.UserStates, Users: n.Users, Organizations: n.Organizations,
	})
	n.authenticate(t, rt)
	return n
}

// manage sets up what knows who may do what, and where.
func (n *Node) manage(t testing.TB, rt command.Runtime) {
	t.Helper()
	projects, err := project.NewExecutor(rt)
	must(t, err)
	n.Projects = project.New(project.Dependencies{Runtime: rt, Projects: projects, Organizations: n.Homes})
	n.ProjectDirectory = project.NewDirectory(projects)
	n.MemberStates, err = member.NewExecutor(rt)
	must(t, err)
	n.Members = member.New(member.Dependencies{
		Runtime: rt, Members: n.MemberStates, Instances: n.Instances, Users: n.UserStates, Organizations: n.Homes,
		Projects: n.ProjectDirectory,
	})
	authorizations, err := authorization.NewExecutor(rt)
	must(t, err)
	n.Authorizations = authorization.New(authorization.Dependencies{
		Runtime: rt, Authorizations: authorizations, Users: n.UserStates, Organizations: n.Homes,
		Projects: n.ProjectDirectory,
	})
}

// TokenLife is how long access tokens live.
const TokenLife = 5 * time.Minute

// SessionLife is how long sessions live, and their tokens.
func SessionLife() session.Life {
	return session.Life{Session: 24 * time.Hour, Longest: 30 * 24 * time.Hour, Refresh: 8 * time.Hour}
}

// authenticate sets up what knows sessions and tokens.
func (n *Node) authenticate(t testing.TB, rt command.Runtime) {
	t.Helper()
	var err error
	n.SessionStates, err = session.NewExecutor(rt)
	must(t, err)
	n.Sessions = session.New(session.Dependencies{
		Runtime: rt, Sessions: n.SessionStates, UserStates: n.UserStates, Users: n.Users, Intents: n.Intents,
		Organizations: n.Homes, Policies: n.Policies, Life: SessionLife(),
	})
	keys, err := accesstoken.NewExecutor(rt)
	must(t, err)
	n.Tokens = accesstoken.New(accesstoken.Dependencies{
		Runtime: rt, Keys: keys, Tenant: Tenant, Issuer: ExternalURL, Life: TokenLife, Rotate: 30 * 24 * time.Hour,
	})
	n.Access = access.New(n.AccessDependencies())
	n.SignIn = signin.New(n.SignInDependencies())
}

// AccessDependencies are those of Access.
func (n *Node) AccessDependencies() access.Dependencies {
	return access.Dependencies{
		Runtime: n.Runtime, Users: n.UserStates, Sessions: n.SessionStates, Instances: n.Instances, Tokens: n.Tokens, Tenant: Tenant,
		Policies: n.Policies, Members: n.MemberStates, Organizations: n.Homes, Projects: n.ProjectDirectory,
	}
}

// SignInDependencies are those of SignIn: users may register, and no refusal is kept back.
func (n *Node) SignInDependencies() signin.Dependencies {
	return signin.Dependencies{
		Runtime: n.Runtime, Tenant: Tenant, Users: n.Users, UserStates: n.UserStates, Sessions: n.Sessions, Tokens: n.Tokens,
		Limiter: n.Limiter, Directory: Directory{n}, Policies: n.Policies, Settings: signin.Settings{Organization: instance.DefaultOrganization},
		Pause: func(context.Context, time.Duration) {},
	}
}

// ExternalURL is where browsers reach a node, and the one origin they may be sent back to is LoginOrigin.
const (
	ExternalURL = "https://signet.example.com"
	LoginOrigin = "https://login.example.com"
)

// federate sets up what talks to identity providers. Those of tests are on this machine and live in its own time.
func (n *Node) federate(t testing.TB, rt command.Runtime) {
	t.Helper()
	providers, err := provider.NewExecutor(rt)
	must(t, err)
	n.Providers = provider.New(provider.Dependencies{
		Runtime: rt, Providers: providers, Organizations: n.Homes, ExternalURL: ExternalURL,
		Federation: federation.New(federation.Options{
			Now: time.Now, Random: rand.Reader, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		}),
	})
	n.IntentStates, err = intent.NewExecutor(rt)
	must(t, err)
	redirects, err := intent.NewRedirects(LoginOrigin)
	must(t, err)
	n.Intents = intent.New(intent.Dependencies{
		Runtime: rt, Intents: n.IntentStates, Providers: n.Providers, Redirects: redirects, Tenant: Tenant,
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Admin returns a caller that may do everything.
func Admin() *permission.Caller {
	return Caller(instance.AdminID, permission.Membership{Roles: []string{permission.InstanceOwner}})
}

// Caller returns a caller of the default organization.
func Caller(id string, memberships ...permission.Membership) *permission.Caller {
	who := permission.Identity{Tenant: Tenant, UserID: id, Organization: instance.DefaultOrganization}
	return permission.NewCaller(who, memberships...)
}

// Given appends events to a user's stream as history would have left them: no rule is asked.
func (n *Node) Given(t testing.TB, userID string, events ...proto.Message) []uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	_, _, err := n.UserStates.Execute(t.Context(), command.Call[user.State]{
		Tenant: n.Tenant, ID: userID, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
			d := command.Decision{Owner: instance.DefaultOrganization, Subject: userID}
			ids = ids[:0]
			for _, e := range events {
				id := n.Runtime.NewID()
				ids = append(ids, id)
				d.Add(id, e)
			}
			return d, nil
		},
	})
	must(t, err)
	return ids
}

// Recorded returns what the log holds of a user, from some version on, with everything sealed opened.
func (n *Node) Recorded(t testing.TB, userID string, after uint64) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), n.Stream(userID), after)
	must(t, err)
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	must(t, err)
	var out []proto.Message
	for i, m := range messages {
		must(t, faults[i])
		out = append(out, m.Proto)
	}
	return out
}

// Stream returns the id of a user's stream.
func (n *Node) Stream(userID string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: n.Tenant, Kind: user.Kind, ID: userID}
}

// Types returns the type names of events, in order.
func Types(messages []proto.Message) []string {
	return slices.Collect(func(yield func(string) bool) {
		for _, m := range messages {
			if !yield(codec.Type(m)) {
				return
			}
		}
	})
}

// KeepDigestKey stores a tenant's digest key.
func (n *Node) KeepDigestKey(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
	return n.Store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
}

// Version returns how many events a user's stream has.
func (n *Node) Version(t testing.TB, userID string) uint64 {
	t.Helper()
	head, err := n.Store.StreamHead(t.Context(), n.Stream(userID))
	must(t, err)
	return head.Version
}
