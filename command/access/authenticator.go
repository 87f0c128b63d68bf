package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// ErrUnauthenticated is the refusal of every token that is not good.
var ErrUnauthenticated = failure.New(failure.Unauthenticated, "TOKEN_INVALID", "the token is invalid")

// Uses takes down when personal access tokens are used. It is called on the way of each request and must not block.
type Uses interface {
	Note(tenant, tokenID string)
}

// Dependencies of an Authenticator. All fields but Uses are needed.
type Dependencies struct {
	Runtime       command.Runtime
	Users         *command.Executor[user.State]
	Sessions      *command.Executor[session.State]
	Instances     *command.Executor[instance.State]
	Tokens        *accesstoken.Service
	Policies      session.Policies
	Members       *command.Executor[member.State]
	Organizations *organization.Directory
	Projects      *project.Directory
	Uses          Uses
	Tenant        string // whose tokens are taken
}

// Authenticator finds callers by their tokens. It is safe for concurrent use.
type Authenticator struct {
	rt            command.Runtime
	users         *command.Executor[user.State]
	sessions      *command.Executor[session.State]
	instances     *command.Executor[instance.State]
	tokens        *accesstoken.Service
	policies      session.Policies
	members       *command.Executor[member.State]
	organizations *organization.Directory
	projects      *project.Directory
	uses          Uses
	tenant        string
	cache         *cache
}

// New returns an authenticator with an empty cache.
func New(d Dependencies) *Authenticator {
	return &Authenticator{
		rt: d.Runtime, users: d.Users, sessions: d.Sessions, instances: d.Instances, tokens: d.Tokens, uses: d.Uses, tenant: d.Tenant,
		policies: d.Policies, members: d.Members, organizations: d.Organizations, projects: d.Projects, cache: newCache(),
	}
}

// Authenticate returns the caller behind a token: a personal access token, the token of a session, or an access token.
func (a *Authenticator) Authenticate(ctx context.Context, token string) (*permission.Caller, error) {
	d, err := a.digest(ctx, token)
	if err != nil {
		return nil, err
	}
	now := a.rt.Now()
	found, ok := a.cache.get(d)
	if !ok || !found.good(now) {
		if found, err = a.look(ctx, d, token); err != nil {
			return nil, err
		}
		a.cache.put(d, found)
	}
	if err := a.enough(ctx, found); err != nil {
		return nil, err
	}
	a.used(found.caller)
	return found.caller, nil
}

func (a *Authenticator) used(by *permission.Caller) {
	if a.uses != nil && by.TokenID != "" {
		a.uses.Note(by.Tenant, by.TokenID)
	}
}

// digest tells the kind of a token by its form, and what it is cached by.
func (a *Authenticator) digest(ctx context.Context, token string) (d digest, err error) {
	var keyed []byte
	switch {
	case len(token) > accesstoken.MaxLength:
		return d, ErrUnauthenticated
	case bearer.WellFormed(token):
		d.kind = personalToken
		var claim eventstore.Claim
		claim, err = user.TokenClaim(ctx, a.rt.Vault, a.tenant, token)
		keyed = claim.Digest
	case strings.HasPrefix(token, session.TokenPrefix):
		d.kind = sessionToken
		keyed, err = session.TokenDigest(ctx, a.rt.Vault, a.tenant, token)
	case strings.Count(token, ".") == 2:
		d.kind = signedToken
		d.sum = sha256.Sum256([]byte(token))
		return d, nil
	default:
		return d, ErrUnauthenticated
	}
	copy(d.sum[:], keyed)
	return d, command.Refusal(err)
}

// look finds out who a token belongs to.
func (a *Authenticator) look(ctx context.Context, d digest, token string) (*answer, error) {
	switch d.kind {
	case personalToken:
		return a.lookPersonal(ctx, token)
	case sessionToken:
		return a.lookSession(ctx, d, token)
	case signedToken:
		return a.lookSigned(ctx, token)
	}
	return nil, ErrUnauthenticated
}

// lookPersonal finds a personal access token by its claim.
func (a *Authenticator) lookPersonal(ctx context.Context, value string) (*answer, error) {
	claim, err := user.TokenClaim(ctx, a.rt.Vault, a.tenant, value)
	if err != nil {
		return nil, command.Refusal(err)
	}
	held, ok, err := a.rt.Store.ClaimHolder(ctx, a.tenant, claim)
	if err != nil {
		return nil, command.Refusal(fmt.Errorf("access: look for a token: %w", err))
	}
	if !ok || held.Kind != user.Kind {
		return nil, ErrUnauthenticated
	}
	found := a.newAnswer()
	holder, err := a.user(ctx, found, held.ID)
	if err != nil {
		return nil, err
	}
	token, ok := holder.Token(claim.Digest, a.rt.Now())
	if !ok || !holder.CanSignIn() {
		return nil, ErrUnauthenticated
	}
	found.limit(token.ExpiresAt)
	return found, a.introduce(ctx, found, permission.Identity{UserID: held.ID, TokenID: token.ID}, holder)
}

func (a *Authenticator) newAnswer() *answer {
	return &answer{until: a.rt.Now().Add(maxAge)}
}

// limit makes the answer end no later than something it stands on; zero is never.
func (a *answer) limit(end time.Time) {
	if !end.IsZero() && (a.expires.IsZero() || end.Before(a.expires)) {
		a.expires = end
	}
}

// user loads a user on which an answer depends from here on.
func (a *Authenticator) user(ctx context.Context, found *answer, id string) (*user.State, error) {
	found.on = append(found.on, a.cache.now(stream{user.Kind, id}))
	snap, err := a.users.Load(ctx, a.tenant, id)
	if err != nil {
		return nil, err
	}
	return &snap.State, nil
}
