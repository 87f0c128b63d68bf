package user_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// public returns a public key in PEM.
func public(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// modulus returns a number of some bits that passes for the product of two primes.
func modulus(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.SetBit(n, 0, 1)
}

func edwards(t testing.TB) []byte {
	key, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public(t, key)
}

func curve(t testing.TB, c elliptic.Curve) []byte {
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public(t, key.Public())
}

func TestKeys(t *testing.T) {
	t.Parallel()
	add := func(key []byte, expires func(now time.Time) time.Time) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			out, err := n.Users.AddKey(ctx, as, user.AddKey{UserID: "minnie", PublicKey: key, ExpiresAt: expires(n.Clock.Now())})
			if (err == nil) != (out.ID != "") || (out.File != nil) != (err == nil && key == nil) {
				t.Errorf("a key file of %d bytes with %v", len(out.File), err)
			}
			return err
		}
	}
	remove := func(id string) func(context.Context, *commandtest.Node, *permission.Caller) error {
		return func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
			_, err := n.Users.RemoveKey(ctx, as, user.RemoveKey{UserID: "minnie", KeyID: id})
			return err
		}
	}
	never := func(time.Time) time.Time { return time.Time{} }
	after := func(d time.Duration) func(time.Time) time.Time {
		return func(now time.Time) time.Time { return now.Add(d) }
	}
	in := func(year int) func(time.Time) time.Time {
		return func(time.Time) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	rsaKey := func(bits uint, e int) []byte { return public(t, &rsa.PublicKey{N: modulus(bits), E: e}) }
	good := edwards(t)
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("x")})
	active := []proto.Message{program()}
	keyed := []proto.Message{program(), &eventv1.UserMachineKeyAdded{KeyId: "k1"}, &eventv1.UserMachineKeyAdded{KeyId: "k2"}}
	full := []proto.Message{program()}
	for i := range 100 {
		full = append(full, &eventv1.UserMachineKeyAdded{KeyId: fmt.Sprint(i)})
	}
	const added, gone = "user.machine.key.added", "user.machine.key.removed"

	run(t, []scenario{
		{"made here", active, admin(), add(nil, never), []string{added}, nil},
		{"made here, by oneself", active, minnie(), add(nil, after(time.Hour)), []string{added}, nil},
		{"Ed25519", active, owner(), add(good, after(time.Nanosecond)), []string{added}, nil},
		{"ECDSA on P-256", active, admin(), add(curve(t, elliptic.P256()), never), []string{added}, nil},
		{"ECDSA on P-384", active, admin(), add(curve(t, elliptic.P384()), never), []string{added}, nil},
		{"RSA of 2048 bits", active, admin(), add(rsaKey(2048, 65537), never), []string{added}, nil},
		{"until the year 9999", active, admin(), add(good, in(9999)), []string{added}, nil},
		{"ECDSA on P-521", active, admin(), add(curve(t, elliptic.P521()), never), nil, user.ErrInvalidKey},
		{"ECDSA on P-224", active, admin(), add(curve(t, elliptic.P224()), never), nil, user.ErrInvalidKey},
		{"RSA of 2047 bits", active, admin(), add(rsaKey(2047, 65537), never), nil, user.ErrInvalidKey},
		{"RSA of 8193 bits", active, admin(), add(rsaKey(8193, 65537), never), nil, user.ErrInvalidKey},
		{"RSA whose signature is the message", active, admin(), add(rsaKey(2048, 1), never), nil, user.ErrInvalidKey},
		{"RSA with an even exponent", active, admin(), add(rsaKey(2048, 4), never), nil, user.ErrInvalidKey},
		{"no PEM", active, admin(), add([]byte("x"), never), nil, user.ErrInvalidKey},
		{"a private key", active, admin(), add(private, never), nil, user.ErrInvalidKey},
		{"PEM of nothing", active, admin(), add([]byte("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"), never), nil, user.ErrInvalidKey},
		{"two keys", active, admin(), add(append(bytes.Clone(good), good...), never), nil, user.ErrInvalidKey},
		{"too much around it", active, admin(), add(append(bytes.Repeat([]byte(" \n"), 5000), good...), never), nil, user.ErrInvalidKey},
		{"until now", active, admin(), add(good, after(0)), nil, user.ErrExpiryInThePast},
		{"until the year 10000", active, admin(), add(good, in(10000)), nil, user.ErrExpiryTooFar},
		{"the hundred-and-first", full, admin(), add(good, never), nil, user.ErrTooManyKeys},
		{"the hundred-and-first, made here", full, admin(), add(nil, never), nil, user.ErrTooManyKeys},
		{"of a person", []proto.Message{person()}, admin(), add(good, never), nil, user.ErrNoKeyHolder},
		{"of a person, made here", []proto.Message{person()}, minnie(), add(nil, never), nil, user.ErrNoKeyHolder},
		{"of a removed machine", []proto.Message{program(), &eventv1.UserRemoved{}}, admin(), add(good, never), nil, user.ErrNoKeyHolder},

		{"removed", keyed, admin(), remove("k1"), []string{gone}, nil},
		{"removed by oneself", keyed, minnie(), remove("k2"), []string{gone}, nil},
		{"unknown", keyed, admin(), remove("k3"), nil, user.ErrKeyNotFound},
		{"of a person who has none", []proto.Message{person()}, admin(), remove("k1"), nil, user.ErrKeyNotFound},
		{"removed from nobody", nil, admin(), remove("k1"), nil, user.ErrNotFound},
	})
}

