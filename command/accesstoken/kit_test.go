package accesstoken_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

var minnie = accesstoken.Subject{UserID: "minnie", SessionID: "5f7c2d9e-0000-7000-8000-000000000001"}

func keyStream(n *commandtest.Node) eventstore.StreamID {
	return eventstore.StreamID{Tenant: n.Tenant, Kind: accesstoken.Kind, ID: n.Tenant}
}

// recorded returns the events of the keys, opened.
func recorded(t testing.TB, n *commandtest.Node) []proto.Message {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), keyStream(n), 0)
	if err != nil {
		t.Fatal(err)
	}
	messages, faults, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]proto.Message, len(messages))
	for i, m := range messages {
		if faults[i] != nil {
			t.Fatal(faults[i])
		}
		out[i] = m.Proto
	}
	return out
}

// firstKey returns the tenant's first key, as only its owner has it.
func firstKey(t testing.TB, n *commandtest.Node) (id string, private *ecdsa.PrivateKey) {
	t.Helper()
	added := recorded(t, n)[0].(*eventv1.SigningKeyAdded)
	parsed, err := x509.ParsePKCS8PrivateKey(added.GetPrivateKey())
	if err != nil {
		t.Fatal(err)
	}
	return added.GetKeyId(), parsed.(*ecdsa.PrivateKey)
}

func issue(t testing.TB, n *commandtest.Node) string {
	t.Helper()
	token, err := n.Tokens.Issue(t.Context(), minnie)
	if err != nil {
		t.Fatal(err)
	}
	return token.Value
}

// published returns the ids in a node's key set, in order.
func published(t testing.TB, n *commandtest.Node) (ids []string) {
	t.Helper()
	set, err := n.Tokens.KeySet(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var keys struct {
		Keys []struct{ Kid string }
	}
	if err := json.Unmarshal(set, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys.Keys {
		ids = append(ids, k.Kid)
	}
	return ids
}

type object map[string]any

// with returns the object with some members changed; nil removes one.
func (o object) with(changes object) object {
	out := make(object)
	for _, from := range []object{o, changes} {
		for name, value := range from {
			out[name] = value
			if value == nil {
				delete(out, name)
			}
		}
	}
	return out
}

// part returns one part of a token, decoded.
func part(t testing.TB, token string, at int) (o object) {
	t.Helper()
	plain, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[at])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(plain, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// unsigned returns the first two parts of a token.
func unsigned(t testing.TB, header, claims object) string {
	t.Helper()
	parts := make([]string, 2)
	for i, o := range []object{header, claims} {
		plain, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(plain)
	}
	return strings.Join(parts, ".")
}

// signature signs with nothing but the standard library.
func signature(t testing.TB, key *ecdsa.PrivateKey, signed string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

func withSignature(signed string, signature []byte) string {
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}
