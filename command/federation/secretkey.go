package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

// A made secret is used at once. Apple would accept six months.
const madeSecretLife = 5 * time.Minute

// SecretKey makes client secrets, as "Sign in with Apple" wants them: a short-lived JWT signed with ES256.
type SecretKey struct {
	TeamID   string // becomes the issuer
	KeyID    string // names the key at the provider
	Key      []byte // PEM, PKCS #8, on P-256: what Apple gives out as AuthKey_….p8
	Audience string // the provider as it is named in the secret
}

func (k *SecretKey) check() error {
	if k.TeamID == "" || k.KeyID == "" || k.Audience == "" {
		return refuse(ErrConfig, nil, "the team id, the key id or the audience of the client's key is missing")
	}
	_, err := k.parse()
	return err
}

func (k *SecretKey) parse() (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(k.Key)
	if block == nil {
		return nil, refuse(ErrConfig, nil, "the client's key is not in PEM form")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, refuse(ErrConfig, nil, "the client's key is not a PKCS #8 private key")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, refuse(ErrConfig, nil, "the client's key is not one for ES256")
	}
	return key, nil
}

// secret returns a client secret that is good for a few minutes.
func (k *SecretKey) secret(clientID string, now time.Time) (string, error) {
	key, err := k.parse()
	if err != nil {
		return "", err
	}
	token, err := jwt.NewBuilder().
		Issuer(k.TeamID).
		Subject(clientID).
		Audience([]string{k.Audience}).
		IssuedAt(now).
		Expiration(now.Add(madeSecretLife)).
		Build()
	if err != nil {
		return "", fmt.Errorf("federation: client secret: %w", err)
	}
	header := jws.NewHeaders()
	if err := header.Set(jws.KeyIDKey, k.KeyID); err != nil {
		return "", fmt.Errorf("federation: client secret: %w", err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(jwa.ES256, key, jws.WithProtectedHeaders(header)))
	if err != nil {
		return "", fmt.Errorf("federation: client secret: %w", err)
	}
	return string(signed), nil
}
