package organization

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

const (
	maxAdmins = 20
	// undoing is how long it may take to take a new organization back.
	undoing = 10 * time.Second
)

// Users adds people.
type Users interface {
	AddHuman(ctx context.Context, caller *permission.Caller, req user.AddHuman) (user.Added, error)
}

// Members gives users roles on organizations.
type Members interface {
	Appoint(ctx context.Context, caller *permission.Caller, organization, userID string, roles []permission.Role) (command.Receipt, error)
}

// Found adds an organization with people who run it.
type Found struct {
	ID     string // made up if empty
	Name   string
	Admins []Admin // at most 20
}

// Admin is somebody who is to hold roles on a new organization: a user who exists, or a new person of that organization.
type Admin struct {
	UserID string
	Human  *user.AddHuman    // instead of UserID; it is added to the new organization whatever it says
	Roles  []permission.Role // ORG_OWNER if there are none
}

// Founded is the answer of Found.
type Founded struct {
	ID      string
	Receipt command.Receipt
	Created []user.Added // the new people, in the order they were given
}

// Found adds the organization first, then its admins one by one: users who exist before new people. When one of them cannot be
// admitted the organization is removed again and the refusal is the answer; an id that was chosen is then used up.
func (s *Service) Found(ctx context.Context, caller *permission.Caller, req Found) (Founded, error) {
	if err := check(opAdd, caller, ""); err != nil {
		return Founded{}, err
	}
	if err := checkAdmins(req.Admins); err != nil {
		return Founded{}, err
	}
	receipt, err := s.Add(ctx, caller, req.ID, req.Name)
	if err != nil {
		return Founded{}, err
	}
	out := Founded{ID: receipt.Organization, Receipt: receipt}
	if out.Created, err = s.admit(ctx, caller, out.ID, req.Admins); err != nil {
		s.abandon(ctx, caller.Tenant, out.ID)
		return Founded{}, err
	}
	return out, nil
}

func checkAdmins(admins []Admin) error {
	if len(admins) > maxAdmins {
		return ErrTooManyAdmins
	}
	for i := range admins {
		if (admins[i].UserID == "") == (admins[i].Human == nil) || slices.ContainsFunc(admins[i].Roles, unknown) {
			return ErrInvalidAdmin
		}
	}
	return nil
}

// unknown reports whether a role cannot be held on an organization.
func unknown(role permission.Role) bool {
	return !slices.ContainsFunc(permission.Definitions(), func(d permission.Definition) bool {
		return d.Level == permission.OnOrganization && d.Role == role
	})
}

// admit gives the admins of an organization their roles and returns those that it added.
func (s *Service) admit(ctx context.Context, caller *permission.Caller, id string, admins []Admin) ([]user.Added, error) {
	for i := range admins {
		if admins[i].Human != nil {
			continue
		}
		if err := s.appoint(ctx, caller, id, &admins[i], admins[i].UserID); err != nil {
			return nil, err
		}
	}
	var created []user.Added
	for i := range admins {
		if admins[i].Human == nil {
			continue
		}
		person := *admins[i].Human
		person.Organization, person.OrganizationDomain = id, ""
		added, err := s.users.AddHuman(ctx, caller, person)
		if err != nil {
			return nil, err
		}
		if err := s.appoint(ctx, caller, id, &admins[i], added.UserID); err != nil {
			return nil, err
		}
		created = append(created, added)
	}
	return created, nil
}

func (s *Service) appoint(ctx context.Context, caller *permission.Caller, id string, admin *Admin, userID string) error {
	roles := admin.Roles
	if len(roles) == 0 {
		roles = []permission.Role{permission.OrganizationOwner}
	}
	if _, err := s.members.Appoint(ctx, caller, id, userID, roles); err != nil {
		return fmt.Errorf("organization: appoint an admin: %w", err)
	}
	return nil
}

// abandon removes an organization that was not completed. If that fails too it stays, as one that its administrators can remove.
func (s *Service) abandon(ctx context.Context, tenant, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
	defer cancel()
	_, _ = s.Remove(ctx, permission.System(tenant), id)
}
