package webauthn

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Attachment says which authenticators may answer.
type Attachment uint8

// The attachments.
const (
	AnyAttachment Attachment = iota
	Platform                 // built into the device in use
	CrossPlatform            // a device of its own
)

func (a Attachment) option() protocol.AuthenticatorAttachment {
	switch a {
	case Platform:
		return protocol.Platform
	case CrossPlatform:
		return protocol.CrossPlatform
	}
	return ""
}

// Creation is the wish for a new credential. The authenticator verifies its user, and makes no statement about itself.
type Creation struct {
	Account      Account
	Domain       string
	Challenge    []byte
	Discoverable bool // the authenticator finds the credential on its own: a passkey
	Attachment   Attachment
	Exclude      []Credential // those of the same account: their authenticators do not make another
}

// algorithms are those that a credential may have, the best first.
func algorithms() []protocol.CredentialParameter {
	return []protocol.CredentialParameter{
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
		{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
	}
}

// CreationOptions returns the argument of navigator.credentials.create as JSON: PublicKeyCredentialCreationOptionsJSON
// (section 5.1.8) under the key publicKey.
func (p *RelyingParty) CreationOptions(c Creation) ([]byte, error) {
	residence := protocol.ResidentKeyRequirementDiscouraged
	if c.Discoverable {
		residence = protocol.ResidentKeyRequirementRequired
	}
	options := protocol.PublicKeyCredentialCreationOptions{
		RelyingParty: protocol.RelyingPartyEntity{ID: c.Domain, CredentialEntity: protocol.CredentialEntity{Name: p.name}},
		User: protocol.UserEntity{
			ID: protocol.URLEncodedBase64(c.Account.Handle()), DisplayName: c.Account.DisplayName,
			CredentialEntity: protocol.CredentialEntity{Name: c.Account.Name},
		},
		Challenge: c.Challenge, Parameters: algorithms(), Timeout: int(Timeout.Milliseconds()),
		CredentialExcludeList: descriptors(c.Exclude),
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			AuthenticatorAttachment: c.Attachment.option(), RequireResidentKey: &c.Discoverable, ResidentKey: residence,
			UserVerification: protocol.VerificationRequired,
		},
		Attestation: protocol.PreferNoAttestation,
	}
	return encode(protocol.CredentialCreation{Response: options})
}

// Attestation is an authenticator's answer to a Creation, not yet verified.
type Attestation struct {
	parsed *protocol.ParsedCredentialCreationData
}

// ParseAttestation reads RegistrationResponseJSON (section 5.1).
func ParseAttestation(response []byte) (*Attestation, error) {
	if len(response) > maxResponse {
		return nil, ErrUnreadable
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return &Attestation{parsed}, nil
}

// Answers reports whether this is said to be the answer to a challenge. Only Register verifies it.
func (a *Attestation) Answers(challenge []byte) bool {
	said, err := base64.RawURLEncoding.DecodeString(a.parsed.Response.CollectedClientData.Challenge)
	return err == nil && len(challenge) > 0 && subtle.ConstantTimeCompare(said, challenge) == 1
}

// Register verifies an answer (section 7.1) and returns the credential. Whether somebody has a credential of that id already
// is for the caller to see.
func (p *RelyingParty) Register(c Ceremony, by Account, a *Attestation) (Credential, error) {
	v, err := p.verifier(c.Domain)
	if err != nil {
		return Credential{}, err
	}
	made, err := v.CreateCredential(account{Account: &by}, c.session(&by), a.parsed)
	if err != nil {
		return Credential{}, fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return Credential{
		ID: made.ID, PublicKey: made.PublicKey, Format: made.AttestationFormat, AAGUID: made.Authenticator.AAGUID,
		Transports: known(made.Transport), SignCount: made.Authenticator.SignCount, UserVerified: made.Flags.UserVerified,
		BackupEligible: made.Flags.BackupEligible, BackupState: made.Flags.BackupState,
	}, nil
}

// known returns the transports that the standard names. They come from the client, which may write there what it likes.
func known(transports []protocol.AuthenticatorTransport) []string {
	var out []string
	for _, t := range []protocol.AuthenticatorTransport{
		protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
	} {
		if slices.Contains(transports, t) {
			out = append(out, string(t))
		}
	}
	return out
}
