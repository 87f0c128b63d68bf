package accesstoken

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jws"
)

// MaxLength bounds a token, in bytes.
const MaxLength = 4 << 10

// tokenType is the typ of a token's header. It keeps tokens of different purposes apart (RFC 8725, section 3.11).
type tokenType string

const (
	typeAccess tokenType = "at+jwt" // RFC 9068, section 2.1
	typeTicket tokenType = "signet-ticket+jwt"
)

// header is the protected header of a token (RFC 7515, section 4).
type header struct {
	Algorithm string          `json:"alg"`
	KeyID     string          `json:"kid"`
	Type      tokenType       `json:"typ"`
	Critical  json.RawMessage `json:"crit,omitempty"`
}

// encoding is base64url without padding, and without several forms of one value but for line breaks, which it skips.
func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// headers returns the encoded headers of the tokens that a key signs.
func headers(keyID string) map[tokenType]string {
	out := make(map[tokenType]string)
	for _, as := range []tokenType{typeAccess, typeTicket} {
		plain, _ := json.Marshal(header{Algorithm: algorithm.String(), KeyID: keyID, Type: as}) // texts only
		out[as] = encoding().EncodeToString(plain)
	}
	return out
}

// parts are a token taken apart; nothing of it is verified.
type parts struct {
	header    header
	payload   []byte
	signature []byte
	signed    string // what the signature is over
}

// parse takes a token apart. It refuses whatever no token of ours looks like.
func parse(token string) (*parts, bool) {
	if len(token) > MaxLength || strings.ContainsAny(token, "\r\n") {
		return nil, false
	}
	head, rest, _ := strings.Cut(token, ".")
	body, signature, found := strings.Cut(rest, ".")
	if !found {
		return nil, false
	}
	p := &parts{signed: token[:len(head)+1+len(body)]}
	plain, err := encoding().DecodeString(head)
	if err != nil || json.Unmarshal(plain, &p.header) != nil {
		return nil, false
	}
	// The algorithm is ours to say, never the token's (RFC 8725, section 3.1).
	if p.header.Algorithm != algorithm.String() || p.header.Critical != nil {
		return nil, false
	}
	if p.payload, err = encoding().DecodeString(body); err != nil {
		return nil, false
	}
	p.signature, err = encoding().DecodeString(signature)
	return p, err == nil
}

// sign returns a payload as a token.
func (k *signingKey) sign(as tokenType, payload []byte) (string, error) {
	signer, err := jws.NewSigner(algorithm)
	if err != nil {
		return "", fmt.Errorf("accesstoken: %w", err)
	}
	signed := k.headers[as] + "." + encoding().EncodeToString(payload)
	signature, err := signer.Sign([]byte(signed), k.private)
	if err != nil {
		return "", fmt.Errorf("accesstoken: sign: %w", err)
	}
	return signed + "." + encoding().EncodeToString(signature), nil
}

// signed reports whether the key has signed a token.
func (k *signingKey) signed(p *parts) bool {
	verifier, err := jws.NewVerifier(algorithm)
	return err == nil && verifier.Verify([]byte(p.signed), p.signature, &k.private.PublicKey) == nil
}
