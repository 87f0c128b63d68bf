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
	passkeyCodeLength = 12
	maxPasskeyCodes   = 10 // unexpired
)

// PasskeyProof is a code that RequestPasskeyCode made, and which one it is.
type PasskeyProof struct {
	ID   string
	Code string
}

// PasskeyCoded is the answer of RequestPasskeyCode.
type PasskeyCoded struct {
	Receipt command.Receipt
	ID      string
	Code    string        // only if it was asked for with Return
	Life    time.Duration // of the code
}

// RequestPasskeyCode makes a code with which a passkey can be registered. Earlier ones stay valid, ten at a time.
func (s *Service) RequestPasskeyCode(ctx context.Context, caller *permission.Caller, req RequestCode) (PasskeyCoded, error) {
	g, err := s.guard(opRequestPasskeyCode, caller, req.UserID)
	if err != nil {
		return PasskeyCoded{}, err
	}
	if err := checkPasskeyLink(req.Verification); err != nil {
		return PasskeyCoded{}, err
	}
	out := PasskeyCoded{ID: s.rt.NewID().String(), Life: codeLife}
	p := proving{topic: aboutPasskey(out.ID), verification: req.Verification}
	out.Receipt, err = s.change(ctx, g, human, func(ctx context.Context, state *State, d *command.Decision) (err error) {
		if state.passkeyCodes(s.rt.Now()) >= maxPasskeyCodes {
			return ErrTooManyCodes
		}
		if err := s.limitRequests(ctx, &g, sentTo(state.Email.Value, req.Verification)); err != nil {
			return err
		}
		out.Code, err = s.issue(ctx, d, streamOf(caller, req.UserID), p)
		return err
	})
	if err != nil {
		return PasskeyCoded{}, err
	}
	return out, nil
}

// aboutPasskey is the topic of one of a user's passkey codes.
func aboutPasskey(id string) topic {
	return topic{
		medium: eventv1.CodeMedium_CODE_MEDIUM_EMAIL,
		length: passkeyCodeLength,
		added:  func(c *eventv1.Code) proto.Message { return &eventv1.UserPasskeyCodeAdded{CodeId: id, Code: c} },
		blocked: func(n uint32) proto.Message {
			return &eventv1.UserPasskeyCodeBlocked{CodeId: id, Attempts: n}
		},
		newest: func(s *State) *Code {
			for _, c := range s.PasskeyCodes {
				if c.ID == id {
					return c.Code
				}
			}
			return nil
		},
	}
}

// enrolByCode begins a registration by order of whoever has a code. Everything about the code that is not right is the same
// refusal, and so is an unknown user.
func (s *Service) enrolByCode(ctx context.Context, g guard, e enrolment, proof PasskeyProof) (Registration, error) {
	guess := s.guess(g, aboutPasskey(proof.ID), proof.Code)
	var out Registration
	var err error
	out.Receipt, err = s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		if !state.Human() {
			return ErrWrongCode
		}
		code := guess.newest(state)
		if code == nil || !s.rt.Now().Before(code.ExpiresAt) {
			return ErrWrongCode
		}
		ok, err := s.match(ctx, guess, state, d)
		if !ok {
			return err
		}
		if out.ID, out.Options, err = s.offer(state, d, e); err == nil {
			s.record(d, &eventv1.UserPasskeyCodeUsed{CodeId: proof.ID})
		}
		return err
	})
	if err != nil {
		return Registration{}, err
	}
	return out, nil
}

// passkeyCodes counts the codes that are not expired.
func (s *State) passkeyCodes(now time.Time) int {
	n := 0
	for _, c := range s.PasskeyCodes {
		if now.Before(c.Code.ExpiresAt) {
			n++
		}
	}
	return n
}
