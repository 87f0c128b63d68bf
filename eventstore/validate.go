package eventstore

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

const (
	// MaxEvents bounds the events of one change, and its data keys.
	MaxEvents = 1000
	// MaxClaims bounds what one change takes, and what it releases.
	MaxClaims = 10_000
	// MaxPayload bounds each part of an event and every other sealed value, in bytes.
	MaxPayload = 1 << 20
	// MaxChange bounds all parts of a change together, in bytes.
	MaxChange = 16 << 20

	maxText      = 200 // bytes of a name, an id or a digest: all of them are indexed
	maxCorrelate = 1000
)

// validate refuses what could never be appended, above all what Postgres would refuse: that would end the transaction of the
// whole group.
func (c *Change) validate() error {
	if !named(c.Stream.Tenant) || !named(c.Stream.Kind) || !named(c.Stream.ID) {
		return fmt.Errorf("%w: tenant, kind and id of a stream are texts of 1 to %d bytes", ErrInvalidChange, maxText)
	}
	if len(c.Events) == 0 || len(c.Events) > MaxEvents {
		return fmt.Errorf("%w: a change has 1 to %d events", ErrInvalidChange, MaxEvents)
	}
	if max(len(c.Claims), len(c.Releases)) > MaxClaims || len(c.Keys) > MaxEvents {
		return fmt.Errorf("%w: a change has at most %d claims and %d data keys", ErrInvalidChange, MaxClaims, MaxEvents)
	}
	if !text(c.Owner, maxText) || !text(c.Metadata.Actor, maxText) || !text(c.Metadata.Correlate, maxCorrelate) {
		return fmt.Errorf("%w: owner and actor are texts of at most %d bytes, a request id of %d", ErrInvalidChange, maxText, maxCorrelate)
	}
	for i := range c.Events {
		if err := c.Events[i].validate(); err != nil {
			return err
		}
	}
	if err := c.validateClaims(); err != nil {
		return err
	}
	if err := c.validateSecrets(); err != nil {
		return err
	}
	if c.size() > MaxChange {
		return fmt.Errorf("%w: its parts have more than %d bytes together", ErrInvalidChange, MaxChange)
	}
	return nil
}

func (e *NewEvent) validate() error {
	if !named(e.Type) || e.ID == uuid.Nil || !text(e.Subject, maxText) {
		return fmt.Errorf("%w: an event needs an id and a type; type and subject are texts of at most %d bytes", ErrInvalidChange, maxText)
	}
	if max(len(e.Payload), len(e.Personal), len(e.Secret)) > MaxPayload {
		return fmt.Errorf("%w: a part of %s has more than %d bytes", ErrInvalidChange, e.Type, MaxPayload)
	}
	return nil
}

func (c *Change) validateClaims() error {
	for _, claims := range [...][]Claim{c.Claims, c.Releases} {
		for _, claim := range claims {
			if !named(claim.Kind) || len(claim.Digest) == 0 || len(claim.Digest) > maxText {
				return fmt.Errorf("%w: kind and digest of a claim have 1 to %d bytes", ErrInvalidChange, maxText)
			}
		}
	}
	return nil
}

func (c *Change) validateSecrets() error {
	if len(c.Metadata.Client) > MaxPayload {
		return fmt.Errorf("%w: the client has more than %d bytes", ErrInvalidChange, MaxPayload)
	}
	for i, key := range c.Keys {
		if !named(key.Subject) || len(key.Wrapped) == 0 || len(key.Wrapped) > MaxPayload {
			return fmt.Errorf("%w: a data key needs a subject of 1 to %d bytes", ErrInvalidChange, maxText)
		}
		if slices.ContainsFunc(c.Keys[:i], func(other DataKey) bool { return other.Subject == key.Subject }) {
			return fmt.Errorf("%w: it brings two data keys of one subject", ErrInvalidChange)
		}
	}
	for i, d := range c.Deliverables {
		if !text(d.Subject, maxText) || len(d.Sealed) > MaxPayload {
			return fmt.Errorf("%w: a deliverable has a subject of at most %d bytes and %d bytes to deliver", ErrInvalidChange, maxText, MaxPayload)
		}
		if !slices.ContainsFunc(c.Events, func(e NewEvent) bool { return e.ID == d.EventID }) ||
			slices.ContainsFunc(c.Deliverables[:i], func(other Deliverable) bool { return other.EventID == d.EventID }) {
			return fmt.Errorf("%w: a deliverable belongs to one event of its change", ErrInvalidChange)
		}
	}
	return nil
}

// size counts the bytes that may be many.
func (c *Change) size() int {
	n := len(c.Metadata.Client)
	for i := range c.Events {
		n += len(c.Events[i].Payload) + len(c.Events[i].Personal) + len(c.Events[i].Secret) + len(c.Metadata.Client)
	}
	for i := range c.Keys {
		n += len(c.Keys[i].Wrapped)
	}
	for i := range c.Deliverables {
		n += len(c.Deliverables[i].Sealed)
	}
	return n
}

func named(s string) bool { return s != "" && text(s, maxText) }

// text reports whether s can stand in a text column.
func text(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
