package session

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/user"
)

// Proof is what a direct sign-in has proven.
type Proof uint8

// The proofs.
const (
	ByPassword Proof = iota + 1
	BySecret
	ByToken // a personal access token
)

// Begin describes the session of somebody who has just proven to be a user.
type Begin struct {
	Tenant       string
	UserID       string
	Organization string
	UserVersion  uint64 // on which the proof was judged
	Proof        Proof
	TokenID      string // with ByToken
	SessionToken bool   // make a session token too
}

// proven returns the event of the proof.
func (b *Begin) proven() (proto.Message, error) {
	switch b.Proof {
	case ByPassword:
		return &eventv1.SessionPasswordChecked{UserVersion: b.UserVersion}, nil
	case BySecret:
		return &eventv1.SessionSecretChecked{UserVersion: b.UserVersion}, nil
	case ByToken:
		return &eventv1.SessionTokenChecked{UserVersion: b.UserVersion, TokenId: b.TokenID}, nil
	}
	return nil, fmt.Errorf("session: proof %d is none", b.Proof)
}

// Begun is a session with its tokens, shown once.
type Begun struct {
	Receipt      command.Receipt
	ID           string
	RefreshToken string
	SessionToken string // if it was asked for
}

// Begin begins a session for a sign-in that was judged elsewhere (package signin). Nothing from outside may reach it without
// such a judgement. It refuses with user.ErrCannotSignIn while the user's organization is not active.
func (s *Service) Begin(ctx context.Context, b Begin) (Begun, error) {
	proven, err := b.proven()
	if err != nil {
		return Begun{}, err
	}
	active, err := s.organizations.Active(ctx, b.Tenant, b.Organization)
	if err != nil {
		return Begun{}, err
	}
	if !active {
		return Begun{}, user.ErrCannotSignIn
	}
	out := Begun{ID: s.rt.NewID().String()}
	expires := s.expiry(s.life.Session)
	first, refresh, err := s.refreshed(ctx, b.Tenant, out.ID, &State{ExpiresAt: expires.AsTime()})
	if err != nil {
		return Begun{}, err
	}
	agent, err := agentOf(ctx).event()
	if err != nil {
		return Begun{}, err
	}
	events := []proto.Message{
		&eventv1.SessionAdded{Agent: agent, ExpiresAt: expires},
		&eventv1.SessionUserChecked{UserId: b.UserID, OrganizationId: b.Organization, UserVersion: b.UserVersion},
		proven, first,
	}
	out.RefreshToken = refresh
	if b.SessionToken {
		token, err := s.newToken(ctx, b.Tenant, out.ID)
		if err != nil {
			return Begun{}, err
		}
		out.SessionToken = token.token
		events = append(events, &eventv1.SessionTokenSet{Digest: token.digest})
	}
	out.Receipt, err = s.add(ctx, command.Call[State]{Tenant: b.Tenant, ID: out.ID, Actor: b.UserID}, b.Organization, events)
	if err != nil {
		return Begun{}, err
	}
	return out, nil
}

// agentOf is what the request says of the program. An address that many people share says nothing of one.
func agentOf(ctx context.Context) *Agent {
	from := command.OriginOf(ctx)
	if from.Trusted {
		from.Address = ""
	}
	return &Agent{IP: from.Address, Description: from.Agent}
}

// add records the first events of a session.
func (s *Service) add(ctx context.Context, call command.Call[State], owner string, events []proto.Message) (command.Receipt, error) {
	call.Fresh = true
	call.Decide = func(context.Context, *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: owner, Subject: subject(call.ID)}
		s.record(&d, events...)
		return d, nil
	}
	receipt, _, err := s.sessions.Execute(ctx, call)
	return receipt, err
}

// refreshed makes the next refresh token. It never outlives its session.
func (s *Service) refreshed(ctx context.Context, tenant, id string, state *State) (proto.Message, string, error) {
	generation := state.Refresh.Generation + 1
	next, err := s.newRefreshToken(ctx, tenant, id, generation)
	if err != nil {
		return nil, "", err
	}
	expires := s.expiry(s.life.Refresh)
	if end := state.ExpiresAt; !end.IsZero() && end.Before(expires.AsTime()) {
		expires = timestamppb.New(end.Truncate(time.Microsecond))
	}
	return &eventv1.SessionRefreshed{Generation: generation, Digest: next.digest, ExpiresAt: expires}, next.token, nil
}
