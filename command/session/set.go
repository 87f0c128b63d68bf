package session

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Set changes a session.
type Set struct {
	ID         string
	Token      string // the session's; may be empty for callers with the permission
	Checks     Checks
	Challenges Challenges
	Metadata   map[string][]byte // an empty value removes its key
	Lifetime   time.Duration     // zero: as it is
}

func (s *Service) checkSet(req *Set) error {
	if err := checkMetadata(req.Metadata); err != nil {
		return err
	}
	if err := req.Challenges.check(); err != nil {
		return err
	}
	return s.checkLifetime(req.Lifetime)
}

// Set runs further checks. A change of the session that came first while they ran counts: it may have voided the token, the
// challenge, or the session.
func (s *Service) Set(ctx context.Context, caller *permission.Caller, req Set) (Changed, error) {
	g, err := s.guard(ctx, opSet, caller, req.Token)
	if err != nil {
		return Changed{}, err
	}
	if err := s.checkSet(&req); err != nil {
		return Changed{}, err
	}
	snap, err := s.sessions.Load(ctx, caller.Tenant, req.ID)
	if err != nil {
		return Changed{}, err
	}
	t := &trial{caller: caller, id: req.ID, on: &snap.State, checks: &req.Checks, challenges: &req.Challenges}
	if err := s.admit(ctx, g, t); err != nil {
		return Changed{}, err
	}
	out := Changed{ID: req.ID}
	events, challenged, err := s.examine(ctx, t)
	if err != nil {
		return Changed{}, err
	}
	out.Challenged = challenged
	token, err := s.newToken(ctx, caller.Tenant, req.ID)
	if err != nil {
		return Changed{}, err
	}
	out.Token = token.token
	call := command.CallBy[State](caller, req.ID)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Subject: subject(req.ID)}
		if err := s.unchanged(g, t, &snap.State); err != nil {
			return d, err
		}
		s.record(&d, events...)
		return d, s.settle(&d, &req, &snap.State, token)
	}
	if out.Receipt, _, err = s.sessions.Execute(ctx, call); err != nil {
		return Changed{}, err
	}
	return out, nil
}

// admit refuses callers who may not change the session, then sessions that are over, and finds out whom the checks are about.
func (s *Service) admit(ctx context.Context, g guard, t *trial) (err error) {
	if err := s.check(ctx, g, t.on); err != nil {
		return err
	}
	now := s.rt.Now()
	if !t.on.running(now) {
		return ErrNotFound
	}
	if t.person, err = s.about(ctx, g.caller.Tenant, t.checks, t.on); err != nil {
		return err
	}
	if t.on.UserID == t.person.id && t.on.voided(&t.person.state, now) {
		return ErrNotFound
	}
	return nil
}

// unchanged refuses to record a trial in a session that is no longer what it was held on.
func (s *Service) unchanged(g guard, t *trial, state *State) error {
	now := s.rt.Now()
	switch {
	case !g.caller.May(g.needs, state.Organization) && !state.HasToken(g.digest):
		return permission.ErrDenied
	case !state.running(now):
		return ErrNotFound
	case t.person.id == "" || state.UserID == "":
		return nil
	case state.UserID != t.person.id:
		return ErrOtherUser
	case state.voided(&t.person.state, now):
		return ErrNotFound
	case len(t.checks.WebAuthn) > 0 && string(state.Ceremony) != string(t.on.Ceremony):
		return ErrNoChallenge
	}
	return nil
}

// settle adds to a decision what a request changes besides checks and challenges.
func (s *Service) settle(d *command.Decision, req *Set, state *State, token made) error {
	after := len(state.Metadata)
	changes := metadataEvents(req.Metadata, state.Metadata)
	for _, e := range changes {
		after += grows(state, e)
	}
	if after > maxMetadata {
		return ErrMetadataSize
	}
	s.record(d, changes...)
	if req.Lifetime > 0 {
		s.record(d, &eventv1.SessionLifetimeSet{ExpiresAt: s.expiry(req.Lifetime)})
	}
	s.record(d, &eventv1.SessionTokenSet{Digest: token.digest})
	return nil
}

// grows returns by how many entries a change makes the metadata grow.
func grows(state *State, change proto.Message) int {
	switch e := change.(type) {
	case *eventv1.SessionMetadataRemoved:
		return -1
	case *eventv1.SessionMetadataSet:
		if _, known := state.Metadata[e.GetKey()]; !known {
			return 1
		}
	}
	return 0
}
