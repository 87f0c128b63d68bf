package signin

import (
	"context"
	"errors"

	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// RequestPasswordReset sends a code of six digits to a verified address, if there is somebody to send it to, and returns a ticket
// in any case. A number that names the user is where the code goes; otherwise the mailbox goes first.
//
// Errors: throttle.ErrTooManyAttempts, for users that do not exist as well; what is unavailable.
func (s *Service) RequestPasswordReset(ctx context.Context, who Identifier) (ticket string, err error) {
	came := s.rt.Now()
	if ticket, err = s.requestReset(ctx, who.name()); err == nil {
		s.level(ctx, came, slowBeat)
	}
	return ticket, err
}

func (s *Service) requestReset(ctx context.Context, n name) (string, error) {
	if err := s.limiter.Take(ctx, s.tenant, attempts(ctx, n, throttle.CodeByRecipient(), throttle.CodeByAddress())...); err != nil {
		return "", err
	}
	id, err := s.findAny(ctx, n)
	if err != nil {
		return "", err
	}
	known, err := s.states.Load(ctx, s.tenant, id)
	if err != nil {
		return "", err
	}
	if sms, possible := resetMedium(n, &known.State); possible {
		_, err := s.users.RequestPasswordReset(ctx, s.system, user.RequestPasswordReset{
			UserID: id, SMS: sms, Digits: true, Verification: user.Send{},
		})
		if err != nil && passing(err) {
			return "", err
		}
	}
	return s.issueTicket(ctx, toResetPassword, subject{n, id})
}

// resetMedium says where a reset code for a user goes, if anywhere.
func resetMedium(n name, u *user.State) (sms, possible bool) {
	switch {
	case !u.CanSignIn() || u.Machine:
		return false, false
	case n.kind == byPhone:
		return true, u.Phone.Verified
	case u.Email.Verified:
		return false, true
	}
	return true, u.Phone.Verified
}

// ResetPassword sets a new password.
type ResetPassword struct {
	Identifier  Identifier
	Code        string
	Ticket      string
	NewPassword string
}

// ResetPassword sets a new password by a code that RequestPasswordReset sent.
//
// Errors: ErrCode; to the right code what the password lacks, and the code stays good; throttle.ErrTooManyAttempts; what is unavailable.
func (s *Service) ResetPassword(ctx context.Context, r ResetPassword) error {
	came := s.rt.Now()
	err := s.resetPassword(ctx, r)
	s.levelRefusal(ctx, came, err)
	return err
}

func (s *Service) resetPassword(ctx context.Context, r ResetPassword) error {
	n := r.Identifier.name()
	counted := attempts(ctx, n, throttle.SignInByIdentifier(), throttle.SignInByAddress())
	if err := s.limiter.Take(ctx, s.tenant, counted...); err != nil {
		return err
	}
	value, err := s.openTicket(ctx, toResetPassword, r.Ticket)
	if err != nil {
		return err
	}
	id, err := s.findAny(ctx, n)
	if err != nil {
		return err
	}
	if ok, err := s.isAbout(ctx, value, subject{n, id}); err != nil || !ok {
		return orCode(err)
	}
	_, err = s.users.SetPassword(ctx, s.system, user.SetPassword{
		UserID: id, New: user.NewPassword{Clear: r.NewPassword}, Proof: user.ResetCode(r.Code),
	})
	if err == nil {
		s.limiter.Forgive(ctx, s.tenant, counted...)
	}
	// What no policy is needed to tell is told in any case, and what one asks for after the code was right: neither says who is there.
	if password.Lacking(err) || errors.Is(err, user.ErrPasswordEmpty) {
		return err
	}
	return masked(err, ErrCode)
}

func orCode(err error) error {
	if err != nil {
		return err
	}
	return ErrCode
}
