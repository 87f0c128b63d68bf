package user

import (
	"context"
	"fmt"
)

// WithUsername returns the id of the user who holds a name, whatever its case, as the log has it now. It asks for no permission,
// and what it finds is not for everybody: it is for sign-ins, which answer alike whether there is somebody.
func (s *Service) WithUsername(ctx context.Context, tenant, username string) (id string, found bool, err error) {
	name, possible := trimUsername(username)
	if !possible {
		return "", false, nil
	}
	claim, err := s.usernameClaim(ctx, tenant, name)
	if err != nil {
		return "", false, err
	}
	holder, found, err := s.rt.Store.ClaimHolder(ctx, tenant, claim)
	if err != nil {
		return "", false, fmt.Errorf("user: look up a username: %w", err)
	}
	return holder.ID, found && holder.Kind == Kind, nil
}
