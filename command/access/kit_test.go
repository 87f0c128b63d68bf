package access_test

import (
	"errors"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

func system() *permission.Caller { return permission.System(commandtest.Tenant) }

// robot returns a node with a machine user and its token.
func robot(t testing.TB, token user.NewToken) (*commandtest.Node, user.Issued) {
	t.Helper()
	n := commandtest.New(t, database(t))
	added, err := n.Users.AddMachine(t.Context(), system(), user.AddMachine{
		UserID: "robot", Organization: "default", Name: "Robot", Token: &token,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, added.Token
}

// person adds minnie, a user with a password.
func person(t testing.TB, n *commandtest.Node) {
	t.Helper()
	n.Given(t, "minnie",
		&eventv1.UserHumanAdded{OrganizationId: "default", Username: "minnie", Profile: &eventv1.Profile{GivenName: "Minnie", FamilyName: "Mouse"}},
		&eventv1.UserPasswordChanged{Hash: "$plain$"},
	)
}

// signedIn is a session with the tokens that stand for its user.
type signedIn struct {
	session.Begun
	user string
	jwt  string
}

// signIn begins a session; with the id of a personal access token it stands on that.
func signIn(t testing.TB, n *commandtest.Node, userID, tokenID string) signedIn {
	t.Helper()
	b := session.Begin{
		Tenant: n.Tenant, UserID: userID, Organization: "default", UserVersion: n.Version(t, userID),
		Proof: session.ByPassword, SessionToken: true,
	}
	if tokenID != "" {
		b.Proof, b.TokenID = session.ByToken, tokenID
	}
	begun, err := n.Sessions.Begin(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return signedIn{Begun: begun, user: userID, jwt: issue(t, n, accesstoken.Subject{UserID: userID, SessionID: begun.ID})}
}

func issue(t testing.TB, n *commandtest.Node, who accesstoken.Subject) string {
	t.Helper()
	token, err := n.Tokens.Issue(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return token.Value
}

// tokens are those that speak for the user of a session, by kind.
func (s *signedIn) tokens() map[string]string {
	return map[string]string{"session token": s.SessionToken, "access token": s.jwt}
}

// good checks that a token is good on some nodes.
func good(t testing.TB, what, token string, nodes ...*commandtest.Node) {
	t.Helper()
	for _, n := range nodes {
		if _, err := n.Access.Authenticate(t.Context(), token); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// refused checks that a token is refused with the one refusal, to the letter.
func refused(t testing.TB, what, token string, nodes ...*commandtest.Node) {
	t.Helper()
	for _, n := range nodes {
		_, err := n.Access.Authenticate(t.Context(), token)
		same(t, what, err)
	}
}

// same checks that a refusal is the one refusal, to the letter.
func same(t testing.TB, name string, err error) {
	t.Helper()
	if !errors.Is(err, access.ErrUnauthenticated) || err.Error() != "the token is invalid" {
		t.Errorf("%s: %v", name, err)
		return
	}
	if refusal := (*failure.Error)(nil); errors.As(err, &refusal) && (refusal.Kind != failure.Unauthenticated || refusal.Cause != nil) {
		t.Errorf("%s: %+v", name, refusal)
	}
}

// readOn makes a node read the log from a position to its present end.
func readOn(t testing.TB, n *commandtest.Node, from eventstore.Position) {
	t.Helper()
	head, err := n.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for from < head {
		if from, err = n.Follower(n.Access, access.Kinds()...).Step(t.Context(), from); err != nil {
			t.Fatal(err)
		}
	}
}
