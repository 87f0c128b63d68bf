package accesstoken

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

// MaxLength bounds a token, in bytes.
const MaxLength = 4 << 10

// leeway is how far ahead the clock of the node may be that issued a token.
const leeway = 30 * time.Second

// tokenType is the typ of a token's header. It keeps tokens of different purposes apart (RFC 8725, section 3.11).
type tokenType string

const (
	typeAccess tokenType = "at+jwt" // RFC 9068, section 2.1
	typeTicket tokenType = "signet-ticket+jwt"
)

// sign returns claims as a token of the key.
func (k *signingKey) sign(as tokenType, claims jwt.Token) (string, error) {
	header := jws.NewHeaders() // of this token: the library adds the algorithm to it
	for name, value := range map[string]string{jws.TypeKey: string(as), jws.KeyIDKey: k.id} {
		if err := header.Set(name, value); err != nil {
			return "", fmt.Errorf("accesstoken: header: %w", err)
		}
	}
	signed, err := jwt.Sign(claims, jwt.WithKey(algorithm, k.private, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("accesstoken: sign: %w", err)
	}
	return string(signed), nil
}

// keyID returns the id of the key that a token of this type names. Nothing is verified yet: false is for what no token of ours looks
// like.
func keyID(as tokenType, token string) (string, bool) {
	if !canonical(token) {
		return "", false
	}
	message, err := jws.Parse([]byte(token), jws.WithCompact())
	if err != nil || !numeric(message.Payload()) {
		return "", false
	}
	header := message.Signatures()[0].ProtectedHeaders()
	// The algorithm is ours to say, never the token's (RFC 8725, section 3.1). Nor does the library look at extensions that must be
	// understood: we have none.
	_, critical := header.Get(jws.CriticalKey)
	return header.KeyID(), header.Algorithm() == algorithm && header.Type() == string(as) && !critical
}

// canonical reports whether a token is three texts, each in the one form that its bytes have in base64url. The library takes others
// too, and a token must not be known by many names where it is remembered.
func canonical(token string) bool {
	if len(token) > MaxLength || strings.Count(token, ".") != 2 || strings.ContainsAny(token, "\r\n") {
		return false
	}
	for part := range strings.SplitSeq(token, ".") {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return false
		}
	}
	return true
}

// numeric reports whether the times in a payload are numbers of seconds (RFC 7519, section 2). The library takes texts too, unless
// it is told not to for the whole process.
func numeric(payload []byte) bool {
	var times struct {
		IssuedAt  int64 `json:"iat"`
		ExpiresAt int64 `json:"exp"`
	}
	return json.Unmarshal(payload, &times) == nil
}

// verify returns the claims of a token that the key has signed and that is good now. Both times must be there, which the library's
// own checks leave open.
func (s *Service) verify(k *signingKey, token string) (jwt.Token, error) {
	return jwt.Parse([]byte(token),
		jwt.WithKey(algorithm, &k.private.PublicKey),
		jwt.WithClock(jwt.ClockFunc(s.rt.Now)), jwt.WithResetValidators(true),
		jwt.WithIssuer(s.issuer),
		jwt.WithMaxDelta(leeway, jwt.IssuedAtKey, ""),            // from now
		jwt.WithMinDelta(time.Nanosecond, jwt.ExpirationKey, ""), // the second in which it expires is not its own
	)
}
