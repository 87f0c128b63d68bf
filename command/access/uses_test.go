package access_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// noted keeps the ids of the tokens that were used.
type noted struct {
	mu  sync.Mutex
	ids []string
}

func (n *noted) Note(tenant, tokenID string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ids = append(n.ids, tenant+"/"+tokenID)
}

// Each request that a personal access token is good for is a use of it, whether or not it was cached; a refused one is none.
func TestUsesOfATokenAreNoted(t *testing.T) {
	t.Parallel()
	n, token := robot(t, user.NewToken{})
	var uses noted
	d := n.AccessDependencies()
	d.Uses = &uses
	a := access.New(d)
	for range 2 {
		if _, err := a.Authenticate(t.Context(), token.Token); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Users.Lock(t.Context(), permission.System(commandtest.Tenant), "robot"); err != nil {
		t.Fatal(err)
	}
	n.Clock.Advance(time.Minute) // nobody tells this one about events
	if _, err := a.Authenticate(t.Context(), token.Token); err == nil {
		t.Fatal("a token of a locked user is good")
	}
	if want := commandtest.Tenant + "/" + token.ID; !slices.Equal(uses.ids, []string{want, want}) {
		t.Errorf("noted %q", uses.ids)
	}
}
