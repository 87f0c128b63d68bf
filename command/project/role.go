package project

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// AddRole adds a role to a project. Key is what applications see; it cannot change.
type AddRole struct {
	ProjectID   string
	Key         string
	DisplayName string
	Group       string // may be empty
}

// AddRole adds a role.
func (s *Service) AddRole(ctx context.Context, caller *permission.Caller, req AddRole) (command.Receipt, error) {
	g, err := newGuard(opAddRole, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	display, possible := parseName(req.DisplayName)
	if !possible || !validKey(req.Key) || !printable(req.Group) {
		return command.Receipt{}, ErrRole
	}
	return s.change(ctx, g, req.ProjectID, func(_ context.Context, state *State, d *command.Decision) error {
		switch {
		case state.HasRole(req.Key):
			return ErrRoleExists
		case state.roles.size >= maxRoles:
			return ErrRoles
		}
		d.Add(s.rt.NewID(), &eventv1.ProjectRoleAdded{Key: req.Key, DisplayName: display, Group: strings.TrimSpace(req.Group)})
		return nil
	})
}

// UpdateRole changes how a role is shown. What is nil stays.
type UpdateRole struct {
	ProjectID   string
	Key         string
	DisplayName *string
	Group       *string
}

// UpdateRole changes how a role is shown. What is there already is no change.
func (s *Service) UpdateRole(ctx context.Context, caller *permission.Caller, req UpdateRole) (command.Receipt, error) {
	g, err := newGuard(opUpdateRole, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	if err := req.check(); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, req.ProjectID, func(_ context.Context, state *State, d *command.Decision) error {
		have, exists := state.roles.get(req.Key)
		if !exists {
			return ErrRoleNotFound
		}
		msg := &eventv1.ProjectRoleChanged{
			Key: req.Key, DisplayName: changed(req.DisplayName, have.displayName), Group: changed(req.Group, have.group),
		}
		if !proto.Equal(msg, &eventv1.ProjectRoleChanged{Key: req.Key}) {
			d.Add(s.rt.NewID(), msg)
		}
		return nil
	})
}

// check brings the texts into their kept form and refuses what cannot be kept.
func (r *UpdateRole) check() error {
	if r.DisplayName != nil {
		display, possible := parseName(*r.DisplayName)
		if !possible {
			return ErrRole
		}
		r.DisplayName = &display
	}
	if r.Group != nil {
		if !printable(*r.Group) {
			return ErrRole
		}
		group := strings.TrimSpace(*r.Group)
		r.Group = &group
	}
	return nil
}

// RemoveRole ends a role. It is gone from all grants and authorizations too.
func (s *Service) RemoveRole(ctx context.Context, caller *permission.Caller, projectID, key string) (command.Receipt, error) {
	g, err := newGuard(opRemoveRole, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, projectID, func(_ context.Context, state *State, d *command.Decision) error {
		if !state.HasRole(key) {
			return ErrRoleNotFound
		}
		d.Add(s.rt.NewID(), &eventv1.ProjectRoleRemoved{Key: key})
		return nil
	})
}

func validKey(key string) bool {
	trimmed, possible := parseName(key)
	return possible && trimmed == key
}
