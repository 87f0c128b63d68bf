package userservice

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/intent"
	commands "github.com/signet-iam/signet/command/user"
	queries "github.com/signet-iam/signet/query/user"
)

// Service implements the user API.
type Service struct {
	userv2connect.UnimplementedUserServiceHandler

	commands *commands.Service
	intents  *intent.Service
	queries  *queries.Queries
	pages    sync.Pool // of *memory
}

// New returns the service on top of its commands and queries.
func New(c *commands.Service, i *intent.Service, q *queries.Queries) *Service {
	return &Service{commands: c, intents: i, queries: q, pages: sync.Pool{New: func() any { return new(memory) }}}
}

// written is what every command answers: where it left the user.
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
