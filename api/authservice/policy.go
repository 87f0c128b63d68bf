package authservice

import (
	"context"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command/policy"
)

// effective returns the policy of a kind that holds for the caller: its organization's own, or else the instance's.
func effective[T policy.Policy](ctx context.Context, s *Service) (policy.Effective[T], *authv1.ObjectDetails, error) {
	ctx, caller := call.Command(ctx)
	organization := ""
	if caller.Authenticated() {
		organization = caller.Organization
	}
	found, err := policy.Read[T](ctx, s.policies, caller, organization)
	if err != nil {
		return policy.Effective[T]{}, nil, err
	}
	call.From(ctx).Reflect(found.Position)
	return found, &authv1.ObjectDetails{
		Sequence: found.Version, CreationDate: object.Instant(found.CreatedAt), ChangeDate: object.Instant(found.ChangedAt),
		ResourceOwner: found.Organization,
	}, nil
}
