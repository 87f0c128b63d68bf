package session

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
)

// Challenges are what the user is to be challenged with; nil where nothing is asked.
type Challenges struct {
	WebAuthn *WebAuthnChallenge
	OTPSMS   user.Verification // Send or Return
	OTPEmail user.Verification
}

// WebAuthnChallenge asks the user's authenticators.
type WebAuthnChallenge struct {
	Domain       string
	Verification webauthn.UserVerification
}

// Challenged is what challenges lead to.
type Challenged struct {
	WebAuthn []byte // JSON for navigator.credentials.get
	OTPSMS   string // the code, where it was to be returned
	OTPEmail string
}

func (c *Challenges) asked() bool {
	return c.WebAuthn != nil || c.OTPSMS != nil || c.OTPEmail != nil
}

// check validates how codes are to travel.
func (c *Challenges) check() error {
	for _, v := range []user.Verification{c.OTPSMS, c.OTPEmail} {
		switch v.(type) {
		case nil, user.Send, user.Return:
		default:
			return ErrChallenge
		}
	}
	return nil
}

// challenge makes the challenges that are asked for, and returns what the session has to record of them.
func (s *Service) challenge(ctx context.Context, t *trial) (Challenged, []proto.Message, error) {
	var out Challenged
	var events []proto.Message
	if ask := t.challenges.WebAuthn; ask != nil {
		question, err := s.users.BeginAssertion(ctx, t.judge, user.BeginAssertion{
			UserID: t.person.id, Domain: ask.Domain, Verification: ask.Verification,
		})
		if err != nil {
			return Challenged{}, nil, unproven(err)
		}
		out.WebAuthn = question.Options
		events = append(events, &eventv1.SessionWebAuthnChallenged{Ceremony: question.Ceremony})
	}
	if v := t.challenges.OTPSMS; v != nil {
		code, err := s.users.ChallengeOTP(ctx, t.judge, user.ChallengeOTP{UserID: t.person.id, SMS: true, Verification: v})
		if err != nil {
			return Challenged{}, nil, unproven(err)
		}
		out.OTPSMS = code.Code
		events = append(events, &eventv1.SessionOTPSMSChallenged{CodeId: code.CodeID})
	}
	if v := t.challenges.OTPEmail; v != nil {
		code, err := s.users.ChallengeOTP(ctx, t.judge, user.ChallengeOTP{UserID: t.person.id, Verification: v})
		if err != nil {
			return Challenged{}, nil, unproven(err)
		}
		out.OTPEmail = code.Code
		events = append(events, &eventv1.SessionOTPEmailChallenged{CodeId: code.CodeID})
	}
	return out, events, nil
}
