package accesstoken_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/eventstore/failure"
)

func TestWhatATokenSays(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	token, err := n.Tokens.Issue(t.Context(), minnie)
	if err != nil {
		t.Fatal(err)
	}
	now := n.Clock.Now()
	if !token.ExpiresAt.Equal(now.Add(commandtest.TokenLife)) {
		t.Errorf("expires at %v", token.ExpiresAt)
	}
	claims, err := n.Tokens.Verify(t.Context(), token.Value)
	if err != nil || claims.Subject != minnie || !claims.ExpiresAt.Equal(token.ExpiresAt) {
		t.Errorf("verified: %+v, %v", claims, err)
	}
	id, _ := firstKey(t, n)
	if header := part(t, token.Value, 0); !maps.Equal(header, object{"alg": "ES256", "typ": "at+jwt", "kid": id}) {
		t.Errorf("header %v", header)
	}
	said := part(t, token.Value, 1)
	if id, _ := said["jti"].(string); id == "" || id == part(t, issue(t, n), 1)["jti"] {
		t.Errorf("id %q", id)
	}
	if !maps.Equal(said.with(object{"jti": nil}), object{
		"iss": commandtest.ExternalURL, "sub": minnie.UserID, "sid": minnie.SessionID,
		"iat": float64(now.Unix()), "exp": float64(now.Unix() + 300),
	}) {
		t.Errorf("claims %v", said)
	}
}

func TestATokenNeedsSomebody(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	for _, who := range []accesstoken.Subject{{}, {UserID: "u"}, {SessionID: "s"}} {
		if _, err := n.Tokens.Issue(t.Context(), who); err == nil {
			t.Errorf("a token for %+v", who)
		}
	}
}

// forger makes tokens as they should not be.
type forger struct {
	header, claims object
	key            *ecdsa.PrivateKey
}

// signed returns a token with some of header and claims changed, signed by the key of the installation.
func (f *forger) signed(t testing.TB, header, claims object) string {
	t.Helper()
	head := unsigned(t, f.header.with(header), f.claims.with(claims))
	return withSignature(head, signature(t, f.key, head))
}

func newForger(t testing.TB, n *commandtest.Node) *forger {
	t.Helper()
	token := issue(t, n)
	_, key := firstKey(t, n)
	return &forger{header: part(t, token, 0), claims: part(t, token, 1), key: key}
}

