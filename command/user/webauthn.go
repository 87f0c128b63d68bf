package user

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

const (
	maxWebAuthn = 20 // ready credentials of one purpose
	// ceremonyLife is how long an answer is waited for: what the browser grants its user, and the way back.
	ceremonyLife = webauthn.Timeout + time.Minute
)

// Registration is the answer of a command that begins the registration of a credential.
type Registration struct {
	Receipt command.Receipt
	ID      string // of the credential to be
	Options []byte // JSON for navigator.credentials.create
}

// VerifyCredential ends the registration of a credential.
type VerifyCredential struct {
	UserID   string
	ID       string // of the registration, which RegisterPasskey or RegisterU2F returned; if empty, the one that Response answers
	Name     string // for the person to recognize the credential by
	Response []byte // JSON: what navigator.credentials.create returned
}

// RemoveCredential names a credential or a registration that is not finished.
type RemoveCredential struct {
	UserID string
	ID     string
}

// enrolment is the beginning of a registration.
type enrolment struct {
	purpose    eventv1.WebAuthnPurpose
	domain     string // relying party id
	attachment webauthn.Attachment
}

func (s *Service) enrolment(purpose eventv1.WebAuthnPurpose, domain string) (enrolment, error) {
	served, err := s.party.Domain(domain)
	if err != nil {
		return enrolment{}, ErrDomainNotAllowed.Because(err)
	}
	return enrolment{purpose: purpose, domain: served}, nil
}

// enrol begins a registration by order of a caller who may.
func (s *Service) enrol(ctx context.Context, g guard, e enrolment) (Registration, error) {
	var out Registration
	var err error
	out.Receipt, err = s.change(ctx, g, human, func(_ context.Context, state *State, d *command.Decision) (err error) {
		out.ID, out.Options, err = s.offer(state, d, e)
		return err
	})
	if err != nil {
		return Registration{}, err
	}
	return out, nil
}

// offer adds the ceremony to the decision and returns its id and what the browser is to be asked.
func (s *Service) offer(state *State, d *command.Decision, e enrolment) (string, []byte, error) {
	ready := state.credentials(func(w *WebAuthn) bool { return w.Purpose == e.purpose })
	if len(ready) >= maxWebAuthn {
		return "", nil, ErrTooManyCredentials
	}
	challenge, err := webauthn.NewChallenge(s.rt.Random)
	if err != nil {
		return "", nil, err
	}
	options, err := s.party.CreationOptions(webauthn.Creation{
		Account: state.account(d.Subject), Domain: e.domain, Challenge: challenge, Attachment: e.attachment,
		Discoverable: e.purpose == eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY,
		Exclude: state.credentials(func(w *WebAuthn) bool {
			return w.Purpose == e.purpose && w.RelyingPartyID == e.domain
		}),
	})
	if err != nil {
		return "", nil, err
	}
	id := s.rt.NewID().String()
	s.record(d, &eventv1.UserWebAuthnAdded{
		WebauthnId: id, Purpose: e.purpose, RelyingPartyId: e.domain, Challenge: challenge,
		ExpiresAt: timestamppb.New(s.rt.Now().Add(ceremonyLife).Truncate(time.Microsecond)),
	})
	return id, options, nil
}

// register ends a registration. Where the answer itself is the proof, a caller without permission learns from a refusal nothing
// but that there was one.
func (s *Service) register(ctx context.Context, g guard, purpose eventv1.WebAuthnPurpose, req VerifyCredential) (command.Receipt, error) {
	name := strings.TrimSpace(req.Name)
	if name == "" || !printable(name, maxName) {
		return command.Receipt{}, ErrCredentialName
	}
	response, err := webauthn.ParseAttestation(req.Response)
	if err != nil {
		return command.Receipt{}, ErrUnreadableCredential.Because(err)
	}
	knows := false
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		if !g.proof {
			if err := g.check(state.Organization); err != nil {
				return err
			}
		}
		knows = g.mayKnow(state.Organization)
		id := req.ID
		if id == "" {
			id = state.asked(purpose, response)
		}
		ceremony, err := state.ceremony(id, purpose, s.rt.Now())
		if err != nil {
			return err
		}
		return s.attest(ctx, state, d, attesting{g.caller.Tenant, ceremony, response, name})
	})
	return receipt, masked(err, knows, ErrCredentialRejected)
}

type attesting struct {
	tenant   string
	ceremony *WebAuthn
	response *webauthn.Attestation
	name     string
}

// attest verifies the answer and adds the credential to the decision.
func (s *Service) attest(ctx context.Context, state *State, d *command.Decision, a attesting) error {
	made, err := s.party.Register(a.ceremony.question(true), state.account(d.Subject), a.response)
	if err != nil {
		return rejected(err, ErrCredentialRejected)
	}
	if _, own := state.credential(func(w *WebAuthn) bool { return bytes.Equal(w.CredentialID, made.ID) }); own {
		return ErrCredentialTaken
	}
	claim, err := s.webauthnClaim(ctx, a.tenant, made.ID)
	if err != nil {
		return err
	}
	d.Claims = append(d.Claims, claim)
	s.record(d, &eventv1.UserWebAuthnVerified{
		WebauthnId: a.ceremony.ID, Name: a.name, CredentialId: made.ID, PublicKey: made.PublicKey, AttestationFormat: made.Format,
		Aaguid: made.AAGUID, SignCount: made.SignCount, UserVerified: made.UserVerified, BackupEligible: made.BackupEligible,
		BackupState: made.BackupState, Transports: made.Transports,
		Purpose: a.ceremony.Purpose, RelyingPartyId: a.ceremony.RelyingPartyID,
	})
	return nil
}

