package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore"
)

// refusal is a change that carries everything a change can carry, and that must be refused.
type refusal struct {
	name   string
	spoil  func(*eventstore.Change)
	exists bool // its stream
	check  func(testing.TB, error)
}

func refusals() []refusal {
	conflict := func(t testing.TB, err error) { t.Helper(); wantError(t, "refused", err, eventstore.ErrConflict) }
	taken := func(t testing.TB, err error) { t.Helper(); wantTaken(t, "refused", err, "username") }
	takesOccupied := func(c *eventstore.Change) { c.Claims = append(c.Claims, claim("occupied")) }
	bringsKnownKey := func(c *eventstore.Change) { c.Keys = append(c.Keys, dataKey("known")) }
	return []refusal{
		{"stale version", func(c *eventstore.Change) { c.Expected-- }, true, conflict},
		{"future version", func(c *eventstore.Change) { c.Expected++ }, true, conflict},
		{"exists already", func(c *eventstore.Change) { c.Expected = 0 }, true, conflict},
		{"does not exist", func(c *eventstore.Change) { c.Expected = 7 }, false, conflict},
		{"claim taken, existing stream", takesOccupied, true, taken},
		{"claim taken, new stream", takesOccupied, false, taken},
		{"data key known, existing stream", bringsKnownKey, true, conflict},
		{"data key known, new stream", bringsKnownKey, false, conflict},
		{"stale version and claim taken", func(c *eventstore.Change) { c.Expected--; takesOccupied(c) }, true, conflict},
	}
}

// testRefusals appends what must be refused, alone and in a group, and looks for traces.
func testRefusals(t *testing.T, open Opener) {
	for _, how := range []struct {
		name   string
		append func(testing.TB, []eventstore.Change, *node) []outcome
	}{
		{"alone", oneByOne},
		{"in a group of refused", inGroup},
		{"in a group with a sound one", besideSound},
	} {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			log := newNode(t, open)
			host := log.change("host", 0, 1)
			host.Claims, host.Keys = []eventstore.Claim{claim("occupied")}, []eventstore.DataKey{dataKey("known")}
			log.append(t, host)

			cases := refusals()
			var changes []eventstore.Change
			for _, c := range cases {
				change := laden(t, log, c.name, c.exists)
				c.spoil(&change)
				changes = append(changes, change)
			}
			before := inventory(t, log)
			outcomes := how.append(t, changes, log)
			for i, c := range cases {
				t.Run(c.name, func(t *testing.T) {
					c.check(t, outcomes[i].err)
					if outcomes[i].receipt != (eventstore.Receipt{}) {
						t.Errorf("a refused change has receipt %+v", outcomes[i].receipt)
					}
				})
			}
			if after := inventory(t, log); !slices.Equal(after, before) {
				t.Errorf("traces of refused changes:\n%s\nbefore:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
			}
			for _, c := range cases {
				free := log.change("heir of "+c.name, 0, 1)
				free.Claims, free.Keys = []eventstore.Claim{claim("wanted by " + c.name)}, []eventstore.DataKey{dataKey("new in " + c.name)}
				log.append(t, free)
			}
		})
	}
}

func oneByOne(t testing.TB, changes []eventstore.Change, log *node) []outcome {
	outcomes := make([]outcome, len(changes))
	for i, c := range changes {
		outcomes[i].receipt, outcomes[i].err = log.Append(t.Context(), c)
	}
	return outcomes
}

func inGroup(t testing.TB, changes []eventstore.Change, log *node) []outcome {
	return together(t, changes, log)
}

func besideSound(t testing.TB, changes []eventstore.Change, log *node) []outcome {
	sound := laden(t, log, "sound", true)
	outcomes := together(t, append(slices.Clone(changes), sound), log)
	if err := outcomes[len(changes)].err; err != nil {
		t.Errorf("the sound member of the group was refused: %v", err)
	}
	if log.version(t, "sound") != 3 || log.holder(t, claim("wanted by sound")) != "sound" || log.holder(t, claim("held by sound")) != "" ||
		log.dataKey(t, "new in sound") == nil || !log.hasDeliverable(t, sound.Events[1].ID) {
		t.Error("the sound member of the group was not written whole")
	}
	return outcomes[:len(changes)]
}

// laden is a change that takes a claim, releases one that its stream holds, and brings a data key and a deliverable. The
// stream stands at version 1 if it is to exist.
func laden(t testing.TB, log *node, id string, exists bool) eventstore.Change {
	t.Helper()
	c := log.change(id, 0, 2)
	if exists {
		first := log.change(id, 0, 1)
		first.Claims = []eventstore.Claim{claim("held by " + id)}
		log.append(t, first)
		c.Expected = 1
	}
	c.Releases = []eventstore.Claim{claim("held by " + id)}
	c.Claims = []eventstore.Claim{claim("wanted by " + id)}
	c.Keys = []eventstore.DataKey{dataKey("new in " + id)}
	c.Deliverables = []eventstore.Deliverable{deliverable(c.Events[1])}
	return c
}

// inventory lists all rows of the log but those of sound members and of the gate's decoys.
func inventory(t testing.TB, log *node) []string {
	t.Helper()
	var all []string
	for table, row := range map[string]string{
		"streams":      "id || ' ' || version",
		"events":       "stream_id || ' ' || version",
		"claims":       "stream_id || ' ' || encode(digest, 'escape')",
		"data_keys":    "subject",
		"deliverables": "stream_id || ' ' || version",
	} {
		sql := fmt.Sprintf("select row from (select %s as row from eventstore.%s) r where row not like 'decoy %%' and row not like '%%sound%%'", row, table)
		for _, line := range rows(t, log, sql) {
			all = append(all, table+": "+line)
		}
	}
	slices.Sort(all)
	return all
}
