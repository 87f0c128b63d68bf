package webauthn

import (
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	library "github.com/go-webauthn/webauthn/webauthn"
)

// UserVerification says whether an authenticator is to verify that its user is the right person.
type UserVerification uint8

// The demands.
const (
	VerificationRequired UserVerification = iota
	VerificationPreferred
	VerificationDiscouraged
)

func (v UserVerification) option() protocol.UserVerificationRequirement {
	switch v {
	case VerificationPreferred:
		return protocol.VerificationPreferred
	case VerificationDiscouraged:
		return protocol.VerificationDiscouraged
	}
	return protocol.VerificationRequired
}

// Request is the wish for proof that somebody has a credential.
type Request struct {
	Domain       string
	Challenge    []byte
	Verification UserVerification
	Allow        []Credential // empty: any discoverable one
}

// RequestOptions returns the argument of navigator.credentials.get as JSON: PublicKeyCredentialRequestOptionsJSON
// (section 5.1.9) under the key publicKey.
func (p *RelyingParty) RequestOptions(r Request) ([]byte, error) {
	return encode(protocol.CredentialAssertion{Response: protocol.PublicKeyCredentialRequestOptions{
		Challenge: r.Challenge, Timeout: int(Timeout.Milliseconds()), RelyingPartyID: r.Domain,
		AllowedCredentials: descriptors(r.Allow), UserVerification: r.Verification.option(),
	}})
}

// Assertion is an authenticator's answer to a Request, not yet verified.
type Assertion struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// ParseAssertion reads AuthenticationResponseJSON (section 5.1).
func ParseAssertion(response []byte) (*Assertion, error) {
	if len(response) > maxResponse {
		return nil, ErrUnreadable
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return &Assertion{parsed}, nil
}

// CredentialID returns which credential is said to answer.
func (a *Assertion) CredentialID() []byte { return a.parsed.RawID }

// Used is a verified use of a credential.
type Used struct {
	SignCount    uint32
	BackupState  bool
	UserVerified bool // this time
	// Cloned says that the counter did not go up (section 6.1.1): there are two copies of the key.
	Cloned bool
}

// Verify verifies an answer (section 7.2) by the credential it claims to come from.
func (p *RelyingParty) Verify(c Ceremony, by Account, from Credential, a *Assertion) (Used, error) {
	v, err := p.verifier(c.Domain)
	if err != nil {
		return Used{}, err
	}
	who := account{&by, []library.Credential{{
		ID: from.ID, PublicKey: from.PublicKey, AttestationFormat: from.Format,
		Flags:         library.CredentialFlags{UserVerified: from.UserVerified, BackupEligible: from.BackupEligible, BackupState: from.BackupState},
		Authenticator: library.Authenticator{AAGUID: from.AAGUID, SignCount: from.SignCount},
	}}}
	after, err := v.ValidateLogin(who, c.session(&by), a.parsed)
	if err != nil {
		return Used{}, fmt.Errorf("%w: %w", ErrRejected, err)
	}
	data := &a.parsed.Response.AuthenticatorData
	return Used{
		SignCount: data.Counter, BackupState: data.Flags.HasBackupState(), UserVerified: data.Flags.HasUserVerified(),
		Cloned: after.Authenticator.CloneWarning,
	}, nil
}
