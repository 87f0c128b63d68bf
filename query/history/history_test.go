package history_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/history"
)

// brief writes changes as "version type editor".
func brief(list history.List) (lines []string) {
	for _, c := range list.Changes {
		lines = append(lines, fmt.Sprintf("%d %s %s/%s/%s/%s", c.Version, c.Type, c.Editor.ID, c.Editor.LoginName, c.Editor.DisplayName, c.Editor.Avatar))
	}
	return lines
}

func TestOwn(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "system", "mia", human("mia"), &eventv1.UserAvatarSet{Sha256: []byte{0xab}})
	d.record(t, "system", "bot", &eventv1.UserMachineAdded{OrganizationId: "o2", Username: "bot", Name: "A bot"})
	d.record(t, "system", "gone", human("gone"))
	d.record(t, "mia", "ann", human("ann"), &eventv1.UserPasswordChanged{Hash: "h"})
	d.record(t, "bot", "ann", &eventv1.UserLocked{})
	d.record(t, "gone", "ann", &eventv1.UserUnlocked{})
	d.record(t, "system", "gone", &eventv1.UserRemoved{})
	d.record(t, "ann", "ann", &eventv1.UserEmailChanged{Email: "ann@example.com"})
	want := []string{
		"1 user.human.added mia/mia/D mia/ab", "2 user.password.changed mia/mia/D mia/ab", "3 user.locked bot/bot/A bot/",
		"4 user.unlocked gone///", "5 user.email.changed ann/ann/D ann/",
	}
	for _, c := range []struct {
		name    string
		request history.Request
		want    []string
	}{
		{"oldest first", history.Request{Ascending: true}, want},
		{"newest first", history.Request{}, reversed(want)},
		{"behind one, oldest first", history.Request{Ascending: true, Beyond: 3}, want[3:]},
		{"behind one, newest first", history.Request{Beyond: 3}, reversed(want[:2])},
		{"a page, oldest first", history.Request{Ascending: true, Beyond: 1, Limit: 2}, want[1:3]},
		{"a page, newest first", history.Request{Limit: 1}, want[4:]},
		{"behind the end, oldest first", history.Request{Ascending: true, Beyond: 5}, nil},
		{"behind the end, newest first", history.Request{Beyond: 1}, nil},
		{"beyond all versions, oldest first", history.Request{Ascending: true, Beyond: 1 << 63}, nil},
		{"beyond all versions, newest first", history.Request{Beyond: 1<<64 - 1, Limit: 1000}, reversed(want)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.request.Consistency = strong()
			list, err := d.queries.Own(t.Context(), viewer("ann"), c.request)
			if err != nil || !slices.Equal(brief(list), c.want) {
				t.Errorf("got  %q, %v\nwant %q", brief(list), err, c.want)
			}
			if list.Total != 5 || list.Organization != "o1" || list.Language != "de" {
				t.Errorf("about the list: %d, %q, %q", list.Total, list.Organization, list.Language)
			}
		})
	}
}

func reversed(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Reverse(lines)
	return lines
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	d.record(t, "system", "gone", human("gone"), &eventv1.UserRemoved{})
	d.record(t, "system", "ann", human("ann"))
	for _, c := range []struct {
		name    string
		viewer  viewer
		request history.Request
		reason  string
	}{
		{"nobody", "", history.Request{}, "permission"},
		{"a removed account", "gone", history.Request{}, history.ErrNotFound.Text},
		{"an account that never was", "never", history.Request{}, history.ErrNotFound.Text},
		{"too much", "ann", history.Request{Limit: query.MaxLimit + 1}, "limit"},
	} {
		c.request.Consistency = strong()
		if list, err := d.queries.Own(t.Context(), c.viewer, c.request); err == nil || !strings.Contains(err.Error(), c.reason) || list.Changes != nil {
			t.Errorf("%s: %v, %v", c.name, list, err)
		}
	}
}

