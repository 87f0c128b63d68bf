package storetest

import (
	"fmt"
	"testing"

	"github.com/signet-iam/signet/eventstore"
)

// claiming is a change that takes and releases claims.
func (n *node) claiming(id string, expected uint64, takes, releases []eventstore.Claim) eventstore.Change {
	c := n.change(id, expected, 1)
	c.Claims, c.Releases = takes, releases
	return c
}

func claims(values ...string) []eventstore.Claim {
	list := make([]eventstore.Claim, len(values))
	for i, v := range values {
		list[i] = claim(v)
	}
	return list
}

func testClaims(t *testing.T, open Opener) {
	shared := newNode(t, open)
	for i, c := range []struct {
		name string
		test func(*testing.T, *node)
	}{
		{"a claim is held from its append on", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name", "mail"), nil))
			if log.holder(t, claim("name")) != "ada" || log.holder(t, claim("mail")) != "ada" || log.holder(t, claim("other")) != "" {
				t.Error("not held as taken")
			}
			other := eventstore.Claim{Kind: "token", Digest: []byte("name")}
			if log.holder(t, other) != "" {
				t.Error("a digest is held under a kind it was not taken with")
			}
		}},
		{"a taken claim refuses others", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			_, err := log.Append(t.Context(), log.claiming("bob", 0, claims("free", "name"), nil))
			wantTaken(t, "second taker", err, "username")
			if log.holder(t, claim("name")) != "ada" || log.holder(t, claim("free")) != "" || log.version(t, "bob") != 0 {
				t.Error("the refused change left something behind")
			}
		}},
		{"tenants hold claims apart", func(t *testing.T, log *node) {
			other := log.in(log.tenant + "'s neighbour")
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			other.append(t, other.claiming("bob", 0, claims("name"), nil))
			if log.holder(t, claim("name")) != "ada" || other.holder(t, claim("name")) != "bob" {
				t.Error("mixed up")
			}
		}},
		{"a released claim is free", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			log.append(t, log.claiming("ada", 1, nil, claims("name")))
			if log.holder(t, claim("name")) != "" {
				t.Error("still held")
			}
			log.append(t, log.claiming("bob", 0, claims("name"), nil))
			if log.holder(t, claim("name")) != "bob" {
				t.Error("not taken over")
			}
		}},
		{"only the holder can release", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			log.append(t, log.claiming("bob", 0, nil, claims("name", "unheard of")))
			if log.holder(t, claim("name")) != "ada" {
				t.Error("released by a stranger")
			}
		}},
		{"a stream moves from one claim to another", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("old"), nil))
			log.append(t, log.claiming("ada", 1, claims("new"), claims("old")))
			if log.holder(t, claim("old")) != "" || log.holder(t, claim("new")) != "ada" {
				t.Error("not moved")
			}
		}},
		{"a release comes before a taking", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			log.append(t, log.claiming("ada", 1, claims("name"), claims("name")))
			log.append(t, log.claiming("bob", 0, claims("mail"), claims("mail")))
			if log.holder(t, claim("name")) != "ada" || log.holder(t, claim("mail")) != "bob" {
				t.Error("released after it was taken")
			}
		}},
		{"a release comes before a taking in a group with a refused member, too", testReleaseThenTake},
		{"a stream cannot take what it holds", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("name"), nil))
			_, err := log.Append(t.Context(), log.claiming("ada", 1, claims("name"), nil))
			wantTaken(t, "taken again", err, "username")
		}},
		{"claims swap between streams in two steps", func(t *testing.T, log *node) {
			log.append(t, log.claiming("ada", 0, claims("one"), nil))
			log.append(t, log.claiming("bob", 0, claims("two"), nil))
			log.append(t, log.claiming("ada", 1, nil, claims("one")))
			log.append(t, log.claiming("bob", 1, claims("one"), claims("two")))
			log.append(t, log.claiming("ada", 2, claims("two"), nil))
			if log.holder(t, claim("one")) != "bob" || log.holder(t, claim("two")) != "ada" {
				t.Error("not swapped")
			}
		}},
		{"of many that take one claim at once one gets it", testClaimRace},
		{"the caller's slices stay as they are", func(t *testing.T, log *node) {
			c := log.claiming("ada", 0, claims("z", "a"), claims("y", "b"))
			log.append(t, c)
			if string(c.Claims[0].Digest) != "z" || string(c.Releases[0].Digest) != "y" {
				t.Error("sorted in place")
			}
		}},
	} {
		log := shared.in(fmt.Sprintf("tenant %d", i))
		t.Run(c.name, func(t *testing.T) { c.test(t, log) })
	}
}

func testReleaseThenTake(t *testing.T, log *node) {
	log.append(t, log.claiming("ada", 0, claims("name"), nil))
	log.append(t, log.claiming("eve", 0, claims("evil"), nil))
	outcomes := together(t, []eventstore.Change{
		log.change("ada", 7, 1), // refused
		log.change("nobody", 7, 1),
		log.claiming("ada", 1, claims("name"), claims("name")),
		log.claiming("bob", 0, claims("mail"), claims("mail")),
		log.claiming("eve", 7, claims("evil", "more"), claims("evil", "more")), // refused
	}, log)
	if outcomes[2].err != nil || outcomes[3].err != nil {
		t.Errorf("sound members refused: %v, %v", outcomes[2].err, outcomes[3].err)
	}
	for _, i := range []int{0, 1, 4} {
		wantError(t, "stale member", outcomes[i].err, eventstore.ErrConflict)
	}
	for value, holder := range map[string]string{"name": "ada", "mail": "bob", "evil": "eve", "more": ""} {
		if got := log.holder(t, claim(value)); got != holder {
			t.Errorf("%s is held by %q, want %q", value, got, holder)
		}
	}
}

func testClaimRace(t *testing.T, log *node) {
	var changes []eventstore.Change
	for i := range 16 {
		changes = append(changes, log.claiming(fmt.Sprint("racer ", i), 0, claims("name", fmt.Sprint("own ", i)), nil))
	}
	winner := ""
	for i, o := range together(t, changes, log) {
		if o.err != nil {
			wantTaken(t, "loser", o.err, "username")
			if log.version(t, changes[i].Stream.ID) != 0 || log.holder(t, changes[i].Claims[1]) != "" {
				t.Errorf("loser %d left something behind", i)
			}
			continue
		}
		if winner != "" {
			t.Errorf("%s and %s won", winner, changes[i].Stream.ID)
		}
		winner = changes[i].Stream.ID
	}
	if winner == "" || log.holder(t, claim("name")) != winner {
		t.Errorf("winner %q, holder %q", winner, log.holder(t, claim("name")))
	}
}
