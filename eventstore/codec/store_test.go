package codec_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/eventstore/vault"
)

const tenant = "default"

// table is a vault.KeyStore in memory.
type table struct {
	mu         sync.Mutex
	rows       map[[2]string][]byte
	statements int
}

func (t *table) DataKeys(ctx context.Context, tenant string, subjects []string) (map[string][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.statements++
	found := make(map[string][]byte)
	for _, subject := range subjects {
		if wrapped, exists := t.rows[[2]string{tenant, subject}]; exists {
			found[subject] = wrapped
		}
	}
	return found, nil
}

func (t *table) erase(subject string) { delete(t.rows, [2]string{tenant, subject}) }

// world is one database with its keys, and a codec on it.
type world struct {
	ring  *vault.Ring
	rows  *table
	vault *vault.Vault
	codec *codec.Codec
}

func newWorld(t testing.TB) *world {
	t.Helper()
	ring, err := vault.NewRing()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{ring: ring, rows: &table{rows: make(map[[2]string][]byte)}}
	return w.process(t)
}

// process is another process on the same database.
func (w *world) process(t testing.TB) *world {
	t.Helper()
	v, err := vault.New(w.ring, w.rows)
	if err != nil {
		t.Fatal(err)
	}
	c, err := codec.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return &world{ring: w.ring, rows: w.rows, vault: v, codec: c}
}

// addKey gives a subject a fresh data key.
func (w *world) addKey(t testing.TB, subject string) vault.Key {
	t.Helper()
	key, wrapped, err := w.vault.NewKey(tenant, subject)
	if err != nil {
		t.Fatal(err)
	}
	w.rows.rows[[2]string{tenant, subject}] = wrapped
	return key
}

func streamOf(subject string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: tenant, Kind: "user", ID: subject}
}

// logged encodes a message of a subject's own stream and returns it as the log would.
func (w *world) logged(t testing.TB, key vault.Key, subject string, msg proto.Message) eventstore.Event {
	t.Helper()
	stream := streamOf(subject)
	e, err := w.codec.Encode(key, stream, subject, uuid.New(), msg)
	if err != nil {
		t.Fatal(err)
	}
	return eventstore.Event{
		Position: 7, ID: e.ID, Stream: stream, Version: 1, Type: e.Type, Revision: e.Revision,
		Payload: e.Payload, Personal: e.Personal, Secret: e.Secret, Subject: e.Subject,
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v; want %v", err, want)
	}
}

func wantMessage(t testing.TB, got codec.Message, err error, want proto.Message, erased bool) {
	t.Helper()
	if err != nil {
		t.Errorf("decode: %v", err)
		return
	}
	if !proto.Equal(got.Proto, want) || got.Erased != erased {
		t.Errorf("decoded %v, erased %t; want %v, erased %t", got.Proto, got.Erased, want, erased)
	}
}
