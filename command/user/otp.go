package user

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// sentOTP is a second factor whose codes are sent at sign-in.
type sentOTP struct {
	possible func(*State) bool // there is an address, and the user has proven one
	reaches  func(*State) bool // the address is proven now
	on       func(*State) bool
	added    proto.Message
	removed  proto.Message
}

func bySMS() sentOTP {
	return sentOTP{
		possible: func(s *State) bool { return s.Phone.Proven && s.Phone.Value != "" },
		reaches:  func(s *State) bool { return s.Phone.Verified && s.Phone.Value != "" },
		on:       func(s *State) bool { return s.OTPSMS },
		added:    &eventv1.UserOTPSMSAdded{},
		removed:  &eventv1.UserOTPSMSRemoved{},
	}
}

func byEmail() sentOTP {
	return sentOTP{
		possible: func(s *State) bool { return s.Email.Proven },
		reaches:  func(s *State) bool { return s.Email.Verified && s.Email.Value != "" },
		on:       func(s *State) bool { return s.OTPEmail },
		added:    &eventv1.UserOTPEmailAdded{},
		removed:  &eventv1.UserOTPEmailRemoved{},
	}
}

// AddOTPSMS lets a user who has proven a phone number sign in with codes that are sent there. It goes with the number.
func (s *Service) AddOTPSMS(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opAddOTPSMS, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.addOTP(ctx, g, bySMS())
}

// RemoveOTPSMS ends codes by SMS.
func (s *Service) RemoveOTPSMS(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveOTPSMS, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.removeOTP(ctx, g, bySMS())
}

// AddOTPEmail lets a user who has proven an email address sign in with codes that are sent there. It goes with the address.
func (s *Service) AddOTPEmail(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opAddOTPEmail, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.addOTP(ctx, g, byEmail())
}

// RemoveOTPEmail ends codes by email.
func (s *Service) RemoveOTPEmail(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveOTPEmail, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.removeOTP(ctx, g, byEmail())
}

func (s *Service) addOTP(ctx context.Context, g guard, otp sentOTP) (command.Receipt, error) {
	return s.change(ctx, g, human, func(_ context.Context, state *State, d *command.Decision) error {
		switch {
		case otp.on(state):
			return ErrOTPReady
		case !otp.possible(state):
			return ErrOTPNotReady
		}
		s.record(d, otp.added)
		return nil
	})
}

func (s *Service) removeOTP(ctx context.Context, g guard, otp sentOTP) (command.Receipt, error) {
	return s.change(ctx, g, target{absent: ErrOTPNotFound}, func(_ context.Context, state *State, d *command.Decision) error {
		if !otp.on(state) {
			return ErrOTPNotFound
		}
		s.record(d, otp.removed)
		return nil
	})
}
