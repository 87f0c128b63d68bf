package session_test

import (
	"encoding/base32"
	"testing"

	"github.com/pquerna/otp/totp"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/command/session"
)

// demand sets the login policy of the default organization, with authenticator apps for second factors.
func demand(t testing.TB, n *commandtest.Node, p *policy.Login) {
	t.Helper()
	p.SecondFactors = []eventv1.LoginFactor{eventv1.LoginFactor_LOGIN_FACTOR_TOTP}
	if _, err := n.Policies.Set(t.Context(), admin(), policy.Set{Organization: "default", Policy: p}); err != nil {
		t.Fatal(err)
	}
}

// A session speaks for its user only with a proof that is allowed, and with two where second factors are forced: on every node,
// at once, both ways.
func TestLoginPolicyOfSessions(t *testing.T) {
	t.Parallel()
	n := scene(t)
	other := n.Another(t)
	seed := []byte("12345678901234567890")
	n.Given(t, "minnie", &eventv1.UserTOTPAdded{TotpId: "t", Seed: seed}, &eventv1.UserTOTPVerified{TotpId: "t"})
	at, begun := create(t, n, byPassword()), begin(t, n)
	speaks := func(token string, want bool) {
		t.Helper()
		for _, node := range []*commandtest.Node{n, other} {
			node.RecentPolicies.Lost() // no follower tells it of the other
			_, err := node.Access.Authenticate(t.Context(), token)
			if want && err != nil {
				t.Error(err)
			}
			if !want {
				refused(t, "a session that has too little", err, access.ErrUnauthenticated)
			}
		}
	}
	silent := func() {
		t.Helper()
		speaks(at.Token, false)
		speaks(begun.SessionToken, false)
		_, err := n.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
		refused(t, "refresh", err, session.ErrRefreshToken)
	}
	speaks(at.Token, true)
	demand(t, n, &policy.Login{Passkey: true})
	silent()
	demand(t, n, &policy.Login{Password: true, ForceMfa: true})
	silent()
	code, err := totp.GenerateCode(base32.StdEncoding.EncodeToString(seed), n.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	both, err := n.Sessions.Set(t.Context(), stranger(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{TOTP: code}})
	if err != nil {
		t.Fatal(err)
	}
	speaks(both.Token, true)
	demand(t, n, &policy.Login{Passkey: true, ForceMfa: true})
	speaks(both.Token, false)
	demand(t, n, &policy.Login{Password: true})
	speaks(begun.SessionToken, true)
	refresh(t, n, begun.RefreshToken)
}
