package storetest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
)

// testRoundTrip writes events with every field set, unset and empty, and reads them back in every way there is.
func testRoundTrip(t *testing.T, open Opener) {
	recordedAt := time.Date(2029, 12, 31, 23, 59, 59, 123_456_789, time.UTC)
	var observed []eventstore.Event
	log := openNode(t, open, NewDatabase(t), eventstore.Options{
		Now:       func() time.Time { return recordedAt },
		Observers: []func([]eventstore.Event){func(events []eventstore.Event) { observed = append(observed, events...) }},
	})
	var want []eventstore.Event
	for i, c := range []struct {
		event eventstore.NewEvent
		meta  eventstore.Metadata
	}{
		{
			eventstore.NewEvent{
				Type: "user.email.changed", Revision: 3, Payload: []byte{0, 1, 0xff}, Personal: []byte("sealed"), Secret: []byte("sealed, too"),
				Subject: "ada",
			},
			eventstore.Metadata{Actor: "bob", Cause: uuid.MustParse("0198f3a4-0000-7000-8000-000000000001"), Correlate: "request ✉", Client: []byte("client")},
		},
		{eventstore.NewEvent{Type: "bare"}, eventstore.Metadata{}},
		{
			eventstore.NewEvent{Type: "empty parts", Payload: []byte{}, Personal: []byte{}, Secret: []byte{}},
			eventstore.Metadata{Client: []byte{}},
		},
		{eventstore.NewEvent{Type: "least revision", Revision: math.MinInt16, Personal: []byte{0}}, eventstore.Metadata{Actor: "system"}},
		{eventstore.NewEvent{Type: "greatest revision", Revision: math.MaxInt16, Secret: []byte{0}}, eventstore.Metadata{Correlate: "x"}},
	} {
		id := fmt.Sprint("stream ", i)
		c.event.ID = uuid.Must(uuid.NewV7())
		receipt := log.append(t, eventstore.Change{
			Stream: log.stream(id), Owner: "org", Events: []eventstore.NewEvent{c.event}, Metadata: c.meta,
		})
		e := eventstore.Event{
			Position: receipt.Position, ID: c.event.ID, Stream: log.stream(id), Version: 1, Type: c.event.Type, Revision: c.event.Revision,
			Payload: c.event.Payload, Personal: c.event.Personal, Secret: c.event.Secret, Subject: c.event.Subject,
			Actor: c.meta.Actor, Cause: c.meta.Cause, Correlate: c.meta.Correlate, Client: c.meta.Client,
			RecordedAt: recordedAt.Truncate(time.Microsecond), // as far as Postgres resolves time
		}
		if e.Payload == nil {
			e.Payload = []byte{}
		}
		if !receipt.RecordedAt.Equal(e.RecordedAt) {
			t.Errorf("receipt is of %v, want %v", receipt.RecordedAt, e.RecordedAt)
		}
		want = append(want, e)
	}

	wantEvents(t, "observed", observed, want)
	for i := range want {
		wantEvents(t, "ReadStream", log.read(t, want[i].Stream.ID), want[i:i+1])
	}
	last := want[len(want)-1].Position
	batch, err := log.ReadBatch(t.Context(), eventstore.Batch{UpTo: last, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, "ReadBatch", batch, want)
	at, err := log.EventsAt(t.Context(), last, want[0].Position)
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, "EventsAt", at, []eventstore.Event{want[0], want[len(want)-1]})

	shown, err := log.ReadLog(t.Context(), eventstore.LogQuery{Tenant: log.tenant, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Secret = nil
	}
	wantEvents(t, "ReadLog", shown, want)
}

// history is a small log whose every event is known.
func history(t testing.TB, log *node, clock *time.Time) []eventstore.Event {
	t.Helper()
	start := *clock
	var all []eventstore.Event
	for i, e := range []struct{ tenant, kind, id, actor, typ string }{
		{"default", "user", "ada", "root", "user.created"},
		{"default", "user", "ada", "ada", "user.email.changed"},
		{"other", "user", "ada", "root", "user.created"},
		{"default", "org", "ada", "root", "org.created"},
		{"default", "user", "bob", "root", "user.created"},
		{"default", "user", "ada", "bob", "user_email_changed"},
		{"default", "user", "bob", "ada", `50%.of\it`},
		{"default", "user", "ada", "ada", "userXemailXchanged"},
		{"default", "user", "bob", "bob", "user.email.verified"},
		{"default", "user", "bob", "bob", "user"},
	} {
		*clock = start.Add(time.Duration(i) * time.Hour)
		stream := eventstore.StreamID{Tenant: e.tenant, Kind: e.kind, ID: e.id}
		head, err := log.StreamHead(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		log.append(t, eventstore.Change{
			Stream: stream, Owner: "org", Expected: head.Version, Metadata: eventstore.Metadata{Actor: e.actor},
			Events: []eventstore.NewEvent{event(e.typ)},
		})
		events, err := log.ReadStream(t.Context(), stream, head.Version)
		if err != nil || len(events) != 1 {
			t.Fatalf("read back: %v, %v", events, err)
		}
		all = append(all, events...)
	}
	return all
}

func testReadLog(t *testing.T, open Opener) {
	start := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := start
	log := openNode(t, open, NewDatabase(t), eventstore.Options{Now: func() time.Time { return clock }})
	all := history(t, log, &clock)
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	at := func(i int) eventstore.Position { return all[i].Position }
	q := func(q eventstore.LogQuery) eventstore.LogQuery { q.Tenant = "default"; q.Limit = 100; return q }

	for _, c := range []struct {
		name  string
		query eventstore.LogQuery
		want  []int // indexes into all
	}{
		{"everything of a tenant", q(eventstore.LogQuery{}), []int{0, 1, 3, 4, 5, 6, 7, 8, 9}},
		{"newest first", q(eventstore.LogQuery{Descending: true}), []int{9, 8, 7, 6, 5, 4, 3, 1, 0}},
		{"another tenant", eventstore.LogQuery{Tenant: "other", Limit: 9}, []int{2}},
		{"no tenant", eventstore.LogQuery{Limit: 9}, nil},
		{"a kind", q(eventstore.LogQuery{StreamKind: "org"}), []int{3}},
		{"an id in every kind", q(eventstore.LogQuery{StreamID: "ada"}), []int{0, 1, 3, 5, 7}},
		{"a stream", q(eventstore.LogQuery{StreamKind: "user", StreamID: "bob"}), []int{4, 6, 8, 9}},
		{"an actor", q(eventstore.LogQuery{Actor: "ada"}), []int{1, 6, 7}},
		{"an unknown actor", q(eventstore.LogQuery{Actor: "eve"}), nil},
		{"a type", q(eventstore.LogQuery{Types: []string{"user.created"}}), []int{0, 4}},
		{"types", q(eventstore.LogQuery{Types: []string{"user.created", "org.created"}}), []int{0, 3, 4}},
		{"a prefix", q(eventstore.LogQuery{Types: []string{"user.*"}}), []int{0, 1, 4, 8}},
		{"a longer prefix", q(eventstore.LogQuery{Types: []string{"user.email.*"}}), []int{1, 8}},
		{"a prefix and a type", q(eventstore.LogQuery{Types: []string{"user.email.*", "org.created"}}), []int{1, 3, 8}},
		{"half a word is no prefix", q(eventstore.LogQuery{Types: []string{"us.*", "user.ema*"}}), nil},
		{"an underscore is no wildcard", q(eventstore.LogQuery{Types: []string{"user_email_changed"}}), []int{5}},
		{"a percent sign is no wildcard", q(eventstore.LogQuery{Types: []string{"user%", "%"}}), nil},
		{"metacharacters in a type", q(eventstore.LogQuery{Types: []string{`50%.of\it`}}), []int{6}},
		{"metacharacters in a prefix", q(eventstore.LogQuery{Types: []string{"50%.*", "_ser.*"}}), []int{6}},
		{"a quote ends nothing", q(eventstore.LogQuery{Types: []string{"'; drop schema eventstore cascade; --"}}), nil},
		{"since", q(eventstore.LogQuery{Since: hour(6)}), []int{6, 7, 8, 9}},
		{"until excludes its instant", q(eventstore.LogQuery{Until: hour(3)}), []int{0, 1}},
		{"since and until", q(eventstore.LogQuery{Since: hour(1), Until: hour(5)}), []int{1, 3, 4}},
		{"after excludes its position", q(eventstore.LogQuery{After: at(6)}), []int{7, 8, 9}},
		{"before excludes its position", q(eventstore.LogQuery{Before: at(3)}), []int{0, 1}},
		{"between, newest first", q(eventstore.LogQuery{After: at(1), Before: at(6), Descending: true}), []int{5, 4, 3}},
		{
			"all at once",
			q(eventstore.LogQuery{
				StreamKind: "user", StreamID: "bob", Actor: "bob", Types: []string{"user.email.*"}, Since: hour(1), Until: hour(9),
				After: at(0), Before: at(9), Descending: true,
			}), []int{8},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := log.ReadLog(t.Context(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			var want []eventstore.Event
			for _, i := range c.want {
				want = append(want, all[i])
			}
			wantEvents(t, "ReadLog", got, want)
		})
	}
	t.Run("pages", func(t *testing.T) { testPages(t, log, all) })
	t.Run("a stream", func(t *testing.T) { testReadStream(t, log, all) })
	t.Run("batches", func(t *testing.T) { testReadBatch(t, log, all) })
	t.Run("changed streams", func(t *testing.T) { testChangedStreams(t, log, all) })
	t.Run("positions", func(t *testing.T) { testEventsAt(t, log, all) })
	t.Run("the head is the last event", func(t *testing.T) {
		if head, err := log.Head(t.Context()); err != nil || head != all[len(all)-1].Position {
			t.Errorf("head %d, %v", head, err)
		}
	})
	t.Run("an empty log", func(t *testing.T) { testEmptyLog(t, newNode(t, open)) })
}

func testPages(t *testing.T, log *node, all []eventstore.Event) {
	ofTenant := slices.DeleteFunc(slices.Clone(all), func(e eventstore.Event) bool { return e.Stream.Tenant != "default" })
	for _, descending := range []bool{false, true} {
		query := eventstore.LogQuery{Tenant: "default", Descending: descending, Limit: 2}
		var got []eventstore.Event
		for range all {
			page, err := log.ReadLog(t.Context(), query)
			if err != nil || len(page) > 2 {
				t.Fatalf("page of %d, %v", len(page), err)
			}
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			if descending {
				query.Before = page[len(page)-1].Position
			} else {
				query.After = page[len(page)-1].Position
			}
		}
		if descending {
			slices.Reverse(got)
		}
		wantEvents(t, fmt.Sprintf("pages, descending %v", descending), got, ofTenant)
	}
}

// withoutOrigin returns events without who caused them.
func withoutOrigin(events []eventstore.Event) []eventstore.Event {
	bare := slices.Clone(events)
	for i := range bare {
		bare[i].Actor, bare[i].Cause, bare[i].Correlate, bare[i].Client = "", uuid.Nil, "", nil
	}
	return bare
}

func testReadStream(t *testing.T, log *node, all []eventstore.Event) {
	ada := []eventstore.Event{all[0], all[1], all[5], all[7]}
	for after := range uint64(6) {
		got, err := log.ReadStream(t.Context(), log.stream("ada"), after)
		if err != nil {
			t.Fatal(err)
		}
		wantEvents(t, fmt.Sprint("after ", after), got, ada[min(int(after), 4):])
		loaded, err := log.LoadStream(t.Context(), log.stream("ada"), after)
		if err != nil {
			t.Fatal(err)
		}
		wantEvents(t, fmt.Sprint("loaded after ", after), loaded.Events, withoutOrigin(got))
	}
	got, err := log.ReadStream(t.Context(), log.stream("nobody"), 0)
	if err != nil || len(got) != 0 {
		t.Errorf("unknown stream: %v, %v", got, err)
	}
}

func testReadBatch(t *testing.T, log *node, all []eventstore.Event) {
	last := all[len(all)-1].Position
	for _, c := range []struct {
		name  string
		batch eventstore.Batch
		want  []eventstore.Event
	}{
		{"the whole log", eventstore.Batch{UpTo: last, Limit: 100}, all},
		{"far beyond the head", eventstore.Batch{UpTo: math.MaxInt64, Limit: 100}, all},
		{"after excludes, up to includes", eventstore.Batch{After: all[2].Position, UpTo: all[5].Position, Limit: 100}, all[3:6]},
		{"no more than the limit, the oldest", eventstore.Batch{After: all[2].Position, UpTo: last, Limit: 2}, all[3:5]},
		{"one kind", eventstore.Batch{UpTo: last, Kinds: []string{"org"}, Limit: 100}, all[3:4]},
		{"kinds", eventstore.Batch{UpTo: last, Kinds: []string{"org", "user"}, Limit: 100}, all},
		{"unknown kind", eventstore.Batch{UpTo: last, Kinds: []string{"robot"}, Limit: 100}, nil},
		{"nothing between", eventstore.Batch{After: last, UpTo: last, Limit: 100}, nil},
		{"backwards", eventstore.Batch{After: last, UpTo: 1, Limit: 100}, nil},
	} {
		got, err := log.ReadBatch(t.Context(), c.batch)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		wantEvents(t, c.name, got, c.want)
	}
}

func testChangedStreams(t *testing.T, log *node, all []eventstore.Event) {
	last := all[len(all)-1].Position
	for _, c := range []struct {
		name  string
		batch eventstore.Batch
		from  []eventstore.Event
	}{
		{"the whole log", eventstore.Batch{UpTo: last}, all},
		{"a stretch", eventstore.Batch{After: all[5].Position, UpTo: all[8].Position}, all[6:9]},
		{"one kind", eventstore.Batch{UpTo: last, Kinds: []string{"org"}}, all[3:4]},
		{"nothing", eventstore.Batch{After: last, UpTo: last}, nil},
	} {
		got, err := log.ChangedStreams(t.Context(), c.batch)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want := make(map[eventstore.StreamID]bool)
		for _, e := range c.from {
			want[e.Stream] = true
		}
		for _, id := range got {
			if !want[id] {
				t.Errorf("%s: %v is not changed, or named twice", c.name, id)
			}
			delete(want, id)
		}
		if len(want) > 0 {
			t.Errorf("%s: missing %v", c.name, want)
		}
	}
}

func testEventsAt(t *testing.T, log *node, all []eventstore.Event) {
	got, err := log.EventsAt(t.Context(), all[7].Position, all[2].Position, all[2].Position, 0, -5, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, "in the log's order, each once, without the unknown", got, []eventstore.Event{all[2], all[7]})
	if got, err := log.EventsAt(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("no positions: %v, %v", got, err)
	}
}

func testEmptyLog(t *testing.T, log *node) {
	head, err := log.Head(t.Context())
	if err != nil || head != 0 || log.HighWater() != 0 {
		t.Errorf("head %d, %v, high water %d", head, err, log.HighWater())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if mark, err := log.AwaitHighWater(ctx, 0); err == nil {
		t.Errorf("an empty log is safe up to %d", mark)
	} else {
		wantError(t, "await", err, context.DeadlineExceeded)
	}
	receipt := log.append(t, log.change("first", 0, 2))
	mark, err := log.AwaitHighWater(soon(t), receipt.Position-1)
	if err != nil || mark != receipt.Position {
		t.Errorf("high water %d, %v, want %d", mark, err, receipt.Position)
	}
}
