package orgservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	filterv2 "github.com/signet-iam/signet/api/gen/signet/filter/v2"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	orgv2 "github.com/signet-iam/signet/api/gen/signet/org/v2"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command"
	commands "github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/query"
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

func method(m objectv2.TextQueryMethod) query.TextMethod { return query.TextMethod(m) }

// page is the part of a list that a caller asks for.
func page(p *filterv2.PaginationRequest) queries.Page {
	return queries.Page{Offset: p.GetOffset(), Limit: p.GetLimit(), Ascending: p.GetAsc()}
}

// paged is what the answer says about its page.
func paged(total uint64, p queries.Page) *filterv2.PaginationResponse {
	return &filterv2.PaginationResponse{TotalResult: total, AppliedLimit: uint64(p.Applied())}
}
