package signin_test

import (
	"testing"

	"github.com/signet-iam/signet/command/signin"
)

// A password of somebody whose organization is not active is as good as a wrong one.
func TestLoginWhileTheOrganizationIsInactive(t *testing.T) {
	t.Parallel()
	n := scene(t)
	login(t, n)
	if _, err := n.Organizations.Deactivate(t.Context(), system(), "default"); err != nil {
		t.Fatal(err)
	}
	_, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), true)
	refused(t, "inactive", err, signin.ErrRejected)
	if _, err := n.Organizations.Activate(t.Context(), system(), "default"); err != nil {
		t.Fatal(err)
	}
	login(t, n)
}
