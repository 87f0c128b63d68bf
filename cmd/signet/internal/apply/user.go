package apply

import (
	"context"
	"fmt"
	"slices"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

func (s *Server) readMachines(ctx context.Context, keys []Key, into State) error {
	ids := distinct(keys, func(k Key) string { return k.ID })
	for some := range slices.Chunk(ids, page) {
		answer, err := s.users.ListUsers(ctx, &userv2.ListUsersRequest{
			Query:   &objectv2.ListQuery{Limit: page, Asc: true},
			Queries: []*userv2.SearchQuery{{Query: &userv2.SearchQuery_InUserIdsQuery{InUserIdsQuery: &userv2.InUserIDQuery{UserIds: some}}}},
		})
		if err != nil {
			return err
		}
		for _, u := range answer.GetResult() {
			key := Key{Kind: Machine, ID: u.GetUserId()}
			if u.GetMachine() == nil {
				return fmt.Errorf("%s: the user of this id is a person", key)
			}
			into[key] = machineThing(u)
		}
	}
	return nil
}

func machineThing(u *userv2.User) *Thing {
	fields := make(Fields)
	fieldsOf(u.GetMachine().ProtoReflect(), "", fields)
	fields[fieldOrganization], fields[fieldUsername] = u.GetDetails().GetResourceOwner(), u.GetUsername()
	fields[fieldState] = stateOf(u.GetState() == userv2.UserState_USER_STATE_ACTIVE)
	if u.GetState() == userv2.UserState_USER_STATE_LOCKED {
		fields[fieldState] = stateLocked
	}
	return &Thing{Fields: fields}
}

func (s *Server) makeMachine(ctx context.Context, c Change) error {
	id, to := c.Key.ID, c.to()
	switch c.Action {
	case Create:
		machine := new(userv2.CreateUserRequest_Machine)
		if err := fill(machine, to); err != nil {
			return err
		}
		if machine.GetDescription() == "" {
			machine.Description = nil // the API takes none rather than an empty one
		}
		_, err := s.users.CreateUser(ctx, &userv2.CreateUserRequest{
			UserId: &id, OrganizationId: to[fieldOrganization], Username: written(to, fieldUsername),
			UserType: &userv2.CreateUserRequest_Machine_{Machine: machine},
		})
		return err
	case Remove:
		_, err := s.users.DeleteUser(ctx, &userv2.DeleteUserRequest{UserId: id})
		return err
	}
	if err := s.switchMachine(ctx, c); err != nil {
		return err
	}
	c = c.without(fieldState)
	if len(c.Fields) == 0 {
		return nil
	}
	machine := new(userv2.UpdateUserRequest_Machine)
	if err := fill(machine, to); err != nil {
		return err
	}
	_, err := s.users.UpdateUser(ctx, &userv2.UpdateUserRequest{
		UserId: id, Username: written(to, fieldUsername), UserType: &userv2.UpdateUserRequest_Machine_{Machine: machine},
	})
	return err
}

// switchMachine brings a user into the state that a change asks for, if it does.
func (s *Server) switchMachine(ctx context.Context, c Change) error {
	id := c.Key.ID
	for _, f := range c.Fields {
		if f.Path != fieldState {
			continue
		}
		if f.From == stateLocked {
			if _, err := s.users.UnlockUser(ctx, &userv2.UnlockUserRequest{UserId: id}); err != nil || f.To == stateActive {
				return err
			}
		}
		if f.To == stateActive {
			_, err := s.users.ReactivateUser(ctx, &userv2.ReactivateUserRequest{UserId: id})
			return err
		}
		_, err := s.users.DeactivateUser(ctx, &userv2.DeactivateUserRequest{UserId: id})
		return err
	}
	return nil
}

// written returns the value of a field, nil if it is not to be set.
func written(fields Fields, path string) *string {
	if text, ok := fields[path]; ok {
		return &text
	}
	return nil
}
