package authorizationservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command"
	commands "github.com/signet-iam/signet/command/authorization"
	queries "github.com/signet-iam/signet/query/authorization"
)

// Service implements the authorization API.
type Service struct {
	commands *commands.Service
	queries  *queries.Queries
	avatars  avatar.Addresses
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries, a avatar.Addresses) *Service {
	return &Service{commands: c, queries: q, avatars: a}
}

// written is when a command was recorded. The answer shows the position that it reached.
func written(ctx context.Context, r command.Receipt) *timestamppb.Timestamp {
	call.From(ctx).Reflect(r.Position)
	return object.Instant(r.ChangedAt)
}
