package user

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Deactivate shuts a user out until Reactivate.
func (s *Service) Deactivate(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opDeactivate, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.move(ctx, g, func(from Lifecycle) (proto.Message, error) {
		if from == Inactive {
			return nil, ErrAlreadyInactive
		}
		return &eventv1.UserDeactivated{}, nil
	})
}

// Reactivate lets a deactivated user in again.
func (s *Service) Reactivate(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opReactivate, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.move(ctx, g, func(from Lifecycle) (proto.Message, error) {
		if from != Inactive {
			return nil, ErrNotInactive
		}
		return &eventv1.UserReactivated{}, nil
	})
}

// Lock shuts an active user out until Unlock.
func (s *Service) Lock(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opLock, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.move(ctx, g, func(from Lifecycle) (proto.Message, error) {
		if from != Active {
			return nil, ErrNotActive
		}
		return &eventv1.UserLocked{}, nil
	})
}

// Unlock lets a locked user in again, with all guesses at its password and its second factors.
func (s *Service) Unlock(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opUnlock, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	receipt, err := s.move(ctx, g, func(from Lifecycle) (proto.Message, error) {
		if from != Locked {
			return nil, ErrNotLocked
		}
		return &eventv1.UserUnlocked{}, nil
	})
	if err == nil {
		s.forgive(ctx, streamOf(caller, userID),
			passwordSecret, wrongPasswords, wrongCodes, totpSecret, recoverySecret, machineSecret)
	}
	return receipt, err
}

func (s *Service) move(ctx context.Context, g guard, step func(from Lifecycle) (proto.Message, error)) (command.Receipt, error) {
	return s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		msg, err := step(state.Lifecycle)
		if err != nil {
			return err
		}
		s.record(d, msg)
		return nil
	})
}

// Delete ends a user. Name and tokens are free and dead with the same append.
func (s *Service) Delete(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opDelete, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	var picture *Avatar
	receipt, err := s.change(ctx, g, anyUser, func(ctx context.Context, state *State, d *command.Decision) error {
		picture = state.Avatar
		for _, t := range state.Tokens {
			d.Releases = append(d.Releases, claimOf(t))
		}
		for i := range state.WebAuthn {
			if err := s.releaseWebAuthn(ctx, caller.Tenant, d, &state.WebAuthn[i]); err != nil {
				return err
			}
		}
		if err := s.releaseLinks(ctx, d, caller.Tenant, state.Links); err != nil {
			return err
		}
		// The name of somebody whose data key is gone is unknown, and its claim went with the key.
		if state.Username != "" {
			claim, err := s.usernameClaim(ctx, caller.Tenant, state.Username)
			if err != nil {
				return fmt.Errorf("user: delete: %w", err)
			}
			d.Releases = append(d.Releases, claim)
		}
		s.record(d, &eventv1.UserRemoved{})
		return nil
	})
	if err == nil && picture != nil {
		s.dropAvatars(ctx, caller.Tenant, eventstore.DropBlobs{Subject: userID, Former: []uuid.UUID{picture.EventID}})
	}
	return receipt, err
}
