package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/webauthn"
)

const passkey = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY

// RegisterPasskey begins the registration of a passkey.
type RegisterPasskey struct {
	UserID     string
	Domain     string // relying party id; the configured one if empty
	Attachment webauthn.Attachment
	Code       *PasskeyProof // nil: the caller may without
}

// RegisterPasskey begins the registration of a passkey; an unfinished one is void. Whoever has a code from RequestPasskeyCode
// needs no permission; the code is used up with the same append.
func (s *Service) RegisterPasskey(ctx context.Context, caller *permission.Caller, req RegisterPasskey) (Registration, error) {
	g, err := s.guard(opRegisterPasskey, caller, req.UserID)
	if err != nil {
		return Registration{}, err
	}
	e, err := s.enrolment(passkey, req.Domain)
	if err != nil {
		return Registration{}, err
	}
	e.attachment = req.Attachment
	if req.Code != nil && g.proof {
		return s.enrolByCode(ctx, g, e, *req.Code)
	}
	return s.enrol(ctx, g, e)
}

// VerifyPasskey ends the registration of a passkey. It is open to everybody who has the authenticator's answer.
func (s *Service) VerifyPasskey(ctx context.Context, caller *permission.Caller, req VerifyCredential) (command.Receipt, error) {
	g, err := s.guard(opVerifyPasskey, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.register(ctx, g, passkey, req)
}

// RemovePasskey removes a passkey, ready or not.
func (s *Service) RemovePasskey(ctx context.Context, caller *permission.Caller, req RemoveCredential) (command.Receipt, error) {
	g, err := s.guard(opRemovePasskey, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.unregister(ctx, g, passkey, req.ID)
}
