package eventstore_test

import (
	"bytes"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/storetest"
)

func TestBlobs(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	var minutes atomic.Int64
	now := func() time.Time { return start.Add(time.Duration(minutes.Load()) * time.Minute) }
	log, err := eventstore.Open(t.Context(), storetest.NewDatabase(t), eventstore.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	ids := make([]uuid.UUID, 4)
	for i := range ids { // one a minute, of each of two subjects in two tenants
		ids[i] = uuid.Must(uuid.NewV7())
		minutes.Store(int64(i))
		for _, whose := range []string{"a/ann", "a/bob", "b/ann"} {
			b := eventstore.Blob{EventID: ids[i], Subject: whose[2:], Sealed: []byte(whose)}
			if err := log.PutBlob(t.Context(), whose[:1], b); err != nil {
				t.Fatal(err)
			}
		}
	}
	left := func(tenant, subject string) (left []int) {
		for i, id := range ids {
			b, found, err := log.Blob(t.Context(), tenant, subject, id)
			if err != nil {
				t.Fatal(err)
			}
			if found && string(b.Sealed) == tenant+"/"+subject && b.EventID == id {
				left = append(left, i)
			}
		}
		return left
	}
	drop := func(d eventstore.DropBlobs) {
		d.Subject = "ann"
		if err := log.DropBlobs(t.Context(), "a", d); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		drop eventstore.DropBlobs
		left int
	}{
		{eventstore.DropBlobs{}, 4},
		{eventstore.DropBlobs{Former: ids[2:3], Keep: ids[3]}, 3},
		{eventstore.DropBlobs{Former: ids[:1], Keep: ids[0], PutBefore: start.Add(90 * time.Second)}, 2},
		{eventstore.DropBlobs{PutBefore: start.Add(time.Hour)}, 0},
	} {
		drop(step.drop)
		if got := left("a", "ann"); len(got) != step.left {
			t.Errorf("after %+v: %v", step.drop, got)
		}
	}
	if len(left("a", "bob")) != 4 || len(left("b", "ann")) != 4 {
		t.Error("another subject lost a blob")
	}
}

func TestPutBlobAgainAndRefused(t *testing.T) {
	t.Parallel()
	log, err := eventstore.Open(t.Context(), storetest.NewDatabase(t), eventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(log.Close)
	good := eventstore.Blob{EventID: uuid.Must(uuid.NewV7()), Subject: "ann", Sealed: bytes.Repeat([]byte{1}, eventstore.MaxBlob)}
	for range 2 {
		if err := log.PutBlob(t.Context(), "a", good); err != nil {
			t.Errorf("the largest: %v", err)
		}
	}
	for name, spoil := range map[string]func(*eventstore.Blob){
		"of nobody":    func(b *eventstore.Blob) { b.Subject = "" },
		"of no event":  func(b *eventstore.Blob) { b.EventID = uuid.UUID{} },
		"of nothing":   func(b *eventstore.Blob) { b.Sealed = nil },
		"a byte above": func(b *eventstore.Blob) { b.Sealed = append(bytes.Clone(b.Sealed), 1) },
		"a long name":  func(b *eventstore.Blob) { b.Subject = string(bytes.Repeat([]byte("a"), 201)) },
	} {
		b := good
		spoil(&b)
		if err := log.PutBlob(t.Context(), "a", b); !errors.Is(err, eventstore.ErrInvalidChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
