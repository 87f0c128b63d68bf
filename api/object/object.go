package object

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/signet-iam/signet/api/call"
	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/query"
)

// Written is what every command answers: where it left the object. The answer shows the position that the write reached.
func Written(ctx context.Context, r command.Receipt) *objectv2.Details {
	call.From(ctx).Reflect(r.Position)
	return &objectv2.Details{Sequence: r.Version, ChangeDate: Instant(r.ChangedAt), ResourceOwner: r.Organization}
}

// When is what commands of newer services answer: the moment of the change. The answer shows the position that the write reached.
func When(ctx context.Context, r command.Receipt) *timestamppb.Timestamp {
	call.From(ctx).Reflect(r.Position)
	return Instant(r.ChangedAt)
}

// Listed is what a list says about itself.
func Listed(total uint64, r query.Reflected) *objectv2.ListDetails {
	return &objectv2.ListDetails{TotalResult: total, ProcessedSequence: uint64(r.Position), Timestamp: Instant(r.At)}
}

// Instant leaves out what never happened.
func Instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
