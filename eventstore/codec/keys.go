package codec

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// owner is a subject of a tenant.
type owner struct{ tenant, subject string }

func ownerOf(ev *eventstore.Event) owner { return owner{ev.Stream.Tenant, ev.Subject} }

// keys are the data keys of one batch. An erased subject has the zero Key.
type keys struct {
	vault   *vault.Vault
	byOwner map[owner]vault.Key
	renewed map[owner]bool
}

// keysOf reads the keys of the events that need one, in one statement per tenant.
func keysOf(ctx context.Context, v *vault.Vault, events []eventstore.Event, needs func(*eventstore.Event) bool) (*keys, error) {
	k := &keys{vault: v, byOwner: make(map[owner]vault.Key)}
	subjects := make(map[string][]string)
	for i := range events {
		if !needs(&events[i]) {
			continue
		}
		o := ownerOf(&events[i])
		if _, listed := k.byOwner[o]; !listed {
			k.byOwner[o] = vault.Key{}
			subjects[o.tenant] = append(subjects[o.tenant], o.subject)
		}
	}
	for tenant, list := range subjects {
		found, err := v.Keys(ctx, tenant, list)
		if err != nil {
			return nil, fmt.Errorf("codec: %w", err)
		}
		for subject, key := range found {
			k.byOwner[owner{tenant, subject}] = key
		}
	}
	return k, nil
}

// open appends what is sealed to dst. vault.ErrErased when the key it was sealed with is gone.
func (k *keys) open(ctx context.Context, o owner, dst []byte, s sealed) ([]byte, error) {
	key := k.byOwner[o]
	opened, err := key.AppendOpen(dst, s.binding, s.value)
	if key.IsZero() || !errors.Is(err, vault.ErrErased) || k.renewed[o] {
		return opened, err
	}
	// Sealed under another key of this subject: an earlier one, which was erased, or a later one, when ours comes from
	// a cache that missed the erasure. The stored key decides.
	if err := k.renew(ctx, o); err != nil {
		return nil, err
	}
	return k.byOwner[o].AppendOpen(dst, s.binding, s.value)
}

func (k *keys) renew(ctx context.Context, o owner) error {
	k.vault.Forget(o.tenant, o.subject)
	found, err := k.vault.Keys(ctx, o.tenant, []string{o.subject})
	if err != nil {
		return fmt.Errorf("codec: %w", err)
	}
	k.byOwner[o] = found[o.subject]
	if k.renewed == nil {
		k.renewed = make(map[owner]bool)
	}
	k.renewed[o] = true
	return nil
}

// sealed is a sealed value and what it is bound to.
type sealed struct{ binding, value []byte }
