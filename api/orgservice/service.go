package orgservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command"
	commands "github.com/signet-iam/signet/command/organization"
	queries "github.com/signet-iam/signet/query/organization"
)

// Service implements the API to organizations.
type Service struct {
	orgv2connect.UnimplementedOrganizationServiceHandler

	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service { return &Service{commands: c, queries: q} }

// written is when a command left the organization as it is.
func written(ctx context.Context, r command.Receipt) *timestamppb.Timestamp {
	return object.Written(ctx, r).GetChangeDate()
}

func message(o *queries.Organization) *orgv2.Organization {
	return &orgv2.Organization{
		Id:            o.ID,
		State:         orgv2.OrganizationState(o.State),
		Name:          o.Name,
		PrimaryDomain: o.PrimaryDomain,
		Details: &objectv2.Details{
			Sequence: o.Version, ChangeDate: timestamppb.New(o.ChangedAt), CreationDate: timestamppb.New(o.CreatedAt), ResourceOwner: o.ID,
		},
	}
}
