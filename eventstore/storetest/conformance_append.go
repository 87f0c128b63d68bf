package storetest

import (
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

func testAppend(t *testing.T, open Opener) {
	log := newNode(t, open)

	t.Run("a new stream starts at version 1", func(t *testing.T) {
		before := time.Now().Add(-time.Second)
		receipt := log.append(t, log.change("new", 0, 1))
		if receipt.Version != 1 || receipt.Position < 1 || receipt.RecordedAt.Before(before) {
			t.Errorf("receipt %+v", receipt)
		}
		wantVersions(t, log.read(t, "new"), 1, 1)
	})

	t.Run("a receipt names the last event of its change", func(t *testing.T) {
		log.append(t, log.change("several", 0, 3))
		receipt := log.append(t, log.change("several", 3, 4))
		events := log.read(t, "several")
		wantVersions(t, events, 1, 7)
		last := events[len(events)-1]
		if receipt.Version != 7 || receipt.Position != last.Position || !receipt.RecordedAt.Equal(last.RecordedAt) {
			t.Errorf("receipt %+v, last event %+v", receipt, last)
		}
	})

	t.Run("streams with the same id in other kinds and tenants are others", func(t *testing.T) {
		c := log.change("same", 0, 1)
		log.append(t, c)
		c.Stream.Kind = "org"
		log.append(t, c)
		log.in("other").append(t, log.in("other").change("same", 0, 1))
		wantVersions(t, log.read(t, "same"), 1, 1)
	})

	t.Run("a stream keeps its first owner", func(t *testing.T) {
		c := log.change("owned", 0, 1)
		c.Owner = "first"
		log.append(t, c)
		c = log.change("owned", 1, 1)
		c.Owner = "second"
		log.append(t, c)
		head, err := log.StreamHead(t.Context(), log.stream("owned"))
		if err != nil || head.Owner != "first" || head.Version != 2 || head.ID != log.stream("owned") {
			t.Errorf("head %+v, %v", head, err)
		}
	})

	t.Run("the head of an unknown stream is version 0", func(t *testing.T) {
		head, err := log.StreamHead(t.Context(), log.stream("unknown"))
		if err != nil || head.Version != 0 || head.Owner != "" {
			t.Errorf("head %+v, %v", head, err)
		}
	})

	t.Run("a change that expects another version is a conflict", func(t *testing.T) {
		log.append(t, log.change("at three", 0, 3))
		for what, c := range map[string]eventstore.Change{
			"stale":                     log.change("at three", 2, 1),
			"future":                    log.change("at three", 4, 1),
			"far future":                log.change("at three", 1<<63, 1),
			"must not exist, but does":  log.change("at three", 0, 1),
			"must exist, but does not":  log.change("nowhere", 1, 1),
			"the greatest version ever": log.change("nowhere", 1<<64-1, 1),
		} {
			_, err := log.Append(t.Context(), c)
			wantError(t, what, err, eventstore.ErrConflict)
		}
		if log.version(t, "at three") != 3 || log.version(t, "nowhere") != 0 {
			t.Error("a conflict moved a stream")
		}
	})

	t.Run("of changes decided on one version one is written", func(t *testing.T) {
		log.append(t, log.change("contested", 0, 1))
		var changes []eventstore.Change
		for range 20 {
			changes = append(changes, log.change("contested", 1, 2))
		}
		won := 0
		for _, o := range together(t, changes, log) {
			if o.err == nil {
				won++
				continue
			}
			wantError(t, "loser", o.err, eventstore.ErrConflict)
		}
		if won != 1 || log.version(t, "contested") != 3 {
			t.Errorf("%d of 20 written, stream at %d", won, log.version(t, "contested"))
		}
	})
}
