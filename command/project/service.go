package project

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Limits of a project.
const (
	maxID     = command.MaxID
	maxName   = 200 // characters, of names, keys and groups
	maxRoles  = 1000
	maxGrants = 10_000
)

// Organizations tells which organizations there are, active or inactive.
type Organizations interface {
	Exists(ctx context.Context, tenant, id string) (bool, error)
}

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Runtime       command.Runtime
	Projects      *command.Executor[State]
	Organizations Organizations
}

// Service runs the commands on projects. It is safe for concurrent use.
type Service struct {
	rt            command.Runtime
	projects      *command.Executor[State]
	organizations Organizations
}

// New returns a service.
func New(d Dependencies) *Service {
	return &Service{rt: d.Runtime, projects: d.Projects, organizations: d.Organizations}
}

// change runs a command on a project that exists, by order of a caller who may.
func (s *Service) change(
	ctx context.Context, g guard, id string, decide func(context.Context, *State, *command.Decision) error,
) (command.Receipt, error) {
	call := command.CallBy[State](g.caller, id)
	call.Decide = func(ctx context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{}
		if err := s.admit(ctx, g, id, &snap.State); err != nil {
			return d, err
		}
		err := decide(ctx, &snap.State, &d)
		return d, err
	}
	receipt, _, err := s.projects.Execute(ctx, call)
	return receipt, nameTaken(err)
}

// admit refuses callers who may not run a command on a project, and projects that are not there. One whose organization is gone
// went with it.
func (s *Service) admit(ctx context.Context, g guard, id string, state *State) error {
	at := permission.Scope{Organization: state.Organization}
	if state.Lifecycle != Unknown {
		at.Project = id
	}
	if err := g.check(at); err != nil {
		return err
	}
	if !state.Exists() {
		return ErrNotFound
	}
	return s.organization(ctx, g, state.Organization, ErrNotFound)
}

// organization returns refusal unless there is such an organization.
func (s *Service) organization(ctx context.Context, g guard, id string, refusal error) error {
	exists, err := s.organizations.Exists(ctx, g.caller.Tenant, id)
	if err != nil {
		return fmt.Errorf("project: look for an organization: %w", err)
	}
	if !exists {
		return refusal
	}
	return nil
}

// claimName is the kind of the claims that projects hold: on their names, each in its organization.
const claimName = "project-name"

func (s *Service) nameClaim(ctx context.Context, tenant, organization, name string) (eventstore.Claim, error) {
	digest, err := s.rt.Vault.Digest(ctx, tenant, claimName, organization+"\x00"+name)
	if err != nil {
		return eventstore.Claim{}, fmt.Errorf("project: digest of a name: %w", err)
	}
	return eventstore.Claim{Kind: claimName, Digest: digest}, nil
}

// nameTaken is what a claim that another project holds means.
func nameTaken(err error) error {
	if taken, is := errors.AsType[*eventstore.ClaimTakenError](err); is && taken.Kind == claimName {
		return ErrNameTaken.Because(err)
	}
	return err
}

// parseName returns a name without the spaces around it, and whether it can be one.
func parseName(name string) (string, bool) {
	name = strings.TrimSpace(name)
	return name, name != "" && printable(name)
}

// printable reports whether a text has at most maxName characters, none of them a control character.
func printable(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl)
}
