package authservice

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/object"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/query"
	queries "github.com/signet-iam/signet/query/user"
)

// added is what a command says that added something to the account.
func added(ctx context.Context, r command.Receipt) *authv1.ObjectDetails {
	call.From(ctx).Reflect(r.Position)
	return &authv1.ObjectDetails{Sequence: r.Version, CreationDate: object.Instant(r.ChangedAt), ResourceOwner: r.Organization}
}

// changed is what every other command says.
func changed(ctx context.Context, r command.Receipt) *authv1.ObjectDetails {
	call.From(ctx).Reflect(r.Position)
	return &authv1.ObjectDetails{Sequence: r.Version, ChangeDate: object.Instant(r.ChangedAt), ResourceOwner: r.Organization}
}

// shown is what a query says about an account.
func shown(u *queries.User) *authv1.ObjectDetails {
	return &authv1.ObjectDetails{
		Sequence: u.Version, CreationDate: timestamppb.New(u.CreatedAt), ChangeDate: timestamppb.New(u.ChangedAt), ResourceOwner: u.Organization,
	}
}

// listed is what a list says about itself.
func listed(total uint64, r query.Reflected) *authv1.ListDetails {
	return &authv1.ListDetails{TotalResult: total, ProcessedSequence: uint64(r.Position), ViewTimestamp: object.Instant(r.At)}
}
