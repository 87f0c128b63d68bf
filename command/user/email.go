package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Coded is the answer of a command that may make a code.
type Coded struct {
	Receipt command.Receipt
	Code    string // only if it was asked for with Return
}

// SetEmail replaces a user's address.
type SetEmail struct {
	UserID       string
	Email        string
	Verification Verification // any but Unverified
}

// SetEmail replaces the address; a code for the earlier one is void, and the username stays.
func (s *Service) SetEmail(ctx context.Context, caller *permission.Caller, req SetEmail) (Coded, error) {
	g, err := s.guard(opSetEmail, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	email, err := parseEmail(req.Email)
	if err != nil {
		return Coded{}, err
	}
	if err := checkProof(req.Verification); err != nil {
		return Coded{}, err
	}
	g.declares = needsTrust(req.Verification)
	var out Coded
	out.Receipt, err = s.change(ctx, g, mailbox, func(ctx context.Context, state *State, d *command.Decision) error {
		if state.Email.Value == email {
			return ErrEmailNotChanged
		}
		s.replaceEmail(state, d, email)
		var err error
		out.Code, err = s.prove(ctx, g, provingEmail(email, req.Verification), d)
		return err
	})
	return out, err
}

// replaceEmail adds the change to a decision. Codes to sign in with go to an address that was proven: they end with it.
func (s *Service) replaceEmail(state *State, d *command.Decision, email string) {
	s.record(d, &eventv1.UserEmailChanged{Email: email})
	if state.OTPEmail {
		s.record(d, &eventv1.UserOTPEmailRemoved{})
	}
}

// RequestCode asks for a code for an address that a user has.
type RequestCode struct {
	UserID       string
	Verification Verification // Send or Return
	Digits       bool         // six decimal digits instead of letters and digits; not for passkeys
	Unproven     bool         // only for an address that is not proven yet; not for passkeys
}

// SendEmailCode makes a new code; the earlier one is void.
func (s *Service) SendEmailCode(ctx context.Context, caller *permission.Caller, req RequestCode) (Coded, error) {
	g, err := s.guard(opSendEmailCode, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	return s.requestCode(ctx, codeRequest{
		guard: g, topic: aboutEmail().in(req.Digits), target: mailbox, verification: req.Verification,
		possible: req.email,
	})
}

// ResendEmailCode is SendEmailCode where a code is pending.
func (s *Service) ResendEmailCode(ctx context.Context, caller *permission.Caller, req RequestCode) (Coded, error) {
	g, err := s.guard(opResendEmailCode, caller, req.UserID)
	if err != nil {
		return Coded{}, err
	}
	return s.requestCode(ctx, codeRequest{
		guard: g, topic: aboutEmail().in(req.Digits), target: mailbox, verification: req.Verification, again: true,
		possible: req.email,
	})
}

// hasEmail refuses people without an address: they registered with a username or a number.
func hasEmail(s *State) error {
	if s.Email.Value == "" {
		return ErrNoEmail
	}
	return nil
}

// email refuses people for whose address no code can be, or is to be.
func (r *RequestCode) email(s *State) error {
	if r.Unproven && s.Email.Value != "" && s.Email.Verified {
		return ErrEmailVerified
	}
	return hasEmail(s)
}

// codeRequest is the wish for a code.
type codeRequest struct {
	guard        guard
	topic        topic
	target       target
	verification Verification
	again        bool // only if there is one already
	possible     func(*State) error
}

func (s *Service) requestCode(ctx context.Context, r codeRequest) (out Coded, err error) {
	if err := checkCode(r.verification); err != nil {
		return Coded{}, err
	}
	r.guard.declares = needsTrust(r.verification)
	out.Receipt, err = s.change(ctx, r.guard, r.target, func(ctx context.Context, state *State, d *command.Decision) error {
		if r.possible != nil {
			if err := r.possible(state); err != nil {
				return err
			}
		}
		if r.again && r.topic.newest(state) == nil {
			return ErrNoCode
		}
		if err := s.limitRequests(ctx, &r.guard, sentTo(r.topic.recipient(state), r.verification)); err != nil {
			return err
		}
		out.Code, err = s.issue(ctx, d, streamOf(r.guard.caller, r.guard.userID), proving{topic: r.topic, verification: r.verification})
		return err
	})
	if err != nil {
		return Coded{}, err
	}
	return out, nil
}

// VerifyCode proves an address by the code that was sent there.
type VerifyCode struct {
	UserID string
	Code   string
	// TellPending has callers who may know about the user hear ErrNoPendingCode, not ErrWrongCode, where there is no code.
	TellPending bool
}

// VerifyEmail is open to everybody who has the code.
func (s *Service) VerifyEmail(ctx context.Context, caller *permission.Caller, req VerifyCode) (command.Receipt, error) {
	g, err := s.guard(opVerifyEmail, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.verify(ctx, s.guess(g, aboutEmail(), req.Code).telling(req.TellPending), mailbox, &eventv1.UserEmailVerified{})
}
