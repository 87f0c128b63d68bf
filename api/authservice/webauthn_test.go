package authservice_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/authservice"
	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/command/user"
)

// touched is what an authenticator answers on the login page.
func touched(t *testing.T, key *authv1.WebAuthNKey) *authv1.WebAuthNVerification {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(string(key.GetPublicKey()))
	must(t, err)
	page := virtualwebauthn.RelyingParty{ID: strings.TrimPrefix(loginPage, "https://"), Origin: loginPage}
	response := virtualwebauthn.CreateAttestationResponse(
		page, virtualwebauthn.NewAuthenticator(), credential(), *asked)
	return &authv1.WebAuthNVerification{PublicKeyCredential: []byte(response), TokenName: "phone"}
}

// credential returns a key both of whose coordinates take all their bytes: the authenticator does not pad them.
func credential() virtualwebauthn.Credential {
	for {
		made := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		key, _ := x509.ParsePKCS8PrivateKey(made.Key.Data)
		if point, _ := key.(*ecdsa.PrivateKey).PublicKey.Bytes(); point[1] != 0 && point[33] != 0 {
			return made
		}
	}
}

func passkey(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
	t.Helper()
	begun, err := n.AddMyPasswordless(ctx, &authv1.AddMyPasswordlessRequest{})
	must(t, err)
	return n.VerifyMyPasswordless(ctx, &authv1.VerifyMyPasswordlessRequest{Verification: touched(t, begun.GetKey())})
}

func securityKey(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
	t.Helper()
	begun, err := n.AddMyAuthFactorU2F(ctx, &authv1.AddMyAuthFactorU2FRequest{})
	must(t, err)
	return n.VerifyMyAuthFactorU2F(ctx, &authv1.VerifyMyAuthFactorU2FRequest{Verification: touched(t, begun.GetKey())})
}

func authenticators() []errand {
	addPasskey := ask((*authservice.Service).AddMyPasswordless, &authv1.AddMyPasswordlessRequest{})
	addKey := ask((*authservice.Service).AddMyAuthFactorU2F, &authv1.AddMyAuthFactorU2FRequest{})
	removePasskey := func(id string) deed {
		return ask((*authservice.Service).RemoveMyPasswordless, &authv1.RemoveMyPasswordlessRequest{TokenId: id})
	}
	removeKey := func(id string) deed {
		return ask((*authservice.Service).RemoveMyAuthFactorU2F, &authv1.RemoveMyAuthFactorU2FRequest{TokenId: id})
	}
	unreadable := &authv1.WebAuthNVerification{PublicKeyCredential: []byte("{}"), TokenName: "phone"}
	replaced := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		begun, err := n.AddMyPasswordless(ctx, &authv1.AddMyPasswordlessRequest{})
		must(t, err)
		_, err = n.AddMyPasswordless(ctx, &authv1.AddMyPasswordlessRequest{})
		must(t, err)
		return n.VerifyMyPasswordless(ctx, &authv1.VerifyMyPasswordlessRequest{Verification: touched(t, begun.GetKey())})
	}
	mistaken := func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
		begun, err := n.AddMyPasswordless(ctx, &authv1.AddMyPasswordlessRequest{})
		must(t, err)
		_, err = n.AddMyAuthFactorU2F(ctx, &authv1.AddMyAuthFactorU2FRequest{})
		must(t, err)
		return n.VerifyMyAuthFactorU2F(ctx, &authv1.VerifyMyAuthFactorU2FRequest{Verification: touched(t, begun.GetKey())})
	}
	return []errand{
		{rpc: "AddMyPasswordless", when: addPasskey},
		{rpc: "AddMyPasswordless", name: "of a machine", machine: true, when: addPasskey, fails: user.ErrNotFound},
		{rpc: "AddMyAuthFactorU2F", when: addKey},
		{rpc: "AddMyAuthFactorU2F", name: "of a machine", machine: true, when: addKey, fails: user.ErrNotFound},
		{rpc: "VerifyMyPasswordless", when: passkey},
		{rpc: "VerifyMyPasswordless", name: "unreadable", when: ask((*authservice.Service).VerifyMyPasswordless, &authv1.VerifyMyPasswordlessRequest{Verification: unreadable}), fails: user.ErrUnreadableCredential},
		{rpc: "VerifyMyPasswordless", name: "begun anew meanwhile", when: replaced, fails: user.ErrCredentialNotFound},
		{rpc: "VerifyMyAuthFactorU2F", when: securityKey},
		{rpc: "VerifyMyAuthFactorU2F", name: "by a passkey's answer", when: mistaken, fails: user.ErrCredentialNotFound},
		{rpc: "ListMyPasswordless", when: ask((*authservice.Service).ListMyPasswordless, &authv1.ListMyPasswordlessRequest{})},
		{rpc: "RemoveMyPasswordless", when: func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
			_, err := passkey(ctx, t, n)
			must(t, err)
			found, err := n.ListMyPasswordless(ctx, &authv1.ListMyPasswordlessRequest{})
			must(t, err)
			return removePasskey(found.GetResult()[0].GetId())(ctx, t, n)
		}},
		{rpc: "RemoveMyPasswordless", name: "that is none", when: removePasskey("x"), fails: user.ErrCredentialNotFound},
		{rpc: "RemoveMyAuthFactorU2F", when: func(ctx context.Context, t *testing.T, n *node) (proto.Message, error) {
			_, err := securityKey(ctx, t, n)
			must(t, err)
			found, err := n.ListMyAuthFactors(ctx, &authv1.ListMyAuthFactorsRequest{})
			must(t, err)
			return removeKey(found.GetResult()[0].GetU2F().GetId())(ctx, t, n)
		}},
		{rpc: "RemoveMyAuthFactorU2F", name: "that is none", when: removeKey("x"), fails: user.ErrCredentialNotFound},
	}
}