// The file of a key made here holds the private half of what the log has, and the log has no more than the public one.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "robot", program())
	expires := n.Clock.Now().Add(time.Hour)
	out, err := n.Users.AddKey(t.Context(), admin(), user.AddKey{UserID: "robot", ExpiresAt: expires})
	if err != nil {
		t.Fatal(err)
	}
	file := map[string]string{}
	if err := json.Unmarshal(out.File, &file); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(file["key"]))
	delete(file, "key")
	if want := map[string]string{
		"type": "serviceaccount", "keyId": out.ID, "userId": "robot", "expirationDate": "2026-11-21T13:00:00Z",
	}; !maps.Equal(file, want) {
		t.Errorf("file: %v", file)
	}
	if block == nil || block.Type != "RSA PRIVATE KEY" {
		t.Fatal("no private key")
	}
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	added := n.Recorded(t, "robot", 1)[0].(*eventv1.UserMachineKeyAdded)
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil || !bytes.Equal(der, added.GetPublicKey()) || private.N.BitLen() != 2048 {
		t.Errorf("the halves do not fit: %v", err)
	}
	if added.GetKeyId() != out.ID || !added.GetExpiresAt().AsTime().Equal(expires) {
		t.Errorf("recorded %s until %v", added.GetKeyId(), added.GetExpiresAt().AsTime())
	}
	if _, err := n.Users.Delete(t.Context(), admin(), "robot"); err != nil {
		t.Fatal(err)
	}
	if snap, err := n.UserStates.Load(t.Context(), n.Tenant, "robot"); err != nil || len(snap.State.Keys) != 0 {
		t.Errorf("keys of a deleted machine: %v", err)
	}
}

// Making keys is work: a machine may not have it done for ever.
func TestKeysOnesOwnAreBounded(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "robot", program())
	ask := func(as *permission.Caller, key []byte) error {
		out, err := n.Users.AddKey(t.Context(), as, user.AddKey{UserID: "robot", PublicKey: key})
		if err == nil {
			_, err = n.Users.RemoveKey(t.Context(), as, user.RemoveKey{UserID: "robot", KeyID: out.ID})
		}
		return err
	}
	robot := commandtest.Caller("robot")
	for i := range 20 {
		if err := ask(robot, nil); err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
	}
	if err := ask(robot, nil); !errors.Is(err, user.ErrTooManyKeyRequests) {
		t.Errorf("the next: %v", err)
	}
	if err := ask(robot, edwards(t)); err != nil {
		t.Errorf("one that it brings: %v", err)
	}
	if err := ask(admin(), nil); err != nil {
		t.Errorf("one by an administrator: %v", err)
	}
}

// Many add keys on two nodes: together they do not get past the limit either.
func TestRaceForTheLastKey(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t)}
	history := []proto.Message{program()}
	for i := range 97 {
		history = append(history, &eventv1.UserMachineKeyAdded{KeyId: fmt.Sprint(i)})
	}
	n.Given(t, "robot", history...)
	key := edwards(t)
	var won, lost atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range 16 {
		wg.Go(func() {
			<-start
			_, err := nodes[i%2].Users.AddKey(t.Context(), admin(), user.AddKey{UserID: "robot", PublicKey: key})
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, user.ErrTooManyKeys):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	if won.Load() != 3 || lost.Load() != 13 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}
