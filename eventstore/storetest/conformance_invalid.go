package storetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
)

// testInvalid holds the limits of a change: what lies on them is written, what lies beyond is refused, without harm to the
// changes it would share a group with.
func testInvalid(t *testing.T, open Opener) {
	log := newNode(t, open)
	const most = 200 // bytes of an id
	long, longer := strings.Repeat("x", most), strings.Repeat("x", most+1)
	full, fuller := make([]byte, eventstore.MaxPayload), make([]byte, eventstore.MaxPayload+1)

	valid := map[string]func(*eventstore.Change){
		"long names": func(c *eventstore.Change) {
			c.Stream = eventstore.StreamID{Tenant: long, Kind: long, ID: long}
			c.Owner, c.Metadata.Actor, c.Metadata.Correlate = long, long, long
			c.Events[0].Type, c.Events[0].Subject = long, long
			c.Claims = []eventstore.Claim{{Kind: long, Digest: []byte(long)}}
			c.Keys = []eventstore.DataKey{{Subject: long, Wrapped: []byte{1}}}
		},
		"names in any script": func(c *eventstore.Change) { c.Stream.ID = "Ἀδά 🗝 %_\\'\"" },
		"no owner":            func(c *eventstore.Change) { c.Owner = "" },
		"full parts": func(c *eventstore.Change) {
			c.Events[0].Payload, c.Events[0].Personal, c.Events[0].Secret = full, full, full
		},
		"most events": func(c *eventstore.Change) {
			c.Events = nil
			for range eventstore.MaxEvents {
				c.Events = append(c.Events, event("user.changed"))
			}
		},
		"a claim named twice": func(c *eventstore.Change) {
			c.Claims = []eventstore.Claim{claim("twice"), claim("twice")}
			c.Releases = []eventstore.Claim{claim("never held"), claim("never held")}
		},
	}
	invalid := map[string]func(*eventstore.Change){
		"no tenant":       func(c *eventstore.Change) { c.Stream.Tenant = "" },
		"no kind":         func(c *eventstore.Change) { c.Stream.Kind = "" },
		"no id":           func(c *eventstore.Change) { c.Stream.ID = "" },
		"long tenant":     func(c *eventstore.Change) { c.Stream.Tenant = longer },
		"long kind":       func(c *eventstore.Change) { c.Stream.Kind = longer },
		"long id":         func(c *eventstore.Change) { c.Stream.ID = longer },
		"long owner":      func(c *eventstore.Change) { c.Owner = longer },
		"long actor":      func(c *eventstore.Change) { c.Metadata.Actor = longer },
		"no events":       func(c *eventstore.Change) { c.Events = nil },
		"too many events": func(c *eventstore.Change) { c.Events = make([]eventstore.NewEvent, eventstore.MaxEvents+1) },
		"event without id": func(c *eventstore.Change) {
			c.Events[0].ID = uuid.Nil
		},
		"event without type": func(c *eventstore.Change) { c.Events[0].Type = "" },
		"long type":          func(c *eventstore.Change) { c.Events[0].Type = longer },
		"long subject":       func(c *eventstore.Change) { c.Events[0].Subject = longer },
		"large payload":      func(c *eventstore.Change) { c.Events[0].Payload = fuller },
		"large personal":     func(c *eventstore.Change) { c.Events[0].Personal = fuller },
		"large secret":       func(c *eventstore.Change) { c.Events[0].Secret = fuller },
		"large client":       func(c *eventstore.Change) { c.Metadata.Client = fuller },
		"large altogether": func(c *eventstore.Change) {
			for range eventstore.MaxChange / eventstore.MaxPayload {
				e := event("user.changed")
				e.Payload = full
				c.Events = append(c.Events, e)
			}
		},
		"claim without kind":        func(c *eventstore.Change) { c.Claims = []eventstore.Claim{{Digest: []byte{1}}} },
		"claim without digest":      func(c *eventstore.Change) { c.Claims = []eventstore.Claim{{Kind: "username"}} },
		"long digest":               func(c *eventstore.Change) { c.Claims = []eventstore.Claim{claim(longer)} },
		"release without digest":    func(c *eventstore.Change) { c.Releases = []eventstore.Claim{{Kind: "username"}} },
		"data key without subject":  func(c *eventstore.Change) { c.Keys = []eventstore.DataKey{dataKey("")} },
		"empty data key":            func(c *eventstore.Change) { c.Keys = []eventstore.DataKey{{Subject: "ada"}} },
		"two data keys of one":      func(c *eventstore.Change) { c.Keys = []eventstore.DataKey{dataKey("ada"), dataKey("ada")} },
		"deliverable of a stranger": func(c *eventstore.Change) { c.Deliverables = []eventstore.Deliverable{deliverable(event("x"))} },
		"two deliverables of one": func(c *eventstore.Change) {
			c.Deliverables = []eventstore.Deliverable{deliverable(c.Events[0]), deliverable(c.Events[0])}
		},
	}
	// What Postgres does not take as text would end the transaction of the whole group.
	for what, text := range map[string]string{"zero byte": "a\x00b", "broken UTF-8": "a\xffb", "half a rune": "a\xe2\x82"} {
		for field, set := range map[string]func(*eventstore.Change){
			"tenant":           func(c *eventstore.Change) { c.Stream.Tenant = text },
			"kind":             func(c *eventstore.Change) { c.Stream.Kind = text },
			"id":               func(c *eventstore.Change) { c.Stream.ID = text },
			"owner":            func(c *eventstore.Change) { c.Owner = text },
			"actor":            func(c *eventstore.Change) { c.Metadata.Actor = text },
			"request id":       func(c *eventstore.Change) { c.Metadata.Correlate = text },
			"type":             func(c *eventstore.Change) { c.Events[0].Type = text },
			"subject":          func(c *eventstore.Change) { c.Events[0].Subject = text },
			"claim kind":       func(c *eventstore.Change) { c.Claims = []eventstore.Claim{{Kind: text, Digest: []byte{1}}} },
			"data key subject": func(c *eventstore.Change) { c.Keys = []eventstore.DataKey{dataKey(text)} },
			"deliverable subject": func(c *eventstore.Change) {
				c.Deliverables = []eventstore.Deliverable{{EventID: c.Events[0].ID, Subject: text}}
			},
		} {
			invalid[what+" in "+field] = set
		}
	}

	var changes []eventstore.Change
	var checks []func(outcome)
	for name, shape := range valid {
		c := log.change("valid: "+name, 0, 1)
		shape(&c)
		changes = append(changes, c)
		checks = append(checks, func(o outcome) {
			if o.err != nil || o.receipt.Version != uint64(len(c.Events)) {
				t.Errorf("%s: %+v", name, o)
			}
		})
	}
	for name, shape := range invalid {
		c := log.change("invalid: "+name, 0, 1)
		shape(&c)
		changes = append(changes, c)
		checks = append(checks, func(o outcome) { wantError(t, name, o.err, eventstore.ErrInvalidChange) })
	}
	for i, o := range together(t, changes, log) {
		checks[i](o)
	}
	testUnforeseen(t, log)
	testBytes(t, log)
}

