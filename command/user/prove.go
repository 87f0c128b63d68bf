package user

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// proving is how an address that was just recorded is to be proven.
type proving struct {
	topic        topic
	address      string
	verification Verification
	proven       proto.Message
}

func provingEmail(address string, v Verification) proving {
	return proving{aboutEmail(), address, v, &eventv1.UserEmailVerified{}}
}

func provingPhone(number string, v Verification) proving {
	return proving{aboutPhone(), number, v, &eventv1.UserPhoneVerified{}}
}

// begin records that an address is proven, or makes a code to prove it with, or does nothing.
func (s *Service) begin(ctx context.Context, d *command.Decision, user eventstore.StreamID, p proving) (string, error) {
	switch p.verification.(type) {
	case Verified:
		s.record(d, p.proven)
		return "", nil
	case Unverified:
		return "", nil
	}
	return s.issue(ctx, d, user, p)
}

// prove records that a new address is proven, or makes a code to prove it with. What users may ask for in their own name is
// bounded.
func (s *Service) prove(ctx context.Context, g guard, p proving, d *command.Decision) (string, error) {
	switch p.verification.(type) {
	case Verified, Unverified:
	default:
		if err := s.limitRequests(ctx, &g, sentTo(p.address, p.verification)); err != nil {
			return "", err
		}
	}
	return s.begin(ctx, d, streamOf(g.caller, g.userID), p)
}
