package idpservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	"github.com/signet-iam/signet/command"
	commands "github.com/signet-iam/signet/command/provider"
	queries "github.com/signet-iam/signet/query/provider"
)

// Service implements the API to identity providers.
type Service struct {
	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service { return &Service{commands: c, queries: q} }

// written is what every command answers: where it left the provider.
func written(ctx context.Context, r command.Receipt) *objectv2.Details {
	call.From(ctx).Reflect(r.Position)
	return &objectv2.Details{Sequence: r.Version, ChangeDate: timestamppb.New(r.ChangedAt), ResourceOwner: r.Organization}
}

func message(p *queries.Provider) *idpv1.Provider {
	return &idpv1.Provider{
		Id: p.ID, OrganizationId: p.Organization, Settings: shown(p.Settings), Sequence: p.Version,
		CreationDate: timestamppb.New(p.CreatedAt), ChangeDate: timestamppb.New(p.ChangedAt),
	}
}
