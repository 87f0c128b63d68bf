package idpservice

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
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

func message(p *queries.Provider) *idpv1.Provider {
	return &idpv1.Provider{
		Id: p.ID, OrganizationId: p.Organization, Settings: shown(p.Settings), Sequence: p.Version,
		CreationDate: timestamppb.New(p.CreatedAt), ChangeDate: timestamppb.New(p.ChangedAt),
	}
}
