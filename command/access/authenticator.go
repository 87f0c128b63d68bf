package access

import (
	"context"
	"fmt"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// ErrUnauthenticated is the refusal of every token that is not good.
var ErrUnauthenticated = failure.New(failure.Unauthenticated, "TOKEN_INVALID", "the token is invalid")

// Dependencies of an Authenticator. All fields are needed.
type Dependencies struct {
	Runtime   command.Runtime
	Users     *command.Executor[user.State]
	Instances *command.Executor[instance.State]
	Tenant    string // whose tokens are taken
}

// Authenticator finds callers by their tokens. It is safe for concurrent use.
type Authenticator struct {
	rt        command.Runtime
	users     *command.Executor[user.State]
	instances *command.Executor[instance.State]
	tenant    string
	cache     *cache
}

// New returns an authenticator with an empty cache.
func New(d Dependencies) *Authenticator {
	return &Authenticator{rt: d.Runtime, users: d.Users, instances: d.Instances, tenant: d.Tenant, cache: newCache()}
}

// Authenticate returns the caller behind a token.
func (a *Authenticator) Authenticate(ctx context.Context, token string) (*permission.Caller, error) {
	if !bearer.WellFormed(token) {
		return nil, ErrUnauthenticated
	}
	claim, err := user.TokenClaim(ctx, a.rt.Vault, a.tenant, token)
	if err != nil {
		return nil, command.Refusal(err)
	}
	now := a.rt.Now()
	if found, ok := a.cache.get(claim.Digest); ok && found.good(now) {
		return found.caller, nil
	}
	return a.look(ctx, claim, now)
}

// look finds a token in the log.
func (a *Authenticator) look(ctx context.Context, claim eventstore.Claim, now time.Time) (*permission.Caller, error) {
	stream, ok, err := a.rt.Store.ClaimHolder(ctx, a.tenant, claim)
	if err != nil {
		return nil, command.Refusal(fmt.Errorf("access: look for a token: %w", err))
	}
	if !ok || stream.Kind != user.Kind {
		return nil, ErrUnauthenticated
	}
	seen := a.cache.generation(stream.ID)
	holder, err := a.users.Load(ctx, a.tenant, stream.ID)
	if err != nil {
		return nil, err
	}
	state := &holder.State
	token, ok := state.Token(claim.Digest, now)
	if !ok || state.Lifecycle != user.Active {
		return nil, ErrUnauthenticated
	}
	tenant, err := a.instances.Load(ctx, a.tenant, a.tenant)
	if err != nil {
		return nil, err
	}
	found := &answer{
		userID:  stream.ID,
		until:   now.Add(maxAge),
		expires: token.ExpiresAt,
		caller: permission.NewCaller(
			permission.Identity{Tenant: a.tenant, UserID: stream.ID, Organization: state.Organization},
			permission.Membership{Roles: tenant.State.Roles(stream.ID, state.Added)},
		),
	}
	a.cache.put(claim.Digest, found, seen)
	return found.caller, nil
}

// Observe forgets what events may have changed. It is quick, and an observer of the store (eventstore.Options.Observers).
func (a *Authenticator) Observe(events []eventstore.Event) {
	for i := range events {
		a.forget(&events[i].Stream)
	}
}

func (a *Authenticator) forget(changed *eventstore.StreamID) {
	switch {
	case changed.Tenant != a.tenant:
	case changed.Kind == user.Kind:
		a.cache.forget(changed.ID)
	case changed.Kind == instance.Kind:
		a.cache.forgetAll()
	}
}

const followPause = time.Second // after a failed read

// Follow observes the events that other nodes append, until ctx ends. Without it their revocations count after a minute.
func (a *Authenticator) Follow(ctx context.Context) error {
	position := a.rt.Store.HighWater()
	a.cache.forgetAll()
	for {
		next, err := a.follow(ctx, position)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			position = next
			continue
		}
		// What happened meanwhile is unknown until the log can be read again.
		a.cache.forgetAll()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followPause):
		}
	}
}

func (a *Authenticator) follow(ctx context.Context, after eventstore.Position) (eventstore.Position, error) {
	upTo, err := a.rt.Store.AwaitHighWater(ctx, after)
	if err != nil {
		return after, err
	}
	changed, err := a.rt.Store.ChangedStreams(ctx, eventstore.Batch{After: after, UpTo: upTo, Kinds: []string{user.Kind, instance.Kind}})
	if err != nil {
		return after, err
	}
	for i := range changed {
		a.forget(&changed[i])
	}
	return upTo, nil
}
