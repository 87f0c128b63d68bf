package authservice_test

import (
	"slices"
	"testing"

	"connectrpc.com/connect"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
)

func TestListMyUserSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.person(t, "bob")
	here, beside, elsewhere := h.begun(t, "ann", "f1"), h.begun(t, "ann", "f1"), h.begun(t, "ann", "f2")
	h.begun(t, "bob", "f1")
	plain := h.begun(t, "ann", "")
	for caller, want := range map[string][]string{
		here: {beside, here}, beside: {beside, here}, elsewhere: {elsewhere}, plain: {plain}, "ann": nil,
	} {
		list, err := h.as(caller).ListMyUserSessions(t.Context(), &authv1.ListMyUserSessionsRequest{})
		must(t, err)
		var got []string
		for _, s := range list.GetResult() {
			got = append(got, s.GetSessionId())
			if s.GetUserId() != "ann" || s.GetLoginName() != "ann" || s.GetUserName() != "ann" || s.GetDisplayName() != "Ada Lovelace" ||
				s.GetAuthState() != authv1.SessionState_SESSION_STATE_ACTIVE || s.GetDetails().GetSequence() == 0 {
				t.Errorf("a session of %s: %v", caller, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s sees %q, want %q", caller, got, want)
		}
	}
}

func TestMyRefreshTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two, three := h.signIn(t), h.signIn(t), h.signIn(t)
	h.begun(t, "ann", "f") // without a refresh token
	held := func(caller string) (held []string) {
		t.Helper()
		list, err := h.as(caller).ListMyRefreshTokens(t.Context(), &authv1.ListMyRefreshTokensRequest{})
		must(t, err)
		for _, token := range list.GetResult() {
			if token.GetAuthTime() == nil || token.GetIdleExpiration() == nil || token.GetExpiration() == nil || token.GetDetails().GetCreationDate() == nil {
				t.Errorf("a token: %v", token)
			}
			held = append(held, token.GetId())
		}
		if total := list.GetDetails().GetTotalResult(); int(total) != len(held) {
			t.Errorf("%d of %d", len(held), total)
		}
		return held
	}
	if got := held("ann"); !slices.Equal(got, []string{three, two, one}) {
		t.Errorf("ann holds %q", got)
	}
	if got := held("stranger"); got != nil {
		t.Errorf("a stranger holds %q", got)
	}
	for caller, id := range map[string]string{"stranger": one, "ann": "unknown"} {
		_, err := h.as(caller).RevokeMyRefreshToken(t.Context(), &authv1.RevokeMyRefreshTokenRequest{Id: id})
		fails(t, id+" revoked by "+caller, err, connect.CodeNotFound)
	}
	revoked, err := h.as("ann").RevokeMyRefreshToken(t.Context(), &authv1.RevokeMyRefreshTokenRequest{Id: two})
	if must(t, err); revoked.GetDetails().GetChangeDate() == nil || !slices.Equal(held("ann"), []string{three, one}) {
		t.Errorf("after %v ann holds %q", revoked, held("ann"))
	}
	_, err = h.as("ann").RevokeMyRefreshToken(t.Context(), &authv1.RevokeMyRefreshTokenRequest{Id: two})
	fails(t, "twice", err, connect.CodeNotFound)
	_, err = h.as("stranger").RevokeAllMyRefreshTokens(t.Context(), &authv1.RevokeAllMyRefreshTokensRequest{})
	fails(t, "all, by a stranger", err, connect.CodeInvalidArgument)
	_, err = h.as(one).RevokeAllMyRefreshTokens(t.Context(), &authv1.RevokeAllMyRefreshTokensRequest{})
	if must(t, err); held("ann") != nil {
		t.Errorf("after all were revoked ann holds %q", held("ann"))
	}
	_, err = h.as("ann").RevokeAllMyRefreshTokens(t.Context(), &authv1.RevokeAllMyRefreshTokensRequest{})
	fails(t, "all, again", err, connect.CodeInvalidArgument)
}
