package user_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/user"
)

func TestTokensOfAUser(t *testing.T) {
	t.Parallel()
	d, ctx := newDatabase(t), context.Background()
	made, until := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)
	ada, bob := user.User{ID: "ada", Organization: "o1"}, user.User{ID: "bob", Organization: "o1"}
	d.append(t, &ada, 1)
	d.append(t, &bob, 1)
	d.give(t, "ada", row{kind: key, id: "k"},
		row{kind: token, id: "second", name: "laptop", created: made.Add(time.Hour), expires: until},
		row{kind: token, id: "first", created: made},
		row{kind: token, id: "ended", pending: true, created: made.Add(2 * time.Hour), expires: made.Add(3 * time.Hour)})
	d.give(t, "bob", row{kind: token, id: "bob's"})
	d.project(t, ada, bob)
	used := made.Add(time.Minute)
	if err := d.log.NoteUses(ctx, []eventstore.Use{
		{Tenant: tenant, Subject: "first", At: used.Add(-time.Second)}, {Tenant: tenant, Subject: "first", At: used},
		{Tenant: "another", Subject: "second", At: used},
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.log.NoteUses(ctx, []eventstore.Use{{Tenant: tenant, Subject: "first", At: used.Add(-time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	want := []user.Token{
		{ID: "first", CreatedAt: made, LastUsedAt: used},
		{ID: "second", Name: "laptop", CreatedAt: made.Add(time.Hour), ExpiresAt: until},
		{ID: "ended", CreatedAt: made.Add(2 * time.Hour), ExpiresAt: made.Add(3 * time.Hour)},
	}
	for who, v := range map[string]viewer{"oneself": {subject: "ada"}, "who may read the organization": {subject: "x", organizations: []string{"o1"}}} {
		got, err := d.queries.TokensOf(ctx, v, "ada", query.Consistency{})
		if err != nil || !slices.Equal(got.Tokens, want) || got.Position != ada.Position {
			t.Errorf("%s: %+v, %v", who, got, err)
		}
		one, reflected, err := d.queries.Token(ctx, v, user.TokenRequest{UserID: "ada", ID: "second"})
		if err != nil || one != want[1] || reflected.Position != ada.Position {
			t.Errorf("%s, one: %+v, %v", who, one, err)
		}
	}
	for _, id := range []string{"bob's", "k", "none", "", "\x00", strings.Repeat("x", 300)} {
		if _, _, err := d.queries.Token(ctx, viewer{subject: "ada"}, user.TokenRequest{UserID: "ada", ID: id}); !errors.Is(err, user.ErrTokenNotFound) {
			t.Errorf("token %.10q: %v", id, err)
		}
	}
	if _, err := d.queries.TokensOf(ctx, viewer{subject: "bob"}, "ada", query.Consistency{}); !errors.Is(err, query.ErrDenied) {
		t.Errorf("somebody else's: %v", err)
	}
	d.append(t, &ada, 1)
	if _, err := d.queries.TokensOf(ctx, viewer{subject: "ada"}, "ada", query.Consistency{Timeout: soon}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("behind: %v", err)
	}
}
