package instance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Names of what Bootstrap makes.
const (
	DefaultOrganization     = "default" // id of the first organization
	defaultOrganizationName = "Default"
	AdminID                 = "admin" // id and username of the administrator, a machine user
	adminName               = "Administrator"
)

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime       command.Runtime
	Instances     *command.Executor[State]
	UserStates    *command.Executor[user.State]
	Users         *user.Service
	Organizations *organization.Service
}

// Service sets tenants up. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	instances     *command.Executor[State]
	userStates    *command.Executor[user.State]
	users         *user.Service
	organizations *organization.Service
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{rt: d.Runtime, instances: d.Instances, userStates: d.UserStates, users: d.Users, organizations: d.Organizations}
}

// Setup says what a tenant begins with.
type Setup struct {
	Tenant           string
	OrganizationName string    // "Default" if empty
	TokenExpiresAt   time.Time // of the administrator's token; zero: never
}

// Result tells what Bootstrap did.
type Result struct {
	Created    bool   // this call made the administrator
	AdminToken string // only then
	AdminID    string
}

// Bootstrap sets a tenant up unless it is. A tenant whose administrator exists and was removed on purpose stays without.
func (s *Service) Bootstrap(ctx context.Context, setup Setup) (Result, error) {
	system := permission.System(setup.Tenant)
	out := Result{AdminID: AdminID}
	if err := s.rt.Vault.EnsureDigestKey(ctx, setup.Tenant, s.keepDigestKey); err != nil {
		return out, command.Refusal(fmt.Errorf("instance: digest key: %w", err))
	}
	state, err := s.instances.Load(ctx, setup.Tenant, setup.Tenant)
	if err != nil || state.Version > 0 {
		return out, err
	}
	name := setup.OrganizationName
	if name == "" {
		name = defaultOrganizationName
	}
	_, err = s.organizations.Add(ctx, system, DefaultOrganization, name)
	if err != nil && !errors.Is(err, organization.ErrExists) {
		return out, fmt.Errorf("instance: first organization: %w", err)
	}
	if out.AdminToken, err = s.addAdmin(ctx, system, user.NewToken{ExpiresAt: setup.TokenExpiresAt}); err != nil {
		return out, fmt.Errorf("instance: administrator: %w", err)
	}
	out.Created = out.AdminToken != ""
	return out, s.appoint(ctx, system)
}

// keepDigestKey stores a tenant's digest key, unless another process was faster, and returns the one that counts.
func (s *Service) keepDigestKey(ctx context.Context, tenant, subject string, wrapped []byte) ([]byte, error) {
	return s.rt.Store.EnsureDataKey(ctx, tenant, eventstore.DataKey{Subject: subject, Wrapped: wrapped})
}

// addAdmin adds the administrator and returns its token, "" if there is one already.
func (s *Service) addAdmin(ctx context.Context, system *permission.Caller, token user.NewToken) (string, error) {
	username := AdminID
	added, err := s.users.AddMachine(ctx, system, user.AddMachine{
		UserID: AdminID, Username: &username, Organization: DefaultOrganization, Name: adminName, Token: &token,
	})
	if errors.Is(err, user.ErrIDTaken) {
		return "", nil
	}
	return added.Token.Token, err
}

// appoint makes the administrator an owner of the instance, and the instance itself if there is none yet.
func (s *Service) appoint(ctx context.Context, system *permission.Caller) error {
	admin, err := s.userStates.Load(ctx, system.Tenant, AdminID)
	if err != nil {
		return err
	}
	call := command.CallBy[State](system, system.Tenant)
	call.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: DefaultOrganization}
		if snap.Version == 0 {
			d.Add(s.rt.NewID(), &eventv1.InstanceAdded{DefaultOrganizationId: DefaultOrganization})
		}
		if !slices.Contains(snap.State.Roles(AdminID, admin.State.Added), permission.InstanceOwner) {
			d.Add(s.rt.NewID(), &eventv1.InstanceMemberSet{UserId: AdminID, Roles: []string{permission.InstanceOwner}})
		}
		return d, nil
	}
	_, _, err = s.instances.Execute(ctx, call)
	return err
}

// IssueAdminToken makes another token for the administrator of a tenant, and puts the administrator back if it was removed,
// locked or deactivated. It is the way in when every token is lost, and asks nobody: whoever calls it holds the master key.
func (s *Service) IssueAdminToken(ctx context.Context, setup Setup) (string, error) {
	result, err := s.Bootstrap(ctx, setup)
	if err != nil || result.Created {
		return result.AdminToken, err
	}
	system := permission.System(setup.Tenant)
	token := user.NewToken{ExpiresAt: setup.TokenExpiresAt}
	issued, err := s.addAdmin(ctx, system, token)
	if err != nil {
		return "", fmt.Errorf("instance: administrator: %w", err)
	}
	if issued == "" {
		if err := s.admit(ctx, system); err != nil {
			return "", fmt.Errorf("instance: administrator: %w", err)
		}
		made, err := s.users.IssueToken(ctx, system, user.IssueToken{UserID: AdminID, NewToken: token})
		if err != nil {
			return "", fmt.Errorf("instance: token: %w", err)
		}
		issued = made.Token
	}
	return issued, s.appoint(ctx, system)
}

// admit ends a lock or deactivation of the administrator.
func (s *Service) admit(ctx context.Context, system *permission.Caller) error {
	admin, err := s.userStates.Load(ctx, system.Tenant, AdminID)
	if err != nil {
		return err
	}
	switch admin.State.Lifecycle {
	case user.Locked:
		_, err = s.users.Unlock(ctx, system, AdminID)
	case user.Inactive:
		_, err = s.users.Reactivate(ctx, system, AdminID)
	}
	return err
}
