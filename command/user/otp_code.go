package user

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

const (
	otpDigits   = 8
	otpLife     = 5 * time.Minute
	maxOTPCodes = 10 // of each kind; the oldest gives way
)

// ChallengeOTP asks a user for a code by SMS or email.
type ChallengeOTP struct {
	UserID       string
	SMS          bool         // to the phone instead of the mailbox
	Verification Verification // Send or Return
}

// OTPChallenge is the answer of ChallengeOTP.
type OTPChallenge struct {
	CodeID  string // which UseOTP needs
	Code    string // only if it was asked for with Return
	Receipt command.Receipt
}

// ChallengeOTP makes a code of eight digits for somebody who is about to sign in. It is good for five minutes; those of other
// sign-ins stay valid beside it, ten at a time. It goes to the address that the user has proven, and nowhere else. Errors:
// ErrOTPNotFound for users without this second factor, ErrOTPNotReady for those whose address is not proven, ErrCannotSignIn.
func (s *Service) ChallengeOTP(ctx context.Context, caller *permission.Caller, req ChallengeOTP) (OTPChallenge, error) {
	g, err := s.guard(opChallengeOTP, caller, req.UserID)
	if err != nil {
		return OTPChallenge{}, err
	}
	if err := checkCode(req.Verification); err != nil {
		return OTPChallenge{}, err
	}
	g.declares = needsTrust(req.Verification)
	out := OTPChallenge{CodeID: s.rt.NewID().String()}
	factor, p := sentBy(req.SMS), proving{topic: aboutOTP(req.SMS, out.CodeID), verification: req.Verification}
	out.Receipt, err = s.change(ctx, g, target{absent: ErrOTPNotFound}, func(ctx context.Context, state *State, d *command.Decision) (err error) {
		switch {
		case !factor.on(state):
			return ErrOTPNotFound
		case !factor.reaches(state):
			return ErrOTPNotReady
		case !state.CanSignIn():
			return ErrCannotSignIn
		}
		if err := s.limitRequests(ctx, &g, sentTo(p.topic.recipient(state), req.Verification)); err != nil {
			return err
		}
		out.Code, err = s.issue(ctx, d, streamOf(caller, req.UserID), p)
		return err
	})
	if err != nil {
		return OTPChallenge{}, err
	}
	return out, nil
}

// UseOTP is a code that somebody got by SMS or email.
type UseOTP struct {
	UserID string
	SMS    bool
	CodeID string // of ChallengeOTP
	Code   string
}

// UseOTP accepts a code of a user who is about to sign in, and makes it void. Whoever has the code may use it. Everything about
// the code that is not right is ErrWrongCode.
func (s *Service) UseOTP(ctx context.Context, caller *permission.Caller, req UseOTP) (command.Receipt, error) {
	g, err := s.guard(opUseOTP, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	guess := s.guess(g, aboutOTP(req.SMS, req.CodeID), req.Code)
	guess.locks = true
	recipient := ""
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case !g.proof:
			return g.check(state.Organization)
		case !state.Human() || !sentBy(req.SMS).on(state):
			return guess.told(state, ErrOTPNotFound)
		case !state.CanSignIn():
			return guess.told(state, ErrCannotSignIn)
		}
		code := guess.newest(state)
		if code == nil || !s.rt.Now().Before(code.ExpiresAt) {
			return ErrWrongCode
		}
		ok, err := s.match(ctx, guess, state, d)
		if ok {
			s.record(d, usedOTP(req.SMS, req.CodeID))
		}
		recipient = guess.recipient(state)
		return err
	})
	if err == nil {
		s.forgive(ctx, streamOf(caller, req.UserID), s.codeCounters(ctx, caller.Tenant, receipt.Organization)...)
		s.received(ctx, caller.Tenant, recipient)
	}
	return receipt, err
}

func sentBy(sms bool) sentOTP {
	if sms {
		return bySMS()
	}
	return byEmail()
}

// aboutOTP is the topic of one of the codes that a user may have to sign in with.
func aboutOTP(sms bool, id string) topic {
	t := topic{length: otpDigits, digits: true, life: otpLife}
	if sms {
		t.medium = eventv1.CodeMedium_CODE_MEDIUM_SMS
		t.added = func(c *eventv1.Code) proto.Message { return &eventv1.UserOTPSMSCodeAdded{CodeId: id, Code: c} }
		t.blocked = func(n uint32) proto.Message { return &eventv1.UserOTPSMSCodeBlocked{CodeId: id, Attempts: n} }
		t.newest = func(s *State) *Code { return otpCode(s.OTPSMSCodes, id) }
		return t
	}
	t.medium = eventv1.CodeMedium_CODE_MEDIUM_EMAIL
	t.added = func(c *eventv1.Code) proto.Message { return &eventv1.UserOTPEmailCodeAdded{CodeId: id, Code: c} }
	t.blocked = func(n uint32) proto.Message { return &eventv1.UserOTPEmailCodeBlocked{CodeId: id, Attempts: n} }
	t.newest = func(s *State) *Code { return otpCode(s.OTPEmailCodes, id) }
	return t
}

func usedOTP(sms bool, id string) proto.Message {
	if sms {
		return &eventv1.UserOTPSMSCodeUsed{CodeId: id}
	}
	return &eventv1.UserOTPEmailCodeUsed{CodeId: id}
}

func otpCode(codes []OTPCode, id string) *Code {
	for _, c := range codes {
		if c.ID == id {
			return c.Code
		}
	}
	return nil
}
