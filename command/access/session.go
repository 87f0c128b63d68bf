package access

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
)

// lookSession finds the session that a session token names.
func (a *Authenticator) lookSession(ctx context.Context, d digest, token string) (*answer, error) {
	id, ok := session.TokenSession(token)
	if !ok {
		return nil, ErrUnauthenticated
	}
	found := a.newAnswer()
	held, err := a.session(ctx, found, id)
	if err != nil {
		return nil, err
	}
	if !held.HasToken(d.sum[:]) {
		return nil, ErrUnauthenticated
	}
	return found, a.speakFor(ctx, found, permission.Identity{Session: id}, held)
}

// lookSigned finds the session of an access token.
func (a *Authenticator) lookSigned(ctx context.Context, token string) (*answer, error) {
	claims, err := a.tokens.Verify(ctx, token)
	if errors.Is(err, accesstoken.ErrInvalid) {
		return nil, ErrUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	found := a.newAnswer()
	found.limit(claims.ExpiresAt)
	held, err := a.session(ctx, found, claims.SessionID)
	if err != nil {
		return nil, err
	}
	if held.UserID != claims.UserID {
		return nil, ErrUnauthenticated
	}
	return found, a.speakFor(ctx, found, permission.Identity{Session: claims.SessionID, Brief: true}, held)
}

// session loads a session on which an answer depends from here on.
func (a *Authenticator) session(ctx context.Context, found *answer, id string) (*session.State, error) {
	found.on = append(found.on, a.cache.now(stream{session.Kind, id}))
	snap, err := a.sessions.Load(ctx, a.tenant, id)
	if err != nil {
		return nil, err
	}
	return &snap.State, nil
}

// speakFor completes an answer with the user of a session, if the session speaks for it.
func (a *Authenticator) speakFor(ctx context.Context, found *answer, who permission.Identity, held *session.State) error {
	if held.UserID == "" {
		return ErrUnauthenticated
	}
	holder, err := a.user(ctx, found, held.UserID)
	if err != nil {
		return err
	}
	now := a.rt.Now()
	if !held.Good(holder, now) {
		return ErrUnauthenticated
	}
	found.factors = held.Factors
	found.limit(held.ExpiresAt)
	if token, ok := holder.TokenByID(held.TokenID, now); ok {
		found.limit(token.ExpiresAt)
	}
	who.UserID = held.UserID
	return a.introduce(ctx, found, who, holder)
}

// enough refuses the sessions of people who have proven less than the policy of their organization asks for. Policies are not waited
// for to change the answers in the cache: they are asked each time, and know by themselves when they are old.
func (a *Authenticator) enough(ctx context.Context, found *answer) error {
	if found.factors == 0 {
		return nil // it stands on no session
	}
	login, err := a.policies.Login(ctx, a.tenant, found.caller.Organization)
	if err != nil {
		return err
	}
	if !found.factors.Enough(login.Policy) {
		return ErrUnauthenticated
	}
	return nil
}
