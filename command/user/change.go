package user

import (
	"context"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// ChangeUsername gives a person or a program another name.
type ChangeUsername struct {
	UserID   string
	Username string // blanks around it are dropped
}

// ChangeUsername records the new name, and refuses the one that the user has: ErrNameNotChanged. Another spelling of it, in capitals
// for instance, is another name.
func (s *Service) ChangeUsername(ctx context.Context, caller *permission.Caller, req ChangeUsername) (command.Receipt, error) {
	g, err := s.guard(opChangeUsername, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	username, err := parseUsername(req.Username)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) error {
		if state.Username == username {
			return ErrNameNotChanged
		}
		return s.rename(ctx, d, renaming{tenant: caller.Tenant, from: state.Username, to: username})
	})
}

// ChangeProfile replaces what a person is called.
type ChangeProfile struct {
	UserID  string
	Profile Profile
}

// ChangeProfile records the new profile, and refuses one that says what the user's says already: ErrProfileNotChanged.
func (s *Service) ChangeProfile(ctx context.Context, caller *permission.Caller, req ChangeProfile) (command.Receipt, error) {
	g, err := s.guard(opChangeProfile, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.Profile.check(); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, knownHuman, func(_ context.Context, state *State, d *command.Decision) error {
		after := req.Profile.on(state.Profile)
		if proto.Equal(after, state.Profile) {
			return ErrProfileNotChanged
		}
		s.record(d, &eventv1.UserProfileChanged{Profile: after})
		return nil
	})
}