// forgeries are tokens of which nobody may accept one.
func (f *forger) forgeries(t testing.TB, now time.Time) map[string]string {
	t.Helper()
	good := f.signed(t, nil, nil)
	parts := strings.Split(good, ".")
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	mac := func(key []byte) string {
		head := unsigned(t, f.header.with(object{"alg": "HS256"}), f.claims)
		sum := hmac.New(sha256.New, key)
		sum.Write([]byte(head))
		return withSignature(head, sum.Sum(nil))
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	der, err := ecdsa.SignASN1(rand.Reader, f.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := unsigned(t, f.header.with(object{"jwk": object{"kty": "EC"}, "jku": "https://evil.example.com"}), f.claims)
	out := map[string]string{
		"empty": "", "dots": "..", "words": "a.b.c", "two parts": parts[0] + "." + parts[1], "four parts": good + ".",
		"JSON":         `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"space before": " " + good, "space after": good + " ", "line break": good[:40] + "\n" + good[40:], "padded": good + "=",
		"huge": f.signed(t, nil, object{"x": strings.Repeat("A", 4096)}),

		"line break in the signature":   good[:len(good)-5] + "\n" + good[len(good)-5:],
		"another form of the signature": good[:len(good)-1] + string(rune(good[len(good)-1]+1)), // its last bits mean nothing

		"no signature":        parts[0] + "." + parts[1] + ".",
		"half a signature":    good[:len(good)-43],
		"zero signature":      withSignature(parts[0]+"."+parts[1], make([]byte, 64)),
		"signature as ASN.1":  withSignature(parts[0]+"."+parts[1], der),
		"signature of others": withSignature(parts[0]+"."+parts[1], signature(t, other, parts[0]+"."+parts[1])),
		"key of its own":      withSignature(elsewhere, signature(t, other, elsewhere)),
		"other payload":       parts[0] + "." + strings.Split(f.signed(t, nil, object{"sub": "mallory"}), ".")[1] + "." + parts[2],
		"other header":        strings.Split(f.signed(t, object{"x": 1}, nil), ".")[0] + "." + parts[1] + "." + parts[2],

		"none":                unsigned(t, f.header.with(object{"alg": "none"}), f.claims) + ".",
		"None":                unsigned(t, f.header.with(object{"alg": "None"}), f.claims) + ".",
		"none, but signed":    f.signed(t, object{"alg": "none"}, nil),
		"MAC by the key":      mac(public),
		"MAC by the PEM":      mac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
		"MAC by nothing":      mac(nil),
		"ES384":               f.signed(t, object{"alg": "ES384"}, nil),
		"no algorithm":        f.signed(t, object{"alg": nil}, nil),
		"critical extension":  f.signed(t, object{"crit": []string{"b64"}, "b64": false}, nil),
		"another extension":   f.signed(t, object{"crit": []string{"x"}, "x": 1}, nil),
		"unknown key":         f.signed(t, object{"kid": "unknown"}, nil),
		"no key":              f.signed(t, object{"kid": nil}, nil),
		"ticket":              f.signed(t, object{"typ": "signet-ticket+jwt"}, nil),
		"any type":            f.signed(t, object{"typ": "JWT"}, nil),
		"no type":             f.signed(t, object{"typ": nil}, nil),
		"wrong issuer":        f.signed(t, nil, object{"iss": "https://evil.example.com"}),
		"no issuer":           f.signed(t, nil, object{"iss": nil}),
		"expired":             f.signed(t, nil, object{"exp": now.Unix() - 1}),
		"expires now":         f.signed(t, nil, object{"exp": now.Unix()}),
		"never expires":       f.signed(t, nil, object{"exp": nil}),
		"from the future":     f.signed(t, nil, object{"iat": now.Unix() + 31}),
		"without time":        f.signed(t, nil, object{"iat": nil}),
		"time as text":        f.signed(t, nil, object{"exp": "2099-01-01T00:00:00Z"}),
		"nobody":              f.signed(t, nil, object{"sub": nil}),
		"without session":     f.signed(t, nil, object{"sid": nil}),
		"claims that are not": withSignature(parts[0]+".W10", signature(t, f.key, parts[0]+".W10")),
	}
	for i := range 64 {
		changed := []byte(good)
		at := i * len(good) / 64
		changed[at] ^= 1
		out["changed byte "+string(rune('A'+i))] = string(changed)
	}
	return out
}

func TestBadTokensLookTheSame(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	f := newForger(t, n)
	for name, token := range map[string]string{
		"as issued":         f.signed(t, nil, nil),
		"a second left":     f.signed(t, nil, object{"exp": n.Clock.Now().Unix() + 1}),
		"of a faster clock": f.signed(t, nil, object{"iat": n.Clock.Now().Unix() + 30}),
	} {
		if _, err := n.Tokens.Verify(t.Context(), token); err != nil {
			t.Fatalf("the forger cannot forge (%s): %v", name, err)
		}
	}
	forgeries := f.forgeries(t, n.Clock.Now())
	for _, name := range slices.Sorted(maps.Keys(forgeries)) {
		claims, err := n.Tokens.Verify(t.Context(), forgeries[name])
		wantInvalid(t, name, err)
		if claims != (accesstoken.Claims{}) {
			t.Errorf("%s: claims %+v", name, claims)
		}
		_, err = n.Tokens.VerifyTicket(t.Context(), "", forgeries[name])
		wantInvalid(t, name+", as a ticket", err)
	}
}

// wantInvalid checks that a refusal is the one refusal, to the letter.
func wantInvalid(t testing.TB, name string, err error) {
	t.Helper()
	if !errors.Is(err, accesstoken.ErrInvalid) || err.Error() != "the token is invalid" {
		t.Errorf("%s: %v", name, err)
	}
	if refusal, ok := errors.AsType[*failure.Error](err); ok && (refusal.Kind != failure.Unauthenticated || refusal.Cause != nil) {
		t.Errorf("%s: %+v", name, refusal)
	}
}

func TestATokenExpires(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	token := issue(t, n)
	n.Clock.Advance(commandtest.TokenLife - time.Second)
	if _, err := n.Tokens.Verify(t.Context(), token); err != nil {
		t.Errorf("a second before: %v", err)
	}
	n.Clock.Advance(time.Second)
	_, err := n.Tokens.Verify(t.Context(), token)
	wantInvalid(t, "expired", err)
}

func BenchmarkIssue(b *testing.B) {
	n := commandtest.New(b, database(b))
	b.ReportAllocs()
	for b.Loop() {
		issue(b, n)
	}
}

func BenchmarkVerify(b *testing.B) {
	n := commandtest.New(b, database(b))
	token := issue(b, n)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Tokens.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
