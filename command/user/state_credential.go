package user

import (
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// WebAuthn is a credential of an authenticator, or the ceremony that is to register one.
type WebAuthn struct {
	ID             string
	Purpose        eventv1.WebAuthnPurpose
	RelyingPartyID string

	// Of the ceremony, until it ends.
	Challenge []byte
	ExpiresAt time.Time

	// Of the credential.
	Ready          bool
	Name           string
	CredentialID   []byte
	PublicKey      []byte // COSE_Key
	Format         string // of the attestation
	AAGUID         []byte
	Transports     []string
	SignCount      uint32
	UserVerified   bool
	BackupEligible bool
	BackupState    bool
}

// PasskeyCode lets its holder register one passkey.
type PasskeyCode struct {
	ID   string
	Code *Code
}

// TOTP is a secret for time-based codes.
type TOTP struct {
	ID    string
	Seed  []byte
	Ready bool
}

// RecoveryCodes are known by their digests; a used one is empty.
type RecoveryCodes struct {
	SetID   string
	Digests [][]byte
}

// Invite is the newest invitation.
type Invite struct {
	Code            *Code // nil once it was accepted
	Medium          eventv1.CodeMedium
	Address         string // the user's email address at that time
	URLTemplate     string
	ApplicationName string
}

// OTPCode lets somebody sign in who has got it by SMS or email, along with a first factor.
type OTPCode struct {
	ID   string
	Code *Code
}

// MachineKey is a public key with which a machine proves who it is.
type MachineKey struct {
	ID        string
	PublicKey []byte    // SubjectPublicKeyInfo, DER
	ExpiresAt time.Time // zero: never
}

func foldWebAuthn(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserWebAuthnAdded:
		s.WebAuthn = append(slices.DeleteFunc(slices.Clone(s.WebAuthn), func(w WebAuthn) bool {
			return !w.Ready && w.Purpose == e.GetPurpose()
		}), WebAuthn{
			ID: e.GetWebauthnId(), Purpose: e.GetPurpose(), RelyingPartyID: e.GetRelyingPartyId(),
			Challenge: e.GetChallenge(), ExpiresAt: e.GetExpiresAt().AsTime(),
		})
	case *eventv1.UserWebAuthnVerified:
		s.editWebAuthn(e.GetWebauthnId(), func(w *WebAuthn) { w.verified(e) })
		s.MFASkipped = false
	case *eventv1.UserWebAuthnUsed:
		s.editWebAuthn(e.GetWebauthnId(), func(w *WebAuthn) {
			w.SignCount, w.BackupState = e.GetSignCount(), e.GetBackupState()
		})
	case *eventv1.UserWebAuthnRemoved:
		s.WebAuthn = dropped(s.WebAuthn, func(w WebAuthn) bool { return w.ID == e.GetWebauthnId() })
	case *eventv1.UserPasskeyCodeAdded:
		// Expired ones leave with the next, so that they do not pile up.
		s.PasskeyCodes = append(dropped(s.PasskeyCodes, func(c PasskeyCode) bool { return !at.At.Before(c.Code.ExpiresAt) }),
			PasskeyCode{ID: e.GetCodeId(), Code: newCode(e.GetCode(), at)})
	case *eventv1.UserPasskeyCodeUsed:
		s.PasskeyCodes = dropped(s.PasskeyCodes, func(c PasskeyCode) bool { return c.ID == e.GetCodeId() })
	case *eventv1.UserPasskeyCodeBlocked:
		s.PasskeyCodes = slices.Clone(s.PasskeyCodes)
		for i := range s.PasskeyCodes {
			if c := &s.PasskeyCodes[i]; c.ID == e.GetCodeId() {
				c.Code = c.Code.blocked()
			}
		}
	}
}

func (w *WebAuthn) verified(e *eventv1.UserWebAuthnVerified) {
	*w = WebAuthn{
		ID: w.ID, Purpose: w.Purpose, RelyingPartyID: w.RelyingPartyID, Ready: true, Name: e.GetName(),
		CredentialID: e.GetCredentialId(), PublicKey: e.GetPublicKey(), Format: e.GetAttestationFormat(), AAGUID: e.GetAaguid(),
		Transports: e.GetTransports(), SignCount: e.GetSignCount(), UserVerified: e.GetUserVerified(),
		BackupEligible: e.GetBackupEligible(), BackupState: e.GetBackupState(),
	}
}

func (s *State) editWebAuthn(id string, edit func(*WebAuthn)) {
	s.WebAuthn = slices.Clone(s.WebAuthn)
	for i := range s.WebAuthn {
		if s.WebAuthn[i].ID == id {
			edit(&s.WebAuthn[i])
		}
	}
}

func foldFactors(s *State, msg proto.Message) {
	switch e := msg.(type) {
	case *eventv1.UserTOTPAdded:
		s.TOTP = &TOTP{ID: e.GetTotpId(), Seed: e.GetSeed()}
	case *eventv1.UserTOTPVerified:
		if s.TOTP != nil {
			ready := *s.TOTP
			ready.Ready = true
			s.TOTP, s.MFASkipped = &ready, false
		}
	case *eventv1.UserTOTPRemoved:
		s.TOTP = nil
	case *eventv1.UserOTPSMSAdded:
		s.OTPSMS, s.MFASkipped = true, false
	case *eventv1.UserOTPSMSRemoved:
		s.OTPSMS, s.OTPSMSCodes = false, nil
	case *eventv1.UserOTPEmailAdded:
		s.OTPEmail, s.MFASkipped = true, false
	case *eventv1.UserOTPEmailRemoved:
		s.OTPEmail, s.OTPEmailCodes = false, nil
	case *eventv1.UserMFAInitSkipped:
		s.MFASkipped = true
	case *eventv1.UserRecoveryCodesAdded:
		s.RecoveryCodes = &RecoveryCodes{SetID: e.GetSetId(), Digests: e.GetDigests()}
	case *eventv1.UserRecoveryCodeUsed:
		if r := s.RecoveryCodes; r != nil && r.SetID == e.GetSetId() && int(e.GetIndex()) < len(r.Digests) {
			left := slices.Clone(r.Digests)
			left[e.GetIndex()] = nil
			s.RecoveryCodes = &RecoveryCodes{SetID: r.SetID, Digests: left}
		}
	case *eventv1.UserRecoveryCodesRemoved:
		s.RecoveryCodes = nil
	}
}

