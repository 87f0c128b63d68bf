package user

import (
	"context"
	"crypto/sha256"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// SetMetadata keeps values with a user. Keys that are not named stay.
type SetMetadata struct {
	UserID  string
	Entries []MetadataEntry // at least one, each key once
}

// SetMetadata records one event for each value that differs, all or none of them.
func (s *Service) SetMetadata(ctx context.Context, caller *permission.Caller, req SetMetadata) (command.Receipt, error) {
	g, err := s.guard(opSetMetadata, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if len(req.Entries) == 0 {
		return command.Receipt{}, ErrMetadataEmpty
	}
	if err := checkMetadata(req.Entries); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, metadataHolder, func(_ context.Context, state *State, d *command.Decision) error {
		return s.setMetadata(state, d, req.Entries)
	})
}

// setMetadata adds to a decision what differs from what the user has. The state knows values by their digests.
func (s *Service) setMetadata(state *State, d *command.Decision, entries []MetadataEntry) error {
	total := len(state.Metadata)
	for _, e := range entries {
		digest, known := state.Metadata[e.Key]
		if known && digest == sha256.Sum256(e.Value) {
			continue
		}
		if !known {
			total++
		}
		s.record(d, &eventv1.UserMetadataSet{Key: e.Key, Value: e.Value})
	}
	if total > maxMetadata {
		return ErrTooMuchMetadata
	}
	return nil
}

// RemoveMetadata names values to forget.
type RemoveMetadata struct {
	UserID string
	Keys   []string // at least one, each once
}

// RemoveMetadata forgets all of the values or, if one is missing, none.
func (s *Service) RemoveMetadata(ctx context.Context, caller *permission.Caller, req RemoveMetadata) (command.Receipt, error) {
	g, err := s.guard(opRemoveMetadata, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := checkMetadataKeys(req.Keys); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, anyUser, func(_ context.Context, state *State, d *command.Decision) error {
		for _, key := range req.Keys {
			if _, known := state.Metadata[key]; !known {
				return ErrMetadataKeyNotFound
			}
			s.record(d, &eventv1.UserMetadataRemoved{Key: key})
		}
		return nil
	})
}

func checkMetadataKeys(keys []string) error {
	switch {
	case len(keys) == 0:
		return ErrMetadataEmpty
	case len(keys) > maxMetadata:
		return ErrMetadataTooLarge
	}
	seen := make(map[string]struct{}, len(keys))
	for _, key := range keys {
		if _, twice := seen[key]; twice {
			return ErrMetadataKey
		}
		seen[key] = struct{}{}
	}
	return nil
}
