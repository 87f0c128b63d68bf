package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

const secondFactor = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_SECOND_FACTOR

// RegisterU2F begins the registration of a second factor.
type RegisterU2F struct {
	UserID string
	Domain string // relying party id; the configured one if empty
}

// RegisterU2F begins the registration of a second factor; an unfinished one is void.
func (s *Service) RegisterU2F(ctx context.Context, caller *permission.Caller, req RegisterU2F) (Registration, error) {
	g, err := s.guard(opRegisterU2F, caller, req.UserID)
	if err != nil {
		return Registration{}, err
	}
	e, err := s.enrolment(secondFactor, req.Domain)
	if err != nil {
		return Registration{}, err
	}
	return s.enrol(ctx, g, e)
}

// VerifyU2F ends the registration of a second factor.
func (s *Service) VerifyU2F(ctx context.Context, caller *permission.Caller, req VerifyCredential) (command.Receipt, error) {
	g, err := s.guard(opVerifyU2F, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.register(ctx, g, secondFactor, req)
}

// RemoveU2F removes a second factor, ready or not.
func (s *Service) RemoveU2F(ctx context.Context, caller *permission.Caller, req RemoveCredential) (command.Receipt, error) {
	g, err := s.guard(opRemoveU2F, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.unregister(ctx, g, secondFactor, req.ID)
}
