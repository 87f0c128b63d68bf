package user

import (
	"context"
	"errors"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/throttle"
	"github.com/signet-iam/signet/eventstore/failure"
)

// limitRequests counts that a code was asked for, once however often the command decides, and refuses those who ask too often. What
// users ask for in their own name is bounded by what they can make this cost others: mail to an address they do not own, and
// guesses at that address. An administrator's mistake, or an application that is called in a loop, meets a bound as well, a
// generous one. to is who gets the code, empty if nothing is sent.
func (s *Service) limitRequests(ctx context.Context, g *guard, to string) error {
	if err, known := g.budget.asked[to]; known {
		return err
	}
	var attempts []throttle.Attempt
	byRecipient := throttle.OrderedCodeByRecipient()
	if g.caller.Is(g.userID) {
		byRecipient = throttle.CodeByRecipient()
		attempts = append(attempts, throttle.Attempt{Limit: throttle.CodeByUser(), Key: g.userID})
	}
	attempts = append(attempts, throttle.Attempt{Limit: byRecipient, Key: to})
	err := s.limiter.Take(ctx, g.caller.Tenant, attempts...)
	if refusal, ok := errors.AsType[*failure.Error](err); ok && errors.Is(err, throttle.ErrTooManyAttempts) {
		err = ErrTooManyCodes.Later(refusal.After)
	}
	if g.budget.asked == nil {
		g.budget.asked = make(map[string]error)
	}
	g.budget.asked[to] = err
	return err
}

// received forgets how many codes somebody was sent, after one came back: people who sign in with codes many times a day want them.
func (s *Service) received(ctx context.Context, tenant, recipient string) {
	s.limiter.Forgive(ctx, tenant,
		throttle.Attempt{Limit: throttle.CodeByRecipient(), Key: recipient},
		throttle.Attempt{Limit: throttle.OrderedCodeByRecipient(), Key: recipient})
}

// sentTo returns who gets a code about an address, empty if nothing is sent there.
func sentTo(address string, v Verification) string {
	switch v.(type) {
	case Return, Verified, Unverified:
		return ""
	}
	return address
}

// recipient returns the address of a user that codes about a topic are sent to.
func (t *topic) recipient(s *State) string {
	if t.medium == eventv1.CodeMedium_CODE_MEDIUM_SMS {
		return s.Phone.Value
	}
	return s.Email.Value
}
