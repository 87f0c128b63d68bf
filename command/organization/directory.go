package organization

import (
	"context"
	"fmt"

	"github.com/signet-iam/signet/command"
)

// States are the states of organizations: *command.Executor has them as of the last acknowledged change, *command.Recent those that
// this process remembers.
type States interface {
	Load(ctx context.Context, tenant, id string) (*command.Snapshot[State], error)
}

// Directory tells what organizations there are, as new as their states are. It asks for no permission: it is for commands on what
// stands on an organization. It is safe for concurrent use.
type Directory struct {
	rt            command.Runtime
	organizations States
}

// NewDirectory returns a directory of the organizations with these states.
func NewDirectory(rt command.Runtime, organizations States) *Directory {
	return &Directory{rt: rt, organizations: organizations}
}

// Lifecycle returns where an organization is in its life.
func (d *Directory) Lifecycle(ctx context.Context, tenant, id string) (Lifecycle, error) {
	if !command.ValidID(id) {
		return Absent, nil
	}
	snap, err := d.organizations.Load(ctx, tenant, id)
	if err != nil {
		return Absent, fmt.Errorf("organization: look up: %w", err)
	}
	return snap.State.Lifecycle, nil
}

// Exists reports whether there is such an organization, active or inactive.
func (d *Directory) Exists(ctx context.Context, tenant, id string) (bool, error) {
	life, err := d.Lifecycle(ctx, tenant, id)
	return life == Active || life == Inactive, err
}

// Active reports whether there is such an organization and it is active.
func (d *Directory) Active(ctx context.Context, tenant, id string) (bool, error) {
	life, err := d.Lifecycle(ctx, tenant, id)
	return life == Active, err
}

// WithDomain returns the organization that holds a domain: one that is there and has verified it. What is no domain nobody holds.
func (d *Directory) WithDomain(ctx context.Context, tenant, domain string) (id string, found bool, err error) {
	domain, err = parseDomain(domain)
	if err != nil {
		return "", false, nil //nolint:nilerr // nobody holds it
	}
	claim, err := domainClaim(ctx, d.rt.Vault, tenant, domain)
	if err != nil {
		return "", false, err
	}
	stream, found, err := d.rt.Store.ClaimHolder(ctx, tenant, claim)
	if err != nil {
		return "", false, command.Refusal(fmt.Errorf("organization: look up: %w", err))
	}
	if !found || stream.Kind != Kind {
		return "", false, nil
	}
	return stream.ID, true, nil
}
