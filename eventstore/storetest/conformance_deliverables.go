package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
)

func testDeliverables(t *testing.T, open Opener) {
	clock := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	log := openNode(t, open, NewDatabase(t), eventstore.Options{Now: func() time.Time { return clock }})

	// Each change has three events, of which the middle one announces a code.
	var announced []uuid.UUID
	var positions []eventstore.Position
	for i := range 4 {
		c := log.change("ada", uint64(3*i), 3)
		d := deliverable(c.Events[1])
		d.Sealed = fmt.Append(nil, "sealed ", i)
		c.Deliverables = []eventstore.Deliverable{d}
		receipt := log.append(t, c)
		announced = append(announced, d.EventID)
		positions = append(positions, log.read(t, "ada")[3*i+1].Position)
		if receipt.Position <= positions[i] {
			t.Errorf("positions %v, receipt %d", positions, receipt.Position)
		}
		clock = clock.Add(time.Minute)
	}

	t.Run("one comes back as it went in", func(t *testing.T) {
		d, found, err := log.Deliverable(t.Context(), log.tenant, announced[2])
		if err != nil || !found {
			t.Fatalf("found %v, %v", found, err)
		}
		if d.EventID != announced[2] || d.Subject != "ada" || string(d.Sealed) != "sealed 2" ||
			!d.ExpiresAt.Equal(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("tenants have their own", func(t *testing.T) {
		if log.in("other").hasDeliverable(t, announced[0]) {
			t.Error("another tenant sees it")
		}
		if err := log.DropDeliverable(t.Context(), "other", announced[0]); err != nil || !log.hasDeliverable(t, announced[0]) {
			t.Errorf("another tenant dropped it: %v", err)
		}
	})
	t.Run("the overdue come oldest first, with their event's position", func(t *testing.T) {
		for minutes, want := range []int{0, 1, 2, 3, 4, 4} {
			olderThan := time.Date(2029, 1, 1, 0, minutes, 0, 0, time.UTC)
			overdue, err := log.PendingDeliverables(t.Context(), olderThan, 10)
			if err != nil || len(overdue) != want {
				t.Fatalf("older than minute %d: %d, %v; want %d", minutes, len(overdue), err, want)
			}
			for i, o := range overdue {
				if o.Tenant != log.tenant || o.EventID != announced[i] || o.Position != positions[i] || o.ExpiresAt.Year() != 2030 {
					t.Errorf("overdue %d is %+v, want event %s at %d", i, o, announced[i], positions[i])
				}
			}
		}
		few, err := log.PendingDeliverables(t.Context(), clock, 2)
		if err != nil || len(few) != 2 || few[0].EventID != announced[0] {
			t.Errorf("limited: %+v, %v", few, err)
		}
	})
	t.Run("a dropped one is gone", func(t *testing.T) {
		for range 2 { // dropping it again is no error
			if err := log.DropDeliverable(t.Context(), log.tenant, announced[1]); err != nil {
				t.Fatal(err)
			}
		}
		if log.hasDeliverable(t, announced[1]) {
			t.Error("still there")
		}
		overdue, err := log.PendingDeliverables(t.Context(), clock, 10)
		if err != nil || len(overdue) != 3 || slices.ContainsFunc(overdue, func(p eventstore.PendingDeliverable) bool { return p.EventID == announced[1] }) {
			t.Errorf("pending %+v, %v", overdue, err)
		}
	})
	t.Run("a group keeps each with its event", func(t *testing.T) { testGroupedDeliverables(t, log, clock) })
}

func testGroupedDeliverables(t *testing.T, log *node, clock time.Time) {
	var changes []eventstore.Change
	for i := range 10 {
		c := log.change(fmt.Sprint("member ", i), 0, 1+i%3)
		c.Deliverables = []eventstore.Deliverable{deliverable(c.Events[i%3])}
		changes = append(changes, c)
	}
	changes = append(changes, log.change("refused", 7, 1))
	outcomes := together(t, changes, log)
	overdue, err := log.PendingDeliverables(t.Context(), clock.Add(time.Second), 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range changes[:10] {
		if outcomes[i].err != nil {
			t.Errorf("member %d: %v", i, outcomes[i].err)
			continue
		}
		want := log.read(t, c.Stream.ID)[i%3]
		at := slices.IndexFunc(overdue, func(p eventstore.PendingDeliverable) bool { return p.EventID == want.ID })
		if at < 0 || overdue[at].Position != want.Position {
			t.Errorf("member %d: event at %d, pending %+v", i, want.Position, overdue)
		}
	}
}
