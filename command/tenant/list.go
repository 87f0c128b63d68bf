package tenant

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// Tenant is a tenant as operators see it.
type Tenant struct {
	Name string
	State
	Since time.Time // of its last change; zero for a Default that nobody touched
}

// Exists reports whether the tenant is there.
func (t *Tenant) Exists() bool { return there(t.Name, &t.State) }

const listedAtOnce = 1000 // events in one read

// List returns all tenants in the order of their names, removed ones among them.
func (s *Service) List(ctx context.Context) ([]Tenant, error) {
	states := map[string]*Tenant{Default: {Name: Default}}
	for after := eventstore.Position(0); ; {
		events, err := s.rt.Store.ReadLog(ctx, eventstore.LogQuery{Tenant: Installation, StreamKind: Kind, After: after, Limit: listedAtOnce})
		if err != nil {
			return nil, fmt.Errorf("tenant: list: %w", err)
		}
		if err := s.foldAll(ctx, states, events); err != nil {
			return nil, err
		}
		if len(events) < listedAtOnce {
			break
		}
		after = events[len(events)-1].Position
	}
	tenants := make([]Tenant, 0, len(states))
	for _, t := range states {
		tenants = append(tenants, *t)
	}
	slices.SortFunc(tenants, func(a, b Tenant) int { return strings.Compare(a.Name, b.Name) })
	return tenants, nil
}

// foldAll takes events into the states of their tenants.
func (s *Service) foldAll(ctx context.Context, states map[string]*Tenant, events []eventstore.Event) error {
	messages, faults, err := s.rt.Codec.DecodeAll(ctx, events, codec.Open)
	if err != nil {
		return fmt.Errorf("tenant: list: %w", err)
	}
	for i := range events {
		e := &events[i]
		if faults[i] != nil {
			return fmt.Errorf("tenant: list: %s, version %d: %w", e.Type, e.Version, faults[i])
		}
		t := states[e.Stream.ID]
		if t == nil {
			t = &Tenant{Name: e.Stream.ID}
			states[t.Name] = t
		}
		t.State, t.Since = fold(t.State, messages[i].Proto, command.Recorded{}), e.RecordedAt
	}
	return nil
}

// Hosts tells which tenant a host name leads to. It does not change.
type Hosts struct {
	holders map[string]string // of those that are there
	orphans map[string]bool   // host names of removed tenants that nobody took since
}

// NewHosts returns the host names of these tenants.
func NewHosts(tenants []Tenant) *Hosts {
	h := &Hosts{holders: make(map[string]string), orphans: make(map[string]bool)}
	for i := range tenants {
		for _, host := range tenants[i].Hosts {
			if tenants[i].Exists() {
				h.holders[host] = tenants[i].Name
			} else {
				h.orphans[host] = true
			}
		}
	}
	return h
}

// Tenant returns the tenant that answers to a host, as a request names it: Default where nobody holds the name, and ErrNotFound for a
// name whose last holder was removed. Clients of a tenant that is gone must not find themselves with another.
func (h *Hosts) Tenant(host string) (string, error) {
	host = ParseHost(host)
	if name, held := h.holders[host]; held {
		return name, nil
	}
	if h.orphans[host] {
		return "", ErrNotFound
	}
	return Default, nil
}
