package signin_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/user"
)

func TestLoginToken(t *testing.T) {
	t.Parallel()
	n := scene(t)
	_, token := robot(t, n)
	as := caller(t, n, token.Token)
	in, err := n.SignIn.LoginToken(t.Context(), as)
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{in.AccessToken, in.SessionToken} {
		if got := caller(t, n, value); got.UserID != "robot" || got.Session != in.SessionID || got.TokenID != "" {
			t.Errorf("%+v", got)
		}
	}
	if _, err := n.Users.RevokeToken(t.Context(), system(), user.RevokeToken{UserID: "robot", TokenID: token.ID}); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{in.AccessToken, in.SessionToken} {
		_, err := n.Access.Authenticate(t.Context(), value)
		refused(t, "the session outlives the token", err, access.ErrUnauthenticated)
	}
	_, err = n.SignIn.Refresh(t.Context(), in.RefreshToken)
	refused(t, "refresh", err, session.ErrRefreshToken)
	_, err = n.SignIn.LoginToken(t.Context(), as) // who was authenticated before
	refused(t, "again", err, permission.ErrUnauthenticated)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	n := scene(t)
	first := login(t, n)
	second, err := n.SignIn.Refresh(t.Context(), first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.SessionID != first.SessionID || second.User.ID != "minnie" || second.RefreshToken == first.RefreshToken {
		t.Errorf("refreshed to %+v", second)
	}
	if as := caller(t, n, second.AccessToken); as.Session != first.SessionID {
		t.Errorf("the access token is of %+v", as)
	}
	for name, token := range map[string]string{"none": "", "an access token": second.AccessToken, "invented": "sgr_x"} {
		_, err := n.SignIn.Refresh(t.Context(), token)
		refused(t, name, err, session.ErrRefreshToken)
	}
}

// A refresh token is good once. Of fifty who bring it one may win; nothing that came of it is good after the others came.
func TestRefreshRace(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	in := login(t, n)
	var mu sync.Mutex
	var won []signin.SignedIn
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			next, err := nodes[i%2].SignIn.Refresh(t.Context(), in.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won = append(won, next)
			case !errors.Is(err, session.ErrRefreshToken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d won", len(won))
	}
	n.Clock.Advance(time.Minute) // the nodes do not follow each other
	for _, next := range won {
		_, err := n.SignIn.Refresh(t.Context(), next.RefreshToken)
		refused(t, "the winner's refresh token", err, session.ErrRefreshToken)
		_, err = n.Access.Authenticate(t.Context(), next.AccessToken)
		refused(t, "the winner's access token", err, access.ErrUnauthenticated)
	}
	_, err := n.Access.Authenticate(t.Context(), in.SessionToken)
	refused(t, "the session token", err, access.ErrUnauthenticated)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	n := scene(t)
	in := login(t, n)
	token, err := n.SignIn.Access(t.Context(), caller(t, n, in.SessionToken))
	if err != nil {
		t.Fatal(err)
	}
	if as := caller(t, n, token); as.UserID != "minnie" || as.Session != in.SessionID {
		t.Errorf("%+v", as)
	}
}
