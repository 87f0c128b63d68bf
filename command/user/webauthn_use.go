package user

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/webauthn"
)

// BeginAssertion asks a user to prove that it has one of its credentials.
type BeginAssertion struct {
	UserID string
	Domain string // relying party id; the configured one if empty
	// Verification says whether the authenticator is to verify its user. Where it has to, only passkeys will do.
	Verification webauthn.UserVerification
}

// Assertion is a question to a browser.
type Assertion struct {
	Options []byte // JSON for navigator.credentials.get
	// Ceremony is what UseWebAuthn needs. It is opaque, stays on this side, and is good for one answer: whoever keeps it
	// forgets it with the first.
	Ceremony []byte
}

// assertionCeremony is what is kept of a question until its answer comes.
type assertionCeremony struct {
	Domain     string    `json:"domain"`
	Challenge  []byte    `json:"challenge"`
	VerifyUser bool      `json:"verify_user,omitempty"`
	ExpiresAt  time.Time `json:"expires_at"`
}

// admits reports whether a credential may answer.
func (c *assertionCeremony) admits(w *WebAuthn) bool {
	return w.RelyingPartyID == c.Domain && (w.Purpose == passkey || !c.VerifyUser)
}

// BeginAssertion returns a question to a user's authenticators. Nothing is recorded.
func (s *Service) BeginAssertion(ctx context.Context, caller *permission.Caller, req BeginAssertion) (Assertion, error) {
	g, err := s.guard(opBeginAssertion, caller, req.UserID)
	if err != nil {
		return Assertion{}, err
	}
	domain, err := s.party.Domain(req.Domain)
	if err != nil {
		return Assertion{}, ErrDomainNotAllowed.Because(err)
	}
	snap, err := s.users.Load(ctx, caller.Tenant, req.UserID)
	if err != nil {
		return Assertion{}, err
	}
	if err := g.check(snap.State.Organization); err != nil {
		return Assertion{}, err
	}
	if err := human.find(&snap.State); err != nil {
		return Assertion{}, err
	}
	if !snap.State.CanSignIn() {
		return Assertion{}, ErrCannotSignIn
	}
	return s.ask(&snap.State, domain, req.Verification)
}

func (s *Service) ask(state *State, domain string, verification webauthn.UserVerification) (Assertion, error) {
	c := assertionCeremony{
		Domain: domain, VerifyUser: verification == webauthn.VerificationRequired, ExpiresAt: s.rt.Now().Add(ceremonyLife),
	}
	allowed := state.credentials(c.admits)
	if len(allowed) == 0 {
		return Assertion{}, ErrNoCredential
	}
	var err error
	if c.Challenge, err = webauthn.NewChallenge(s.rt.Random); err != nil {
		return Assertion{}, err
	}
	var out Assertion
	out.Options, err = s.party.RequestOptions(webauthn.Request{
		Domain: domain, Challenge: c.Challenge, Verification: verification, Allow: allowed,
	})
	if err != nil {
		return Assertion{}, err
	}
	if out.Ceremony, err = json.Marshal(c); err != nil {
		return Assertion{}, fmt.Errorf("user: keep a ceremony: %w", err)
	}
	return out, nil
}

// UseWebAuthn is the answer to a question of BeginAssertion.
type UseWebAuthn struct {
	UserID   string
	Ceremony []byte // of BeginAssertion
	Response []byte // JSON: what navigator.credentials.get returned
}

// WebAuthnUse says what an answer proves.
type WebAuthnUse struct {
	Receipt      command.Receipt
	ID           string // of the credential
	Purpose      eventv1.WebAuthnPurpose
	UserVerified bool // by the authenticator, this time
}

// UseWebAuthn verifies an answer. It records what moved: the counter, the backup state; a counter that went back is recorded and
// refused, since somebody has a copy of the key. It is open to everybody who has an answer.
func (s *Service) UseWebAuthn(ctx context.Context, caller *permission.Caller, req UseWebAuthn) (WebAuthnUse, error) {
	g, err := s.guard(opUseWebAuthn, caller, req.UserID)
	if err != nil {
		return WebAuthnUse{}, err
	}
	response, err := webauthn.ParseAssertion(req.Response)
	if err != nil {
		return WebAuthnUse{}, ErrUnreadableCredential.Because(err)
	}
	var ceremony assertionCeremony
	if err := json.Unmarshal(req.Ceremony, &ceremony); err != nil {
		return WebAuthnUse{}, fmt.Errorf("user: read a ceremony: %w", err)
	}
	var out WebAuthnUse
	knows := false
	out.Receipt, err = s.run(ctx, g, func(_ context.Context, state *State, d *command.Decision) error {
		if !g.proof {
			if err := g.check(state.Organization); err != nil {
				return err
			}
		}
		knows = g.mayKnow(state.Organization)
		return s.assert(state, d, asserting{&ceremony, response, &out})
	})
	if err != nil {
		return WebAuthnUse{}, masked(err, knows, ErrAssertionRejected)
	}
	return out, nil
}

type asserting struct {
	ceremony *assertionCeremony
	response *webauthn.Assertion
	out      *WebAuthnUse
}

// assert verifies an answer and adds to the decision what moved.
func (s *Service) assert(state *State, d *command.Decision, a asserting) error {
	switch {
	case !state.Human():
		return ErrNotFound
	case !state.CanSignIn():
		return ErrCannotSignIn
	case !s.rt.Now().Before(a.ceremony.ExpiresAt):
		return ErrCeremonyExpired
	}
	w, ok := state.credential(func(w *WebAuthn) bool {
		return a.ceremony.admits(w) && bytes.Equal(w.CredentialID, a.response.CredentialID())
	})
	if !ok {
		return ErrAssertionRejected
	}
	question := webauthn.Ceremony{Domain: a.ceremony.Domain, Challenge: a.ceremony.Challenge, VerifyUser: a.ceremony.VerifyUser}
	used, err := s.party.Verify(question, state.account(d.Subject), w.credential(), a.response)
	if err != nil {
		return rejected(err, ErrAssertionRejected)
	}
	if used.Cloned {
		s.record(d, &eventv1.UserWebAuthnCloneSuspected{WebauthnId: w.ID, SignCount: used.SignCount, ExpectedAbove: w.SignCount})
		d.Refusal = ErrCloneSuspected
		return nil
	}
	a.out.ID, a.out.Purpose, a.out.UserVerified = w.ID, w.Purpose, used.UserVerified
	if used.SignCount != w.SignCount || used.BackupState != w.BackupState {
		s.record(d, &eventv1.UserWebAuthnUsed{WebauthnId: w.ID, SignCount: used.SignCount, BackupState: used.BackupState})
	}
	return nil
}
