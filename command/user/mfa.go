package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// SkipMFAInit notes that a user was asked to set up a second factor and put it off. The note goes with the first factor.
func (s *Service) SkipMFAInit(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opSkipMFAInit, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, human, func(_ context.Context, _ *State, d *command.Decision) error {
		s.record(d, &eventv1.UserMFAInitSkipped{})
		return nil
	})
}
