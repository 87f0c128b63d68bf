package signin

import (
	"context"
	"time"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

// Profile is a user, in short.
type Profile struct {
	ID, Username, Email, Phone string
	EmailVerified              bool
	AddedAt                    time.Time
}

func profile(id string, u *user.State) Profile {
	return Profile{
		ID: id, Username: u.Username, Email: u.Email.Value, Phone: u.Phone.Value, EmailVerified: u.Email.Verified, AddedAt: u.AddedAt.UTC(),
	}
}

// Me returns the user the caller is.
func (s *Service) Me(ctx context.Context, caller *permission.Caller) (Profile, error) {
	if !caller.Authenticated() {
		return Profile{}, permission.ErrUnauthenticated
	}
	known, err := s.states.Load(ctx, caller.Tenant, caller.UserID)
	if err != nil {
		return Profile{}, err
	}
	if !known.State.Exists() {
		return Profile{}, user.ErrNotFound
	}
	return profile(caller.UserID, &known.State), nil
}

// Remove removes the user the caller is, who has to be signed in by a session: a program that holds a token of its user cannot end
// that user by it.
func (s *Service) Remove(ctx context.Context, caller *permission.Caller) error {
	if err := inSession(caller); err != nil {
		return err
	}
	// The user does it, and being the user is enough here.
	self := permission.NewCaller(
		permission.Identity{Tenant: caller.Tenant, UserID: caller.UserID, Organization: caller.Organization, Session: caller.Session},
		permission.Membership{Organization: caller.Organization, Roles: []permission.Role{permission.OrganizationSelfManager}},
	)
	_, err := s.users.Delete(ctx, self, caller.UserID)
	return err
}

// inSession refuses callers who are not signed in by a session.
func inSession(caller *permission.Caller) error {
	switch {
	case !caller.Authenticated():
		return permission.ErrUnauthenticated
	case caller.Session == "":
		return session.ErrNoSession
	}
	return nil
}
