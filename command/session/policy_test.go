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

func force(t testing.TB, n *commandtest.Node, organization string, mfa bool) {
	t.Helper()
	_, err := n.Policies.Set(t.Context(), admin(), policy.Set{Organization: organization, Policy: &policy.Login{
		Password: true, ForceMfa: mfa, SecondFactors: []eventv1.LoginFactor{eventv1.LoginFactor_LOGIN_FACTOR_TOTP},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// Where second factors are forced a session speaks for its user only with two proofs: on every node, at once, both ways.
func TestForcedSecondFactors(t *testing.T) {
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
				refused(t, "a session of one proof", err, access.ErrUnauthenticated)
			}
		}
	}
	speaks(at.Token, true)
	force(t, n, "default", true)
	speaks(at.Token, false)
	speaks(begun.SessionToken, false)
	_, err := n.Sessions.Refresh(t.Context(), n.Tenant, begun.RefreshToken)
	refused(t, "refresh", err, session.ErrRefreshToken)
	code, err := totp.GenerateCode(base32.StdEncoding.EncodeToString(seed), n.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	both, err := n.Sessions.Set(t.Context(), stranger(), session.Set{ID: at.ID, Token: at.Token, Checks: session.Checks{TOTP: code}})
	if err != nil {
		t.Fatal(err)
	}
	speaks(both.Token, true)
	force(t, n, "default", false)
	speaks(begun.SessionToken, true)
	refresh(t, n, begun.RefreshToken)
}
