package signin

import (
	"context"

	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/command/user"
)

// RequestVerification sends a code of six digits to verify a user's email address with, if there is somebody to send it to, and
// returns a ticket in any case. Codes that were sent before are void. An address names the newest of those who have it and have
// not proven it; nobody gets a code for an address that somebody has proven.
//
// Errors: throttle.ErrTooManyAttempts, for users that do not exist as well; what is unavailable.
func (s *Service) RequestVerification(ctx context.Context, who Identifier) (ticket string, err error) {
	came := s.rt.Now()
	if ticket, err = s.requestVerification(ctx, who.name()); err == nil {
		s.level(ctx, came, slowBeat)
	}
	return ticket, err
}

func (s *Service) requestVerification(ctx context.Context, n name) (string, error) {
	if err := s.limiter.Take(ctx, s.tenant, attempts(ctx, n, throttle.CodeByRecipient(), throttle.CodeByAddress())...); err != nil {
		return "", err
	}
	id, err := s.unproven(ctx, n)
	if err != nil {
		return "", err
	}
	known, err := s.states.Load(ctx, s.tenant, id)
	if err != nil {
		return "", err
	}
	u := &known.State
	if !u.CanSignIn() || u.Machine || u.Email.Value == "" || u.Email.Verified {
		return s.issueTicket(ctx, toVerifyEmail, subject{n, id})
	}
	address := emailName(u.Email.Value)
	proven, err := s.holders(ctx, address, true)
	if err != nil {
		return "", err
	}
	if len(proven) > 0 {
		// The owner of an address that is proven already would confirm an account that somebody else made with it.
		return s.issueTicket(ctx, toVerifyEmail, subject{name: address})
	}
	_, err = s.users.SendEmailCode(ctx, s.system, user.RequestCode{UserID: id, Digits: true, Verification: user.Send{}})
	if err != nil && passing(err) {
		return "", err
	}
	return s.issueTicket(ctx, toVerifyEmail, subject{address, id})
}

// unproven returns the user whose email address a name asks to verify, or a stranger.
func (s *Service) unproven(ctx context.Context, n name) (string, error) {
	if n.kind != byEmail {
		return s.findAny(ctx, n)
	}
	holders, err := s.holders(ctx, n, false)
	if err != nil {
		return "", err
	}
	if len(holders) == 0 {
		return s.stranger(ctx, n)
	}
	return holders[0], nil
}

// VerifyEmail verifies an address by a code that RequestVerification sent.
//
// Errors: ErrCode; throttle.ErrTooManyAttempts; what is unavailable.
func (s *Service) VerifyEmail(ctx context.Context, email, code, ticket string) error {
	came := s.rt.Now()
	err := s.verifyEmail(ctx, emailName(email), code, ticket)
	s.levelRefusal(ctx, came, err)
	return err
}

func (s *Service) verifyEmail(ctx context.Context, n name, code, ticket string) error {
	if err := s.limiter.Take(ctx, s.tenant, attempts(ctx, n, throttle.SignInByIdentifier(), throttle.SignInByAddress())...); err != nil {
		return err
	}
	value, err := s.openTicket(ctx, toVerifyEmail, ticket)
	if err != nil {
		return err
	}
	holders, err := s.holders(ctx, n, false)
	if err != nil {
		return err
	}
	for _, id := range holders {
		ok, err := s.isAbout(ctx, value, subject{n, id})
		if err != nil {
			return err
		}
		if ok {
			_, err := s.users.VerifyEmail(ctx, s.system, user.VerifyCode{UserID: id, Code: code})
			return masked(err, ErrCode)
		}
	}
	return ErrCode
}

// VerifyPhone verifies a phone number by a code that was sent to it. Several may have the number and wait for a code; the one whose
// code it is has proven it.
//
// Errors: ErrCode; throttle.ErrTooManyAttempts; what is unavailable.
func (s *Service) VerifyPhone(ctx context.Context, phone, code string) error {
	came := s.rt.Now()
	err := s.verifyPhone(ctx, phoneName(phone), code)
	s.levelRefusal(ctx, came, err)
	return err
}

func (s *Service) verifyPhone(ctx context.Context, n name, code string) error {
	if err := s.limiter.Take(ctx, s.tenant, attempts(ctx, n, throttle.SignInByIdentifier(), throttle.SignInByAddress())...); err != nil {
		return err
	}
	holders, err := s.holders(ctx, n, false)
	if err != nil {
		return err
	}
	refusal := error(ErrCode)
	for _, id := range holders {
		_, err := s.users.VerifyPhone(ctx, s.system, user.VerifyCode{UserID: id, Code: code})
		if err == nil || passing(err) {
			return err
		}
		refusal = masked(err, ErrCode)
	}
	return refusal
}
