package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Service runs the commands on tenants. It is safe for concurrent use.
type Service struct {
	rt      command.Runtime
	tenants *command.Executor[State]
}

// New returns a service.
func New(rt command.Runtime, x *command.Executor[State]) *Service {
	return &Service{rt: rt, tenants: x}
}

// Add adds a tenant, to be found by host names. The first of them stands in its URLs. The tenant is empty: package instance sets
// it up.
func (s *Service) Add(ctx context.Context, name string, hosts []string) (command.Receipt, error) {
	if !ValidName(name) {
		return command.Receipt{}, ErrName
	}
	hosts, err := parseHosts(hosts)
	if err != nil {
		return command.Receipt{}, err
	}
	if name == Default {
		return command.Receipt{}, ErrExists
	}
	return s.execute(ctx, name, func(ctx context.Context, state *State, d *command.Decision) error {
		if state.Lifecycle != Absent {
			return ErrExists
		}
		d.Add(s.rt.NewID(), &eventv1.TenantAdded{Hosts: hosts})
		d.Claims, err = s.claims(ctx, hosts)
		return err
	})
}

// SetHosts replaces the host names of a tenant.
func (s *Service) SetHosts(ctx context.Context, name string, hosts []string) (command.Receipt, error) {
	hosts, err := parseHosts(hosts)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.execute(ctx, name, func(ctx context.Context, state *State, d *command.Decision) error {
		if !there(name, state) {
			return ErrNotFound
		}
		if slices.Equal(hosts, state.Hosts) {
			return nil
		}
		d.Add(s.rt.NewID(), &eventv1.TenantHostsSet{Hosts: hosts})
		if d.Claims, err = s.claims(ctx, without(hosts, state.Hosts)); err != nil {
			return err
		}
		d.Releases, err = s.claims(ctx, without(state.Hosts, hosts))
		return err
	})
}

// Remove ends a tenant. What it has stays in the log, out of reach; its host names are free for others.
func (s *Service) Remove(ctx context.Context, name string) (command.Receipt, error) {
	if name == Default {
		return command.Receipt{}, ErrDefault
	}
	return s.execute(ctx, name, func(ctx context.Context, state *State, d *command.Decision) (err error) {
		if !there(name, state) {
			return ErrNotFound
		}
		d.Add(s.rt.NewID(), &eventv1.TenantRemoved{})
		d.Releases, err = s.claims(ctx, state.Hosts)
		return err
	})
}

// Exists reports whether there is a tenant of this name.
func (s *Service) Exists(ctx context.Context, name string) (bool, error) {
	if !ValidName(name) {
		return false, nil
	}
	snap, err := s.tenants.Load(ctx, Installation, name)
	if err != nil {
		return false, fmt.Errorf("tenant: look up: %w", err)
	}
	return there(name, &snap.State), nil
}

// there reports whether there is a tenant of a name and state.
func there(name string, state *State) bool { return name == Default || state.Lifecycle == Active }

// execute runs a command on a tenant.
func (s *Service) execute(
	ctx context.Context, name string, decide func(context.Context, *State, *command.Decision) error,
) (command.Receipt, error) {
	if !ValidName(name) {
		return command.Receipt{}, ErrNotFound
	}
	if err := s.rt.Vault.EnsureDigestKey(ctx, Installation, s.keepDigestKey); err != nil {
		return command.Receipt{}, command.Refusal(fmt.Errorf("tenant: digest key: %w", err))
	}
	receipt, _, err := s.tenants.Execute(ctx, command.Call[State]{
		Tenant: Installation, ID: name, Actor: permission.SystemID,
		Decide: func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
			var d command.Decision
			err := decide(ctx, &snap.State, &d)
			return d, err
		},
	})
	if _, taken := errors.AsType[*eventstore.ClaimTakenError](err); taken {
		return receipt, ErrHostTaken.Because(err)
	}
	return receipt, err
}

func (s *Service) keepDigestKey(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
	return s.rt.Store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
}

// claimHost is the kind of the claims that tenants hold.
const claimHost = "host"

func (s *Service) claims(ctx context.Context, hosts []string) ([]eventstore.Claim, error) {
	claims := make([]eventstore.Claim, len(hosts))
	for i, host := range hosts {
		digest, err := s.rt.Vault.Digest(ctx, Installation, claimHost, host)
		if err != nil {
			return nil, fmt.Errorf("tenant: digest of a host name: %w", err)
		}
		claims[i] = eventstore.Claim{Kind: claimHost, Digest: digest}
	}
	return claims, nil
}

// without returns the hosts that are not among others.
func without(hosts, others []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool { return slices.Contains(others, host) })
}