// What is not in the read model yet is waited for; who does not wait is shown what there is.
func TestFreshness(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "ann", "ann", human("ann"))
	if _, err := d.queries.Own(t.Context(), viewer("ann"), history.Request{}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("without a projection: %v", err)
	}
	eventual := history.Request{Consistency: query.Consistency{Mode: query.Eventual}}
	if _, err := d.queries.Own(t.Context(), viewer("ann"), eventual); !errors.Is(err, history.ErrNotFound) {
		t.Errorf("who does not wait: %v", err)
	}
	d.run(t)
	for i := range 20 { // each name is read right after it was given
		name := fmt.Sprint("ann", i)
		at := d.record(t, "ann", "ann", &eventv1.UserProfileChanged{Profile: &eventv1.Profile{DisplayName: name}})
		list, err := d.queries.Own(t.Context(), viewer("ann"), history.Request{Consistency: strong()})
		must(t, err)
		if list.Changes[0].Version != at.Version || list.Changes[0].Editor.DisplayName != name || list.Position < at.Position {
			t.Fatalf("the last change is %+v, at %d; want %q at %d", list.Changes[0], list.Position, name, at.Position)
		}
	}
}

// Whoever has an id sees nothing of whoever had it before, however little of that the read model knows yet.
func TestEarlierLives(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.record(t, "ann", "ann", human("ann"), &eventv1.UserLocked{})
	d.catchUp(t)
	d.record(t, "root", "ann", &eventv1.UserRemoved{}, human("bob"), &eventv1.UserDeactivated{})
	eventual := history.Request{Consistency: query.Consistency{Mode: query.Eventual}}
	if list, err := d.queries.Own(t.Context(), viewer("ann"), eventual); !errors.Is(err, history.ErrNotFound) {
		t.Errorf("with the row of the earlier life: %q, %v", brief(list), err)
	}
	d.run(t)
	list, err := d.queries.Own(t.Context(), viewer("ann"), history.Request{Ascending: true, Consistency: strong()})
	must(t, err)
	if want := []string{"4 user.human.added root///", "5 user.deactivated root///"}; !slices.Equal(brief(list), want) || list.Total != 2 {
		t.Errorf("got %q of %d, want %q", brief(list), list.Total, want)
	}
}

// Pages of any size, in both directions, put together are the whole history of the present life.
func TestPagesAreTheHistory(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t)
	next := 0
	rapid.Check(t, func(rt *rapid.T) {
		next++
		id := fmt.Sprint("user", next)
		types, born := d.someHistory(t, rt, id)
		size := rapid.IntRange(1, 12).Draw(rt, "size")
		ascending := rapid.Bool().Draw(rt, "ascending")
		var want, got []string
		for i := born; i < len(types); i++ {
			want = append(want, fmt.Sprint(i+1, " ", types[i]))
		}
		if !ascending {
			slices.Reverse(want)
		}
		request := history.Request{Ascending: ascending, Limit: uint32(size), Consistency: strong()}
		for page := 0; page <= len(types); page++ {
			list, err := d.queries.Own(t.Context(), viewer(id), request)
			if err != nil || list.Total != uint64(len(want)) || len(list.Changes) > size {
				rt.Fatalf("%d changes of %d, %v", len(list.Changes), list.Total, err)
			}
			for _, c := range list.Changes {
				got = append(got, fmt.Sprint(c.Version, " ", c.Type))
			}
			if len(list.Changes) < size {
				break
			}
			request.Beyond = list.Changes[len(list.Changes)-1].Version
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}

// someHistory records lives of a user and returns the types of all events and where the present life begins.
func (d *database) someHistory(t *testing.T, rt *rapid.T, id string) (types []string, born int) {
	var all []proto.Message
	for life := range rapid.IntRange(1, 3).Draw(rt, "lives") {
		if life > 0 {
			all, types = append(all, &eventv1.UserRemoved{}), append(types, "user.removed")
		}
		born = len(all)
		all, types = append(all, human(id)), append(types, "user.human.added")
		for range rapid.IntRange(0, 15).Draw(rt, "events") {
			all, types = append(all, &eventv1.UserUsernameChanged{Username: id}), append(types, "user.username.changed")
		}
	}
	d.record(t, "ann", id, all...)
	return types, born
}
