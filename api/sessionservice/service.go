package sessionservice

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	"github.com/signet-iam/signet/command"
	commands "github.com/signet-iam/signet/command/session"
	queries "github.com/signet-iam/signet/query/session"
)

// Service implements the session API.
type Service struct {
	commands *commands.Service
	queries  *queries.Queries
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, q *queries.Queries) *Service { return &Service{commands: c, queries: q} }

// written is what every command answers: where it left the session.
func written(ctx context.Context, r command.Receipt) *objectv2.Details {
	call.From(ctx).Reflect(r.Position)
	return &objectv2.Details{Sequence: r.Version, ChangeDate: instant(r.ChangedAt), ResourceOwner: r.Organization}
}

// instant leaves out what never happened.
func instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
