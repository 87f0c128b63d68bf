package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// SetPhone replaces a user's number.
type SetPhone struct {
	UserID       string
	Phone        string       // international, or national in Switzerland
	Verification Verification // any but Unverified
}

// SetPhone replaces the number; a code for the earlier one is void.
func (s *Service) SetPhone(ctx context.Context, caller *permission.Caller, req SetPhone) (Coded, error) {
	g, err := s.guard(opSetPhone, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	phone, err := parsePhone(req.Phone)
	if err != nil {
		return Coded{}, err
	}
	if err := checkProof(req.Verification); err != nil {
		return Coded{}, err
	}
	g.declares = needsTrust(req.Verification)
	var out Coded
	out.Receipt, err = s.change(ctx, g, handset, func(ctx context.Context, state *State, d *command.Decision) error {
		if state.Phone.Value == phone {
			return ErrPhoneNotChanged
		}
		s.replacePhone(state, d, phone)
		var err error
		out.Code, err = s.prove(ctx, g, provingPhone(phone, req.Verification), d)
		return err
	})
	return out, err
}

// SendPhoneCode makes a new code; the earlier one is void.
func (s *Service) SendPhoneCode(ctx context.Context, caller *permission.Caller, req RequestCode) (Coded, error) {
	g, err := s.guard(opSendPhoneCode, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	return s.requestCode(ctx, codeRequest{
		guard: g, topic: aboutPhone().in(req.Digits), target: handset, verification: req.Verification, possible: req.phone,
	})
}

// phone refuses people without a number.
func (r *RequestCode) phone(s *State) error {
	switch {
	case s.Phone.Value == "":
		return ErrPhoneNotFound
	case r.Unproven && s.Phone.Verified:
		return ErrPhoneVerified
	}
	return nil
}

// ResendPhoneCode makes a new code where one is pending; the earlier one is void.
func (s *Service) ResendPhoneCode(ctx context.Context, caller *permission.Caller, req RequestCode) (Coded, error) {
	g, err := s.guard(opResendPhoneCode, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	return s.requestCode(ctx, codeRequest{
		guard: g, topic: aboutPhone().in(req.Digits), target: handset, verification: req.Verification, again: true,
	})
}

// VerifyPhone is open to everybody who has the code.
func (s *Service) VerifyPhone(ctx context.Context, caller *permission.Caller, req VerifyCode) (command.Receipt, error) {
	g, err := s.guard(opVerifyPhone, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.verify(ctx, s.guess(g, aboutPhone(), req.Code).telling(req.TellPending), handset, &eventv1.UserPhoneVerified{})
}

// RemovePhone takes the number away from a user who has one.
func (s *Service) RemovePhone(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemovePhone, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, handset, func(_ context.Context, state *State, d *command.Decision) error {
		if state.Phone.Value == "" {
			return ErrNoPhone
		}
		s.dropPhone(state, d)
		return nil
	})
}

// replacePhone adds the change to a decision. Codes to sign in with go to a number that was proven: they end with it.
func (s *Service) replacePhone(state *State, d *command.Decision, phone string) {
	s.record(d, &eventv1.UserPhoneChanged{Phone: phone})
	if state.OTPSMS {
		s.record(d, &eventv1.UserOTPSMSRemoved{})
	}
}

func (s *Service) dropPhone(state *State, d *command.Decision) {
	s.record(d, &eventv1.UserPhoneRemoved{})
	if state.OTPSMS {
		s.record(d, &eventv1.UserOTPSMSRemoved{})
	}
}
