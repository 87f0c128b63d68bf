package accesstoken

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore/failure"
)

// ErrInvalid is the refusal of every token that is not good.
var ErrInvalid = failure.New(failure.Unauthenticated, "TOKEN_INVALID", "the token is invalid")

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime command.Runtime
	Keys    *command.Executor[State]
	Tenant  string
	Issuer  string        // the external URL of the installation
	Life    time.Duration // of an access token
	Rotate  time.Duration // a key signs for so long, at least twice Overlap
}

// Service issues and verifies tokens. It is safe for concurrent use.
type Service struct {
	rt       command.Runtime
	states   *command.Executor[State]
	tenant   string
	issuer   string
	life     time.Duration
	rotation time.Duration

	ring    atomic.Pointer[keyring] // nil until the keys were loaded
	turn    chan struct{}           // of who loads or rotates keys: they are the same for everybody
	reloads *rate.Limiter           // for keys that nobody here has seen
	news    chan struct{}           // has an element when other nodes may have changed the keys
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{
		rt: d.Runtime, states: d.Keys, tenant: d.Tenant, issuer: d.Issuer, life: d.Life, rotation: max(d.Rotate, 2*Overlap),
		turn: make(chan struct{}, 1), reloads: rate.NewLimiter(rate.Every(time.Second), 1),
		news: make(chan struct{}, 1),
	}
}

// KeySet returns the published keys as a JSON Web Key Set (RFC 7517, section 5). The bytes are shared: nobody may change them.
func (s *Service) KeySet(ctx context.Context) ([]byte, error) {
	ring, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return ring.set, nil
}

// current returns the keys to sign with; there is at least one.
func (s *Service) current(ctx context.Context) (*keyring, error) {
	if ring := s.fresh(); ring != nil {
		return ring, nil
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if ring := s.fresh(); ring != nil { // somebody else had the turn
		return ring, nil
	}
	_, err := s.rotate(ctx)
	ring := s.ring.Load()
	if err != nil && (ring == nil || len(ring.keys) == 0) {
		return nil, err
	}
	// A rotation that is late is no reason to keep people out.
	return ring, nil
}

// fresh returns the keys unless something is due.
func (s *Service) fresh() *keyring {
	if ring := s.ring.Load(); ring != nil && s.rt.Now().Before(ring.due) {
		return ring
	}
	return nil
}

// lookup returns a published key, nil if there is none of this id. It loads the keys for an id that is not known here: another
// node may have added it. Everybody can make such ids up, so that this happens at most once a second.
func (s *Service) lookup(ctx context.Context, id string) (*signingKey, error) {
	if ring := s.ring.Load(); ring != nil {
		if key := ring.find(id); key != nil {
			return key, nil
		}
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	ring := s.ring.Load()
	if ring != nil {
		if key := ring.find(id); key != nil || !s.reloads.AllowN(s.rt.Now(), 1) {
			return key, nil
		}
	}
	ring, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	return ring.find(id), nil
}

// load reads the keys. It goes on when the request ends for which it began: others may be waiting for them.
func (s *Service) load(ctx context.Context) (*keyring, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTime)
	defer cancel()
	snap, err := s.states.Load(ctx, s.tenant, s.tenant)
	if err != nil {
		return nil, err
	}
	return s.adopt(&snap.State, snap.Version)
}

// adopt makes a state the one in use. Who calls it has the turn.
func (s *Service) adopt(state *State, version uint64) (*keyring, error) {
	if ring := s.ring.Load(); ring != nil && ring.version == version {
		return ring, nil
	}
	ring, err := newKeyring(state, version)
	if err != nil {
		return nil, err
	}
	ring.due = s.due(state)
	s.ring.Store(ring)
	return ring, nil
}

func (s *Service) enter(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) leave() { <-s.turn }
