package settingsservice

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/api/call"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	settingsv2 "github.com/signet-iam/signet/api/gen/signet/settings/v2"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/policy"
	"github.com/signet-iam/signet/query/provider"
)

// Defaults tells which organization a tenant's users belong to where nothing else is said.
type Defaults interface {
	DefaultOrganization(ctx context.Context, tenant string) (string, error)
}

// Dependencies of a Service. All fields are needed.
type Dependencies struct {
	Policies  *policy.Service
	Defaults  Defaults
	Providers *provider.Queries
}

// Service implements the API to settings.
type Service struct {
	policies  *policy.Service
	defaults  Defaults
	providers *provider.Queries
}

// New returns the service on top of its commands and queries.
func New(d Dependencies) *Service {
	return &Service{policies: d.Policies, defaults: d.Defaults, providers: d.Providers}
}

// organization returns whose settings a request is about; empty stands for the instance.
func organization(caller *permission.Caller, of *objectv2.RequestContext) string {
	switch owner := of.GetResourceOwner().(type) {
	case *objectv2.RequestContext_OrgId:
		return owner.OrgId
	case *objectv2.RequestContext_Instance:
		return ""
	}
	if caller == nil {
		return ""
	}
	return caller.Organization
}

// held is a policy that holds, and what the answer says about it.
type held[T any] struct {
	policy  T
	owner   settingsv2.ResourceOwnerType
	details *objectv2.Details
}

// read returns the policy that holds where a request asks for it.
func read[T policy.Policy](ctx context.Context, s *Service, of *objectv2.RequestContext) (held[T], error) {
	c := call.From(ctx)
	found, err := policy.Read[T](ctx, s.policies, c.Caller, organization(c.Caller, of))
	if err != nil {
		return held[T]{}, err
	}
	c.Reflect(found.Position)
	h := held[T]{policy: found.Policy, owner: settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_ORG, details: &objectv2.Details{
		Sequence: found.Version, ChangeDate: object.Instant(found.ChangedAt), CreationDate: object.Instant(found.CreatedAt),
		ResourceOwner: found.Organization,
	}}
	if found.Organization == "" {
		h.owner, h.details.ResourceOwner = settingsv2.ResourceOwnerType_RESOURCE_OWNER_TYPE_INSTANCE, c.Caller.TenantID()
	}
	return h, nil
}

// set replaces a policy where a request asks for it.
func (s *Service) set(ctx context.Context, of *objectv2.RequestContext, p proto.Message) (*objectv2.Details, error) {
	ctx, caller := call.Command(ctx)
	receipt, err := s.policies.Set(ctx, caller, policy.Set{Organization: organization(caller, of), Policy: p})
	if err != nil {
		return nil, err
	}
	return written(ctx, receipt), nil
}

// written is what a command answers. The instance is owned by itself.
func written(ctx context.Context, receipt command.Receipt) *objectv2.Details {
	details := object.Written(ctx, receipt)
	if details.GetResourceOwner() == "" {
		details.ResourceOwner = call.From(ctx).Caller.TenantID()
	}
	return details
}

// limit brings a number of a message into the width of the event; what does not fit is refused there.
func limit(n uint64) uint32 { return uint32(min(n, 1<<32-1)) }
