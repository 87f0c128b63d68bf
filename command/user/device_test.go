package user_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/fxamacker/cbor/v2"
)

// device is an authenticator with one credential, and the browser around it. Its fields may be set to make it lie.
type device struct {
	rp     virtualwebauthn.RelyingParty
	auth   virtualwebauthn.Authenticator
	key    virtualwebauthn.Credential
	signer ed25519.PrivateKey // EdDSA instead of what key says
	cross  bool               // claims that the page is in a frame of another
}

// newDevice returns an authenticator on the first page of commandtest.Origins.
func newDevice(algorithm string) *device {
	d := &device{
		rp:   virtualwebauthn.RelyingParty{ID: "login.example.com", Origin: "https://login.example.com"},
		auth: virtualwebauthn.NewAuthenticator(),
	}
	switch algorithm {
	case "RS256":
		d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)
	case "EdDSA":
		_, d.signer, _ = ed25519.GenerateKey(rand.Reader)
		d.key = virtualwebauthn.Credential{ID: make([]byte, 32)}
		_, _ = rand.Read(d.key.ID)
	default:
		for d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); !full(d.key.Key.Data); {
			d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		}
	}
	d.key.Counter = 1
	return d
}

// full reports whether both coordinates of a key take all their bytes: the authenticator does not pad them.
func full(pkcs8 []byte) bool {
	key, _ := x509.ParsePKCS8PrivateKey(pkcs8)
	point, _ := key.(*ecdsa.PrivateKey).PublicKey.Bytes()
	return point[1] != 0 && point[33] != 0
}

// create answers navigator.credentials.create.
func (d *device) create(t testing.TB, options []byte) []byte {
	t.Helper()
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	if d.signer == nil && !d.cross {
		return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *asked))
	}
	data := d.data(0x40)
	data = append(data, d.auth.Aaguid[:]...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.key.ID)))
	data = append(data, d.key.ID...)
	data = append(data, d.publicKey(t)...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, map[string]any{
		"clientDataJSON": d.clientData(t, "webauthn.create", asked.Challenge), "attestationObject": object, "transports": []string{"usb", "carrier pigeon"},
	})
}

// get answers navigator.credentials.get.
func (d *device) get(t testing.TB, options []byte) []byte {
	t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	if d.signer == nil {
		return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *asked))
	}
	client, data := d.clientData(t, "webauthn.get", asked.Challenge), d.data(0)
	hash := sha256.Sum256(client)
	return d.answer(t, map[string]any{
		"clientDataJSON": client, "authenticatorData": data, "signature": ed25519.Sign(d.signer, append(bytes.Clone(data), hash[:]...)),
	})
}

func (d *device) publicKey(t testing.TB) []byte {
	t.Helper()
	if d.signer == nil {
		return d.key.Key.AttestationData()
	}
	ordered, err := cbor.CTAP2EncOptions().EncMode() // a map without an order is another key each time it is written
	if err != nil {
		t.Fatal(err)
	}
	out, err := ordered.Marshal(map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(d.signer.Public().(ed25519.PublicKey))})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// data is authenticator data without a credential (WebAuthn Level 3, section 6.1).
func (d *device) data(flags byte) []byte {
	if !d.auth.Options.UserNotPresent {
		flags |= 1
	}
	if !d.auth.Options.UserNotVerified {
		flags |= 4
	}
	hash := sha256.Sum256([]byte(d.rp.ID))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), d.key.Counter)
}

func (d *device) clientData(t testing.TB, ceremony string, challenge []byte) []byte {
	t.Helper()
	out, err := json.Marshal(map[string]any{
		"type": ceremony, "challenge": base64url(challenge), "origin": d.rp.Origin, "crossOrigin": d.cross,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *device) answer(t testing.TB, response map[string]any) []byte {
	t.Helper()
	for name, value := range response {
		if raw, ok := value.([]byte); ok {
			response[name] = base64url(raw)
		}
	}
	id := base64url(d.key.ID)
	out, err := json.Marshal(map[string]any{
		"type": "public-key", "id": id, "rawId": id, "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// attestation is a response that can be read and answers nothing that anybody asked.
func attestation() []byte {
	d := newDevice("ES256")
	return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, virtualwebauthn.AttestationOptions{Challenge: make([]byte, 32)}))
}

// assertion is a response that can be read and answers nothing that anybody asked.
func assertion() []byte {
	d := newDevice("ES256")
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, virtualwebauthn.AssertionOptions{Challenge: make([]byte, 32)}))
}

func base64url(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
