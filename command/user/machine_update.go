package user

import (
	"context"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// UpdateMachine changes several things of a program at once. What is nil stays.
type UpdateMachine struct {
	UserID       string
	Username     *string
	Name         *string
	Description  *string
	SignedTokens *bool           // its access tokens say themselves what they grant
	Metadata     []MetadataEntry // over what is there
}

// UpdateMachine records what differs, all or nothing of it. If nothing differs nothing is recorded.
func (s *Service) UpdateMachine(ctx context.Context, caller *permission.Caller, req UpdateMachine) (command.Receipt, error) {
	g, err := s.guard(opUpdateMachine, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.check(); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, machine, func(ctx context.Context, state *State, d *command.Decision) error {
		if req.Username != nil {
			if err := s.rename(ctx, d, renaming{tenant: caller.Tenant, from: state.Username, to: *req.Username}); err != nil {
				return err
			}
		}
		after := &eventv1.UserMachineChanged{
			Name: or(req.Name, state.Name), Description: or(req.Description, state.Description),
			SignedTokens: state.SignedTokens,
		}
		if req.SignedTokens != nil {
			after.SignedTokens = *req.SignedTokens
		}
		if after.Name != state.Name || after.Description != state.Description || after.SignedTokens != state.SignedTokens {
			s.record(d, after)
		}
		return s.setMetadata(state, d, req.Metadata)
	})
}

// check validates an update and brings it into its kept form.
func (r *UpdateMachine) check() error {
	if r.Username != nil {
		username, err := parseUsername(*r.Username)
		if err != nil {
			return err
		}
		r.Username = &username
	}
	if err := checkProgram(or(r.Name, "stays"), or(r.Description, "")); err != nil {
		return err
	}
	return checkMetadata(r.Metadata)
}
