package session_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/session"
)

func TestADirectSignIn(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, c := range map[string]struct {
		edit func(*session.Begin)
		then []string
	}{
		"by password": {func(b *session.Begin) { b.SessionToken = false }, []string{"session.added", "session.user.checked", "session.password.checked", "session.refreshed"}},
		"by secret":   {func(b *session.Begin) { b.Proof = session.BySecret }, []string{"session.added", "session.user.checked", "session.secret.checked", "session.refreshed", "session.token.set"}},
		"by token":    {func(b *session.Begin) { b.Proof, b.TokenID = session.ByToken, "t" }, []string{"session.added", "session.user.checked", "session.token.checked", "session.refreshed", "session.token.set"}},
	} {
		req := signIn(t, n)
		c.edit(&req)
		begun, err := n.Sessions.Begin(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		events := recorded(t, n, begun.ID, 0)
		if got := commandtest.Types(events); !slices.Equal(got, c.then) {
			t.Errorf("%s: recorded %q, want %q", name, got, c.then)
		}
		if begun.Receipt.Version != uint64(len(events)) || begun.Receipt.Organization != "default" {
			t.Errorf("%s: receipt %+v", name, begun.Receipt)
		}
		state := stateOf(t, n, begun.ID)
		if !state.ExpiresAt.Equal(n.Clock.Now().Add(commandtest.SessionLife().Session)) || state.UserID != "minnie" || state.CreatorID != "" ||
			state.UserVersion != req.UserVersion || state.TokenID != req.TokenID {
			t.Errorf("%s: %+v", name, state)
		}
		if id, ok := session.TokenSession(begun.SessionToken); ok != req.SessionToken || ok && id != begun.ID {
			t.Errorf("%s: the session token names %q, %v", name, id, ok)
		}
	}
	req := signIn(t, n)
	req.Proof = 0
	if _, err := n.Sessions.Begin(t.Context(), req); err == nil {
		t.Error("a session without a proof")
	}
}

func TestADirectSignInKeepsItsClient(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, c := range map[string]struct {
		from command.Origin
		want *eventv1.SessionAgent
	}{
		"a browser":           {command.Origin{Address: "192.0.2.7", Agent: "browser"}, &eventv1.SessionAgent{Ip: "192.0.2.7", Description: "browser"}},
		"many people's proxy": {command.Origin{Address: "192.0.2.8", Agent: "app", Trusted: true}, &eventv1.SessionAgent{Description: "app"}},
		"nothing is known":    {command.Origin{}, nil},
	} {
		begun, err := n.Sessions.Begin(command.WithOrigin(t.Context(), c.from), signIn(t, n))
		if err != nil {
			t.Fatal(err)
		}
		added, ok := recorded(t, n, begun.ID, 0)[0].(*eventv1.SessionAdded)
		if !ok || !proto.Equal(added.GetAgent(), c.want) {
			t.Errorf("%s: %v", name, added)
		}
	}
}

// A sign-in that was judged before the user's password changed, and is recorded after it, begins a session that never is good.
func TestASignInThatLosesARace(t *testing.T) {
	t.Parallel()
	n := scene(t)
	judged := signIn(t, n)
	n.Given(t, "minnie", &eventv1.UserPasswordChanged{Hash: "h"})
	begun, err := n.Sessions.Begin(t.Context(), judged)
	if err != nil {
		t.Fatal(err)
	}
	if good(t, n, begun.ID) {
		t.Error("it is good")
	}
	_, err = n.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
	refused(t, "its refresh token", err, session.ErrRefreshToken)
	refused(t, "its session token", denied(t, n, begun.ID, begun.SessionToken), errDenied)
}

// The log knows digests of tokens, and the client under seal.
func TestNoTokenIsInTheLog(t *testing.T) {
	t.Parallel()
	n := scene(t)
	ctx := command.WithOrigin(t.Context(), command.Origin{Address: "192.0.2.7", Agent: "browser"})
	begun, err := n.Sessions.Begin(ctx, signIn(t, n))
	if err != nil {
		t.Fatal(err)
	}
	events, err := n.Store.ReadStream(t.Context(), streamOf(n, begun.ID), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		e := &events[i]
		for _, open := range []string{begun.SessionToken, begun.RefreshToken, "192.0.2.7", "browser"} {
			if strings.Contains(string(e.Payload)+string(e.Client), open) {
				t.Errorf("%s holds %.10q", e.Type, open)
			}
		}
		if client, err := n.Runtime.Codec.OpenClient(t.Context(), e); err != nil || client.GetIp() != "192.0.2.7" || e.Actor != "minnie" {
			t.Errorf("%s: %v, %v, by %q", e.Type, client, err, e.Actor)
		}
	}
}
