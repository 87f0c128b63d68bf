package userservice

import (
	"strings"
	"testing"

	"github.com/signet-iam/signet/api/avatar"
	queries "github.com/signet-iam/signet/query/user"
)

func TestPicturesHaveAddresses(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("0", 64)
	for have, want := range map[string]string{"": "", digest: "https://id.example.com/assets/v1/users/ann/avatar/" + digest} {
		u := queries.User{ID: "ann", Avatar: have}
		got := new(user).fill(&u, avatar.NewAddresses("https://id.example.com/"))
		if address := got.GetHuman().GetProfile().GetAvatarUrl(); address != want {
			t.Errorf("%q: %q", have, address)
		}
	}
}
