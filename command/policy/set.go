package policy

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
)

// Set replaces a policy whole.
type Set struct {
	Organization string        // empty: the instance's
	Policy       proto.Message // a Policy
}

// Set replaces a policy. The same again is no change. Errors: what is wrong with the policy, ErrKind, ErrInstanceOnly,
// ErrOrganizationNotFound.
func (s *Service) Set(ctx context.Context, caller *permission.Caller, req Set) (command.Receipt, error) {
	g, err := newGuard(opSet, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	k, known := kindOf(req.Policy)
	switch {
	case !known:
		return command.Receipt{}, ErrKind
	case k.ofInstanceOnly() && req.Organization != "":
		return command.Receipt{}, ErrInstanceOnly
	}
	if err := s.check(req.Organization, req.Policy); err != nil {
		return command.Receipt{}, err
	}
	if err := s.admit(ctx, g, req.Organization); err != nil {
		return command.Receipt{}, err
	}
	p := proto.Clone(req.Policy)
	return s.change(ctx, g, req.Organization, func(state *State, d *command.Decision) {
		if before, ok := state.policies[k]; !ok || !proto.Equal(before.policy, p) {
			d.Add(s.rt.NewID(), p)
		}
	})
}

// Reset takes a policy of an organization's own away, so that the instance's holds. Where there is none it is no change.
// Errors: ErrKind, ErrOrganizationID, ErrOrganizationNotFound.
func (s *Service) Reset(ctx context.Context, caller *permission.Caller, organization string, what eventv1.PolicyKind) (command.Receipt, error) {
	g, err := newGuard(opReset, caller)
	if err != nil {
		return command.Receipt{}, err
	}
	k, known := resettable(what)
	switch {
	case !known:
		return command.Receipt{}, ErrKind
	case organization == "":
		return command.Receipt{}, ErrOrganizationID
	}
	if err := checkOrganization(organization); err != nil {
		return command.Receipt{}, err
	}
	if err := s.admit(ctx, g, organization); err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, organization, func(state *State, d *command.Decision) {
		if _, ok := state.policies[k]; ok {
			d.Add(s.rt.NewID(), &eventv1.PolicyReset{Kind: what})
		}
	})
}

// change runs a command of a caller who may, on policies of an organization that is there.
func (s *Service) change(ctx context.Context, g guard, organization string, decide func(*State, *command.Decision)) (command.Receipt, error) {
	c := call(g.caller, organization)
	c.Decide = func(_ context.Context, snap *command.Snapshot[State]) (command.Decision, error) {
		d := command.Decision{Owner: organization}
		decide(&snap.State, &d)
		return d, nil
	}
	receipt, _, err := s.policies.Execute(ctx, c)
	return receipt, err
}

// Languages returns those that messages can be in, whether they are allowed or not.
func (s *Service) Languages() []string { return slices.Clone(s.languages) }
