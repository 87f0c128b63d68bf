package accesstoken

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	// Overlap is how long a key is published before it signs. Whoever caches the key set must look again sooner.
	Overlap = 10 * time.Minute

	skew = 5 * time.Minute // that clocks of nodes may differ by when a key is removed

	lookPace = time.Second // after a failure
	lookLong = time.Hour   // between looks at the clock: it may have been set
	loadTime = 5 * time.Second
)

// Rotate does what is due, and returns when something will be next: it adds the first key, adds the next so early that it is
// known when its time comes, and removes those whose tokens have expired. Afterwards Issue and Verify use what the log has.
func (s *Service) Rotate(ctx context.Context) (time.Time, error) {
	if err := s.enter(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.leave()
	return s.rotate(ctx)
}

// rotate is Rotate for who has the turn.
func (s *Service) rotate(ctx context.Context) (time.Time, error) {
	var pair *keyPair // of this call, however often it decides
	receipt, state, err := s.states.Execute(ctx, command.Call[State]{
		Tenant: s.tenant, ID: s.tenant, Actor: permission.SystemID,
		Decide: func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
			return s.decide(&snap.State, &pair)
		},
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("accesstoken: rotate: %w", err)
	}
	ring, err := s.adopt(state, receipt.Version)
	if err != nil {
		return time.Time{}, err
	}
	return ring.due, nil
}

func (s *Service) decide(state *State, pair **keyPair) (command.Decision, error) {
	d := command.Decision{Subject: subject}
	now := s.rt.Now()
	for i := range state.Keys {
		if end, ends := s.end(state, i); ends && !now.Before(end) {
			d.Add(s.rt.NewID(), &eventv1.SigningKeyRemoved{KeyId: state.Keys[i].ID})
		}
	}
	if now.Before(s.next(state)) {
		return d, nil
	}
	if *pair == nil {
		made, err := newKeyPair(s.rt.NewID().String())
		if err != nil {
			return d, err
		}
		*pair = made
	}
	from := now
	if len(state.Keys) > 0 {
		from = now.Add(Overlap)
	}
	d.Add(s.rt.NewID(), &eventv1.SigningKeyAdded{
		KeyId: (*pair).id, Algorithm: algorithm.String(), PublicKey: (*pair).public, PrivateKey: (*pair).private,
		ActiveFrom: timestamppb.New(from),
	})
	return d, nil
}

// next is when the next key is to be added.
func (s *Service) next(state *State) time.Time {
	if len(state.Keys) == 0 {
		return time.Time{}
	}
	return state.Keys[len(state.Keys)-1].ActiveFrom.Add(s.rotation - Overlap)
}

// end is when a key is to be removed: what it signed last has expired. The newest key has none.
func (s *Service) end(state *State, i int) (time.Time, bool) {
	if i+1 >= len(state.Keys) {
		return time.Time{}, false
	}
	return state.Keys[i+1].ActiveFrom.Add(max(s.life, LongestTicket) + skew), true
}

// due is when keys are to be added or removed.
func (s *Service) due(state *State) time.Time {
	due := s.next(state)
	for i := range state.Keys {
		if end, ends := s.end(state, i); ends && end.Before(due) {
			due = end
		}
	}
	return due
}

// keyPair is a key about to be added.
type keyPair struct {
	id              string
	public, private []byte
}

func newKeyPair(id string) (*keyPair, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("accesstoken: make a key: %w", err)
	}
	pair := &keyPair{id: id}
	if pair.private, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		return nil, fmt.Errorf("accesstoken: encode a private key: %w", err)
	}
	if pair.public, err = x509.MarshalPKIXPublicKey(&private.PublicKey); err != nil {
		return nil, fmt.Errorf("accesstoken: encode a public key: %w", err)
	}
	return pair, nil
}

// Maintain makes the first key, rotates keys and drops old ones, and takes over what Changed tells of, until ctx ends.
func (s *Service) Maintain(ctx context.Context) error {
	for {
		due, err := s.Rotate(ctx)
		wait := lookPace
		if err == nil {
			wait = min(due.Sub(s.rt.Now()), lookLong)
		}
		if err := s.await(ctx, wait); err != nil {
			return err
		}
	}
}

// await returns when the keys may have changed or the time is over.
func (s *Service) await(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-s.news:
	}
	return nil
}

// Changed has Maintain look at the keys again if their stream is among these.
func (s *Service) Changed(streams []eventstore.StreamID) {
	if slices.Contains(streams, eventstore.StreamID{Tenant: s.tenant, Kind: Kind, ID: s.tenant}) {
		s.Lost()
	}
}

// Lost has Maintain look at the keys again: what other nodes did is unknown.
func (s *Service) Lost() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}