// testUnforeseen: what Postgres refuses for a reason of its own fails alone, too.
func testUnforeseen(t *testing.T, log *node) {
	first := log.change("uses an event id", 0, 1)
	first.Deliverables = []eventstore.Deliverable{deliverable(first.Events[0])}
	log.append(t, first)
	again := first
	again.Stream.ID = "uses it again"
	endless := log.change("never expires", 0, 1)
	endless.Deliverables = []eventstore.Deliverable{deliverable(endless.Events[0])}
	endless.Deliverables[0].ExpiresAt = time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC)
	bystander, stale := log.change("bystander", 0, 1), log.change("stale", 7, 1)

	outcomes := together(t, []eventstore.Change{again, bystander, endless, stale}, log)
	for i, id := range []string{"uses it again", "", "never expires"} {
		if id != "" && (outcomes[i].err == nil || log.version(t, id) != 0) {
			t.Errorf("%s: %+v, stream at %d", id, outcomes[i], log.version(t, id))
		}
	}
	if outcomes[1].err != nil {
		t.Errorf("a bystander was refused: %v", outcomes[1].err)
	}
	wantError(t, "stale", outcomes[3].err, eventstore.ErrConflict)
}

// testBytes: what need not be text may hold any byte.
func testBytes(t *testing.T, log *node) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	c := log.change("bytes", 0, 1)
	c.Events[0].Payload, c.Events[0].Personal, c.Events[0].Secret, c.Metadata.Client = all, all, all, all
	c.Claims = []eventstore.Claim{{Kind: "username", Digest: all[:200]}}
	c.Keys = []eventstore.DataKey{{Subject: "bytes", Wrapped: all}}
	log.append(t, c)
	e := log.read(t, "bytes")[0]
	for _, part := range [][]byte{e.Payload, e.Personal, e.Secret, e.Client, log.dataKey(t, "bytes")} {
		if !bytes.Equal(part, all) {
			t.Errorf("bytes came back as %x", part)
		}
	}
	if log.holder(t, c.Claims[0]) != "bytes" {
		t.Error("a claim with any bytes is not held")
	}
}