func foldOTPCodes(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserOTPSMSCodeAdded:
		s.OTPSMSCodes = withOTPCode(s.OTPSMSCodes, OTPCode{ID: e.GetCodeId(), Code: newCode(e.GetCode(), at)}, at.At)
	case *eventv1.UserOTPSMSCodeUsed:
		s.OTPSMSCodes = dropped(s.OTPSMSCodes, func(c OTPCode) bool { return c.ID == e.GetCodeId() })
	case *eventv1.UserOTPSMSCodeBlocked:
		s.OTPSMSCodes = blockedOTPCode(s.OTPSMSCodes, e.GetCodeId())
	case *eventv1.UserOTPEmailCodeAdded:
		s.OTPEmailCodes = withOTPCode(s.OTPEmailCodes, OTPCode{ID: e.GetCodeId(), Code: newCode(e.GetCode(), at)}, at.At)
	case *eventv1.UserOTPEmailCodeUsed:
		s.OTPEmailCodes = dropped(s.OTPEmailCodes, func(c OTPCode) bool { return c.ID == e.GetCodeId() })
	case *eventv1.UserOTPEmailCodeBlocked:
		s.OTPEmailCodes = blockedOTPCode(s.OTPEmailCodes, e.GetCodeId())
	}
}

// withOTPCode returns the codes with one more. Expired ones leave with it, and of the others the oldest, so that they do not pile up.
func withOTPCode(codes []OTPCode, added OTPCode, now time.Time) []OTPCode {
	kept := append(dropped(codes, func(c OTPCode) bool { return !now.Before(c.Code.ExpiresAt) }), added)
	return kept[max(0, len(kept)-maxOTPCodes):]
}

func blockedOTPCode(codes []OTPCode, id string) []OTPCode {
	codes = slices.Clone(codes)
	for i := range codes {
		if codes[i].ID == id {
			codes[i].Code = codes[i].Code.blocked()
		}
	}
	return codes
}

func foldInvite(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserInviteCodeAdded:
		s.Invite = &Invite{
			Code: newCode(e.GetCode(), at), Medium: e.GetCode().GetMedium(), Address: s.Email.Value,
			URLTemplate: e.GetCode().GetUrlTemplate(), ApplicationName: e.GetApplicationName(),
		}
	case *eventv1.UserInviteCodeBlocked:
		s.Invite = s.Invite.with(func(i *Invite) { i.Code = i.Code.blocked() })
	case *eventv1.UserInviteAccepted:
		s.Invite = s.Invite.with(func(i *Invite) { i.Code = nil })
	}
}

func (i *Invite) with(edit func(*Invite)) *Invite {
	if i == nil {
		return nil
	}
	edited := *i
	edit(&edited)
	return &edited
}

func foldMachine(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserMachineChanged:
		s.Name, s.Description, s.SignedTokens = e.GetName(), e.GetDescription(), e.GetSignedTokens()
	case *eventv1.UserMachineSecretSet:
		s.SecretHash, s.SessionsSince = e.GetHash(), at.Version
	case *eventv1.UserMachineSecretRemoved:
		s.SecretHash, s.SessionsSince = "", at.Version
	case *eventv1.UserMachineKeyAdded:
		key := MachineKey{ID: e.GetKeyId(), PublicKey: e.GetPublicKey()}
		if e.GetExpiresAt() != nil {
			key.ExpiresAt = e.GetExpiresAt().AsTime()
		}
		s.Keys = append(slices.Clip(s.Keys), key)
	case *eventv1.UserMachineKeyRemoved:
		s.Keys = dropped(s.Keys, func(k MachineKey) bool { return k.ID == e.GetKeyId() })
	}
}

// foldBelongings folds what hangs on a user, person or machine.
func foldBelongings(s *State, msg proto.Message) {
	switch e := msg.(type) {
	case *eventv1.UserIDPLinked:
		s.Links = append(slices.Clip(s.Links), ProviderLink{
			ProviderID: e.GetProviderId(), UserID: e.GetExternalId(), Username: e.GetUsername(),
		})
	case *eventv1.UserIDPUnlinked:
		s.Links = dropped(s.Links, func(l ProviderLink) bool {
			return l.ProviderID == e.GetProviderId() && l.UserID == e.GetExternalId()
		})
	case *eventv1.UserMetadataSet:
		kept := make(map[string][sha256.Size]byte, len(s.Metadata)+1)
		maps.Copy(kept, s.Metadata)
		kept[e.GetKey()] = sha256.Sum256(e.GetValue())
		s.Metadata = kept
	case *eventv1.UserMetadataRemoved:
		kept := maps.Clone(s.Metadata)
		delete(kept, e.GetKey())
		s.Metadata = kept
	}
}

// dropped returns a copy without the elements for which drop holds.
func dropped[E any](list []E, drop func(E) bool) []E {
	return slices.DeleteFunc(slices.Clone(list), drop)
}
