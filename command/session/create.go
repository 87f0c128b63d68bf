package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Agent is the program through which a person signs in.
type Agent struct {
	FingerprintID, IP, Description string
	Headers                        map[string][]string
}

// Create begins a session.
type Create struct {
	Checks     Checks
	Challenges Challenges
	Metadata   map[string][]byte
	Agent      Agent
	Lifetime   time.Duration // zero: as the service says
}

// Changed is the answer of Create and Set.
type Changed struct {
	Receipt    command.Receipt
	ID         string
	Token      string // the new session token, shown once
	Challenged Challenged
}

// Create begins a session with the checks it is given: all of them pass, or nothing is recorded in the session.
func (s *Service) Create(ctx context.Context, caller *permission.Caller, req Create) (Changed, error) {
	g, err := s.guard(ctx, opCreate, caller, "")
	if err != nil {
		return Changed{}, err
	}
	added, err := s.checkCreate(&req)
	if err != nil {
		return Changed{}, err
	}
	t := &trial{caller: caller, id: s.rt.NewID().String(), on: new(State), checks: &req.Checks, challenges: &req.Challenges}
	if t.person, err = s.about(ctx, caller.Tenant, t.checks, t.on); err != nil {
		return Changed{}, err
	}
	if err := mayCreate(g, t); err != nil {
		return Changed{}, err
	}
	out := Changed{ID: t.id}
	checked, challenged, err := s.examine(ctx, t)
	if err != nil {
		return Changed{}, err
	}
	out.Challenged = challenged
	token, err := s.newToken(ctx, caller.Tenant, t.id)
	if err != nil {
		return Changed{}, err
	}
	out.Token = token.token
	added.CreatorId = caller.UserID
	events := append([]proto.Message{added}, checked...)
	events = append(events, metadataEvents(req.Metadata, nil)...)
	events = append(events, &eventv1.SessionTokenSet{Digest: token.digest})
	out.Receipt, err = s.add(ctx, command.CallBy[State](caller, t.id), t.person.state.Organization, events)
	if err != nil {
		return Changed{}, err
	}
	return out, nil
}

// checkCreate validates a request and returns the first event of its session.
func (s *Service) checkCreate(req *Create) (*eventv1.SessionAdded, error) {
	if err := checkMetadata(req.Metadata); err != nil {
		return nil, err
	}
	if err := req.Challenges.check(); err != nil {
		return nil, err
	}
	if err := s.checkLifetime(req.Lifetime); err != nil {
		return nil, err
	}
	agent, err := req.Agent.event()
	if err != nil {
		return nil, err
	}
	return &eventv1.SessionAdded{Agent: agent, ExpiresAt: s.expiry(cmp.Or(req.Lifetime, s.life.Session))}, nil
}

// mayCreate refuses callers who may not begin a session about this person. By a name alone users may not even begin one about
// themselves: it would be a session token for nothing.
func mayCreate(g guard, t *trial) error {
	if g.user && t.person.named && g.caller.Is(t.person.id) && t.checks.proofs() {
		return nil
	}
	if g.needs == "" {
		return permission.ErrDenied
	}
	organization := t.person.state.Organization
	if !t.person.named {
		organization = g.caller.Organization
	}
	return g.caller.Check(g.needs, organization)
}

// metadataEvents returns what changes entries, in the order of their keys. An empty value removes its key.
func metadataEvents(entries map[string][]byte, have map[string]struct{}) []proto.Message {
	var events []proto.Message
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		_, known := have[key]
		switch value := entries[key]; {
		case len(value) > 0:
			events = append(events, &eventv1.SessionMetadataSet{Key: key, Value: value})
		case known:
			events = append(events, &eventv1.SessionMetadataRemoved{Key: key})
		}
	}
	return events
}
