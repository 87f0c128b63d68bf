package webauthn

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	library "github.com/go-webauthn/webauthn/webauthn"
)

const (
	// Timeout is how long a browser is to wait for its user.
	Timeout = 5 * time.Minute

	challengeLength = 32 // bytes; the standard asks for 16 or more (section 13.4.3)
	maxHandle       = 64 // bytes (section 5.4.3)
	maxResponse     = 64 << 10
)

// NewChallenge draws a challenge.
func NewChallenge(random io.Reader) ([]byte, error) {
	challenge := make([]byte, challengeLength)
	if _, err := io.ReadFull(random, challenge); err != nil {
		return nil, fmt.Errorf("webauthn: read random bytes: %w", err)
	}
	return challenge, nil
}

// Account is whom a credential belongs to.
type Account struct {
	ID          string
	Name        string
	DisplayName string
}

// Handle is what authenticators keep of an account: its id, or the id's SHA-256 where it is longer than a handle may be.
func (a *Account) Handle() []byte {
	if len(a.ID) <= maxHandle {
		return []byte(a.ID)
	}
	digest := sha256.Sum256([]byte(a.ID))
	return digest[:]
}

// Ceremony is a question that an authenticator is to answer.
type Ceremony struct {
	Domain     string // relying party id
	Challenge  []byte
	VerifyUser bool // an answer without a verified user is refused
}

func (c *Ceremony) session(a *Account) library.SessionData {
	data := library.SessionData{
		Challenge: protocol.URLEncodedBase64(c.Challenge).String(), RelyingPartyID: c.Domain, UserID: a.Handle(),
		UserVerification: protocol.VerificationDiscouraged, CredParams: algorithms(),
	}
	if c.VerifyUser {
		data.UserVerification = protocol.VerificationRequired
	}
	return data
}

// Credential is a public key that an authenticator made.
type Credential struct {
	ID         []byte
	PublicKey  []byte // COSE_Key
	Format     string // of the attestation
	AAGUID     []byte
	Transports []string

	SignCount      uint32
	UserVerified   bool
	BackupEligible bool
	BackupState    bool
}

func (c *Credential) descriptor() protocol.CredentialDescriptor {
	d := protocol.CredentialDescriptor{Type: protocol.PublicKeyCredentialType, CredentialID: c.ID}
	for _, t := range c.Transports {
		d.Transport = append(d.Transport, protocol.AuthenticatorTransport(t))
	}
	return d
}

func descriptors(credentials []Credential) []protocol.CredentialDescriptor {
	out := make([]protocol.CredentialDescriptor, 0, len(credentials))
	for i := range credentials {
		out = append(out, credentials[i].descriptor())
	}
	return out
}

// account gives the library an Account and its credentials.
type account struct {
	*Account
	credentials []library.Credential
}

func (a account) WebAuthnID() []byte                        { return a.Handle() }
func (a account) WebAuthnName() string                      { return a.Name }
func (a account) WebAuthnDisplayName() string               { return a.DisplayName }
func (a account) WebAuthnCredentials() []library.Credential { return a.credentials }

func encode(options any) ([]byte, error) {
	out, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("webauthn: encode options: %w", err)
	}
	return out, nil
}
