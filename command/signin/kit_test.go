package signin_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/signin"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

const (
	goodPassword = "Correct-Horse-7"
	nextPassword = "Another-Horse-8"
)

func system() *permission.Caller { return permission.System(commandtest.Tenant) }

// goodHash is of goodPassword, at today's cost.
var goodHash = sync.OnceValues(func() (string, error) {
	return password.NewHasher(password.Options{Random: rand.Reader}).Hash(context.Background(), goodPassword)
})

// person is somebody who has goodPassword.
type person struct {
	id, email, phone string
	unproven         bool // the addresses
}

func add(t testing.TB, n *commandtest.Node, p person) {
	t.Helper()
	hash, err := goodHash()
	if err != nil {
		t.Fatal(err)
	}
	proof := user.Verification(user.Verified{})
	if p.unproven {
		proof = user.Unverified{}
	}
	req := user.AddHuman{
		UserID: p.id, Organization: "default", Username: &p.id, Profile: user.Profile{GivenName: "Minnie", FamilyName: "Mouse"},
		Email: user.EmailChange{Address: p.email, Verification: proof}, WithoutEmail: p.email == "",
		Password: &user.NewPassword{Hash: hash},
	}
	if p.phone != "" {
		req.Phone = &user.PhoneChange{Number: p.phone, Verification: proof}
	}
	if _, err := n.Users.AddHuman(t.Context(), system(), req); err != nil {
		t.Fatal(err)
	}
}

const (
	email = "minnie@mouse.com"
	phone = "+41791112233"
)

// scene is a node on which minnie lives, with a verified address and number.
func scene(t testing.TB) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	add(t, n, person{id: "minnie", email: email, phone: phone})
	return n
}

func byUsername(name string) signin.Identifier { return signin.Identifier{Username: name} }
func byEmail(address string) signin.Identifier { return signin.Identifier{Email: address} }
func byPhone(number string) signin.Identifier  { return signin.Identifier{Phone: number} }
func minnieWith(password string) signin.Credentials {
	return signin.Credentials{Identifier: byUsername("minnie"), Password: password}
}

// login signs minnie in.
func login(t testing.TB, n *commandtest.Node) signin.SignedIn {
	t.Helper()
	in, err := n.SignIn.Login(t.Context(), minnieWith(goodPassword), true)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// caller is whom a token stands for.
func caller(t testing.TB, n *commandtest.Node, token string) *permission.Caller {
	t.Helper()
	c, err := n.Access.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refused checks that an error is a refusal, and reads like it to the letter.
func refused(t testing.TB, name string, err error, want *failure.Error) {
	t.Helper()
	got, ok := errors.AsType[*failure.Error](err)
	if !ok || got.Kind != want.Kind || got.Reason != want.Reason || got.Text != want.Text || got.After != want.After {
		t.Errorf("%s: %v, want %v", name, err, want)
	}
}

// sent returns the codes that are on their way to a user, the newest last.
func sent(t testing.TB, n *commandtest.Node, userID string) []string {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), n.Stream(userID), 0)
	if err != nil {
		t.Fatal(err)
	}
	key, err := n.Runtime.Vault.Key(t.Context(), n.Tenant, userID)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, e := range events {
		d, ok, err := n.Store.Deliverable(t.Context(), n.Tenant, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		code, err := key.Open([]byte("deliverable:"+e.ID.String()), d.Sealed)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, string(code))
	}
	return codes
}

// medium is how the newest code of a kind travels.
func medium(t testing.TB, n *commandtest.Node, userID string) eventv1.CodeMedium {
	t.Helper()
	events := n.Recorded(t, userID, 0)
	type coded interface{ GetCode() *eventv1.Code }
	if last, ok := events[len(events)-1].(coded); ok {
		return last.GetCode().GetMedium()
	}
	return eventv1.CodeMedium_CODE_MEDIUM_UNSPECIFIED
}

// wrong returns a code of digits that is not the right one.
func wrong(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}