func passkeyLinks() []errand {
	send := ask((*authservice.Service).SendMyPasswordlessLink, &authv1.SendMyPasswordlessLinkRequest{})
	add := ask((*authservice.Service).AddMyPasswordlessLink, &authv1.AddMyPasswordlessLinkRequest{})
	return []errand{
		{rpc: "SendMyPasswordlessLink", when: send},
		{rpc: "SendMyPasswordlessLink", name: "of a machine", machine: true, when: send, fails: user.ErrNotFound},
		{rpc: "AddMyPasswordlessLink", when: add},
		{rpc: "AddMyPasswordlessLink", name: "of a machine", machine: true, when: add, fails: user.ErrNotFound},
	}
}

// A link holds all that its page needs to register a passkey, for an hour, whoever opens it.
func TestPasskeyLink(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	const id = "ada&co"
	ctx := n.person(t, id)
	made, err := n.AddMyPasswordlessLink(ctx, &authv1.AddMyPasswordlessLinkRequest{})
	must(t, err)
	link, err := url.Parse(made.GetLink())
	must(t, err)
	q := link.Query()
	if link.Scheme+"://"+link.Host+link.Path != loginPage+"/passkey" || q.Get("lang") != "en" || q.Get("userID") != id || q.Get("orgID") != organization {
		t.Errorf("link %s", made.GetLink())
	}
	if made.GetExpiration().AsDuration() != time.Hour {
		t.Errorf("good for %s", made.GetExpiration().AsDuration())
	}
	begun, err := n.users.RegisterPasskey(ctx, call.From(as(t, "somebody")).Caller, user.RegisterPasskey{
		UserID: id, Code: &user.PasskeyProof{ID: q.Get("codeID"), Code: q.Get("code")},
	})
	must(t, err)
	_, err = n.VerifyMyPasswordless(ctx, &authv1.VerifyMyPasswordlessRequest{
		Verification: touched(t, &authv1.WebAuthNKey{PublicKey: begun.Options}),
	})
	must(t, err)
	found, err := n.ListMyPasswordless(ctx, &authv1.ListMyPasswordlessRequest{})
	must(t, err)
	if len(found.GetResult()) != 1 || found.GetResult()[0].GetName() != "phone" {
		t.Errorf("passkeys %v", found)
	}
}