// unregister removes a credential, or ends a registration that is not finished.
func (s *Service) unregister(ctx context.Context, g guard, purpose eventv1.WebAuthnPurpose, id string) (command.Receipt, error) {
	return s.change(ctx, g, target{absent: ErrCredentialNotFound}, func(ctx context.Context, state *State, d *command.Decision) error {
		w := state.webAuthn(id, purpose)
		if w == nil {
			return ErrCredentialNotFound
		}
		if err := s.releaseWebAuthn(ctx, g.caller.Tenant, d, w); err != nil {
			return err
		}
		s.record(d, &eventv1.UserWebAuthnRemoved{WebauthnId: id})
		return nil
	})
}

// releaseWebAuthn gives the claim on a credential's id back. Of somebody whose data key is gone the id is unknown, and the
// claim went with the key.
func (s *Service) releaseWebAuthn(ctx context.Context, tenant string, d *command.Decision, w *WebAuthn) error {
	if len(w.CredentialID) == 0 {
		return nil
	}
	claim, err := s.webauthnClaim(ctx, tenant, w.CredentialID)
	if err != nil {
		return err
	}
	d.Releases = append(d.Releases, claim)
	return nil
}

// webauthnClaim makes a credential's id unique in the tenant (section 7.1, step 26).
func (s *Service) webauthnClaim(ctx context.Context, tenant string, credentialID []byte) (eventstore.Claim, error) {
	digest, err := s.rt.Vault.Digest(ctx, tenant, claimWebAuthn, string(credentialID))
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("user: digest of a credential id: %w", err)
	}
	return eventstore.Claim{Kind: claimWebAuthn, Digest: digest}, nil
}

// ceremony returns the unfinished registration of an id.
func (s *State) ceremony(id string, purpose eventv1.WebAuthnPurpose, now time.Time) (*WebAuthn, error) {
	if !s.Human() {
		return nil, ErrNotFound
	}
	w := s.webAuthn(id, purpose)
	switch {
	case w == nil || w.Ready:
		return nil, ErrCredentialNotFound
	case !now.Before(w.ExpiresAt):
		return nil, ErrCeremonyExpired
	}
	return w, nil
}

// asked returns the id of the unfinished registration whose challenge an answer is to; empty if it is to none.
func (s *State) asked(purpose eventv1.WebAuthnPurpose, response *webauthn.Attestation) string {
	for i := range s.WebAuthn {
		if w := &s.WebAuthn[i]; !w.Ready && w.Purpose == purpose && response.Answers(w.Challenge) {
			return w.ID
		}
	}
	return ""
}

// webAuthn returns the credential or registration of an id; nil if there is none.
func (s *State) webAuthn(id string, purpose eventv1.WebAuthnPurpose) *WebAuthn {
	for i := range s.WebAuthn {
		if w := &s.WebAuthn[i]; w.ID == id && w.Purpose == purpose {
			return w
		}
	}
	return nil
}

// credential returns the first ready credential for which match holds.
func (s *State) credential(match func(*WebAuthn) bool) (*WebAuthn, bool) {
	for i := range s.WebAuthn {
		if w := &s.WebAuthn[i]; w.Ready && match(w) {
			return w, true
		}
	}
	return nil, false
}

// credentials returns the ready credentials for which match holds.
func (s *State) credentials(match func(*WebAuthn) bool) []webauthn.Credential {
	var out []webauthn.Credential
	for i := range s.WebAuthn {
		if w := &s.WebAuthn[i]; w.Ready && match(w) {
			out = append(out, w.credential())
		}
	}
	return out
}

func (s *State) account(id string) webauthn.Account {
	return webauthn.Account{ID: id, Name: s.Username, DisplayName: s.Profile.GetDisplayName()}
}

func (w *WebAuthn) credential() webauthn.Credential {
	return webauthn.Credential{
		ID: w.CredentialID, PublicKey: w.PublicKey, Format: w.Format, AAGUID: w.AAGUID, Transports: w.Transports,
		SignCount: w.SignCount, UserVerified: w.UserVerified, BackupEligible: w.BackupEligible, BackupState: w.BackupState,
	}
}

func (w *WebAuthn) question(verifyUser bool) webauthn.Ceremony {
	return webauthn.Ceremony{Domain: w.RelyingPartyID, Challenge: w.Challenge, VerifyUser: verifyUser}
}

// rejected turns the verdict on an answer into a refusal; everything else is a fault.
func rejected(err error, as *failure.Error) error {
	if errors.Is(err, webauthn.ErrRejected) || errors.Is(err, webauthn.ErrDomain) {
		return as.Because(err)
	}
	return err
}

// masked replaces the refusals of a user's state by one and the same for who may not know about the user.
func masked(err error, knows bool, as *failure.Error) error {
	refusal, ok := errors.AsType[*failure.Error](err)
	if knows || !ok {
		return err
	}
	switch refusal.Kind {
	case failure.InvalidArgument, failure.NotFound, failure.AlreadyExists, failure.FailedPrecondition:
		return as.Because(err)
	}
	return err
}
