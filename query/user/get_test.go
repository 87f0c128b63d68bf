package user_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

func TestWhoMayReadWhom(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	known := []user.User{
		{ID: "ann", Organization: "o1", State: user.StateActive, Kind: user.KindHuman},
		{ID: "bob", Organization: "o2", State: user.StateLocked, Kind: user.KindMachine},
		{ID: "gone", Organization: "o1", State: user.StateDeleted, Kind: user.KindHuman},
	}
	for i := range known {
		d.append(t, &known[i], 1)
	}
	d.project(t, known...)
	var (
		admin    = viewer{subject: "root", all: true}
		manager  = viewer{subject: "mia", organizations: []string{"o1"}}
		plain    = viewer{subject: "ann"}
		stranger = viewer{subject: "eve"}
		ghost    = viewer{subject: "gone"}
	)
	for _, c := range []struct {
		name   string
		viewer viewer
		id     string
		want   *failure.Error
	}{
		{"administrator reads anybody", admin, "bob", nil},
		{"administrator, unknown id", admin, "nobody", user.ErrNotFound},
		{"administrator, deleted user", admin, "gone", user.ErrNotFound},
		{"manager reads its organization", manager, "ann", nil},
		{"manager, other organization", manager, "bob", query.ErrDenied},
		{"manager, unknown id", manager, "nobody", user.ErrNotFound},
		{"manager, deleted user of its organization", manager, "gone", user.ErrNotFound},
		{"self", plain, "ann", nil},
		{"plain user, other user", plain, "bob", query.ErrDenied},
		{"plain user, unknown id", plain, "nobody", query.ErrDenied},
		{"plain user, deleted user", plain, "gone", query.ErrDenied},
		{"self, unknown", stranger, "eve", user.ErrNotFound},
		{"self, deleted", ghost, "gone", user.ErrNotFound},
		{"nobody at all", viewer{}, "ann", query.ErrDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := d.queries.Get(context.Background(), c.viewer, c.id, query.Consistency{})
			if c.want != nil {
				if !errors.Is(err, c.want) {
					t.Fatalf("got %v, want %v", err, c.want)
				}
				if got != (user.User{}) {
					t.Fatal("a refusal came with an answer")
				}
				return
			}
			if err != nil || got.ID != c.id {
				t.Fatalf("got %q, %v", got.ID, err)
			}
		})
	}
}

func TestGetReturnsEveryColumn(t *testing.T) {
	t.Parallel()
	d, all := populated(t, 40)
	for _, want := range all {
		got, err := d.queries.Get(context.Background(), viewer{subject: "root", all: true}, want.ID, query.Consistency{})
		if want.State == user.StateDeleted {
			if !errors.Is(err, user.ErrNotFound) {
				t.Fatalf("deleted user: %v", err)
			}
			continue
		}
		if err != nil || got != want {
			t.Fatalf("got  %+v, %v\nwant %+v", got, err, want)
		}
	}
}

func TestIDsThatCannotBe(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, id := range []string{"", "a\x00b", strings.Repeat("x", 201)} {
		_, err := d.queries.Get(context.Background(), viewer{subject: id, all: true}, id, query.Consistency{})
		var refusal *failure.Error
		if !errors.As(err, &refusal) || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%q: %v", id, err)
		}
	}
	_, err := d.queries.Get(context.Background(), viewer{all: true}, strings.Repeat("x", 200), query.Consistency{})
	if !errors.Is(err, user.ErrNotFound) {
		t.Errorf("longest id: %v", err)
	}
}
