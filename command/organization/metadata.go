package organization

import (
	"context"
	"crypto/sha256"
	"strings"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

const (
	maxMetadata      = 100
	maxMetadataValue = 500_000  // bytes
	maxMetadataSet   = 10 << 20 // bytes of the values that are set together
)

// MetadataEntry is something an application keeps with an organization.
type MetadataEntry struct {
	Key   string
	Value []byte
}

// SetMetadata records one event for each value that differs, all or none of them. Keys that are not named stay.
func (s *Service) SetMetadata(
	ctx context.Context, caller *permission.Caller, id string, entries []MetadataEntry,
) (command.Receipt, error) {
	if err := check(opSetMetadata, caller, id); err != nil {
		return command.Receipt{}, err
	}
	if err := checkMetadata(entries); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, order{opSetMetadata, caller, id}, func(_ context.Context, state *State, d *command.Decision) error {
		total := len(state.Metadata)
		for _, e := range entries {
			digest, known := state.Metadata[e.Key]
			if known && digest == sha256.Sum256(e.Value) {
				continue
			}
			if !known {
				total++
			}
			s.record(d, &eventv1.OrganizationMetadataSet{Key: e.Key, Value: e.Value})
		}
		if total > maxMetadata {
			return ErrTooMuchMetadata
		}
		return nil
	})
}

// RemoveMetadata forgets all of the values or, if one is missing, none.
func (s *Service) RemoveMetadata(ctx context.Context, caller *permission.Caller, id string, keys []string) (command.Receipt, error) {
	if err := check(opRemoveMetadata, caller, id); err != nil {
		return command.Receipt{}, err
	}
	if err := checkMetadataKeys(keys); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, order{opRemoveMetadata, caller, id}, func(_ context.Context, state *State, d *command.Decision) error {
		for _, key := range keys {
			if _, known := state.Metadata[key]; !known {
				return ErrMetadataKeyNotFound
			}
			s.record(d, &eventv1.OrganizationMetadataRemoved{Key: key})
		}
		return nil
	})
}

func checkMetadata(entries []MetadataEntry) error {
	keys, size := make([]string, len(entries)), 0
	for i, e := range entries {
		keys[i] = e.Key
		size += len(e.Value)
		switch {
		case strings.TrimSpace(e.Key) == "" || !printable(e.Key):
			return ErrMetadataKey
		case len(e.Value) == 0:
			return ErrMetadataValue
		case len(e.Value) > maxMetadataValue, size > maxMetadataSet:
			return ErrMetadataTooLarge
		}
	}
	return checkMetadataKeys(keys)
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
