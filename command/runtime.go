package command

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

// Runtime is what every command works with. All fields are needed.
type Runtime struct {
	Store *eventstore.Store
	Vault *vault.Vault
	Codec *codec.Codec

	Now    func() time.Time
	NewID  func() uuid.UUID // of events, and of streams without an id of the caller's choice; time-ordered (version 7)
	Random io.Reader        // cryptographically strong: codes and tokens come from here
}

// Origin says which request a command serves. It ends up in the change history.
type Origin struct {
	RequestID string
	Address   string // of the client, without port
	Agent     string // User-Agent, as sent
	Cause     uuid.UUID
	// Trusted says that the address is that of a proxy or an application which many people share: it is held against nobody.
	Trusted bool
}

// Limits of what a caller can make the log keep about its origin, in bytes.
const (
	maxRequestID = 128
	maxAddress   = 64
	maxAgent     = 256
)

type originKey struct{}

// WithOrigin returns a context whose commands are recorded with this origin. Overlong values are cut.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	o.RequestID = storable(o.RequestID, maxRequestID)
	o.Address = storable(o.Address, maxAddress)
	o.Agent = storable(o.Agent, maxAgent)
	return context.WithValue(ctx, originKey{}, &o)
}

// OriginOf returns the origin that ctx carries; an empty one when there is none.
func OriginOf(ctx context.Context) Origin {
	if o := originOf(ctx); o != nil {
		return *o
	}
	return Origin{}
}

func originOf(ctx context.Context) *Origin {
	o, _ := ctx.Value(originKey{}).(*Origin)
	return o
}

func (o *Origin) client() *eventv1.Client {
	if o == nil || o.Address == "" && o.Agent == "" {
		return nil
	}
	return &eventv1.Client{Ip: o.Address, Agent: o.Agent}
}
