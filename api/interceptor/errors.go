package interceptor

import (
	"cmp"
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"
	"github.com/rs/zerolog"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// errorDomain stands in the details of every refusal.
const errorDomain = "signet"

// retryAfter is the hint for refusals that pass by themselves and do not say when.
const retryAfter = time.Second

// Errors translates what commands and queries return into what callers see. The text of a refusal is public; its cause and
// every other error go to the log only.
type Errors struct {
	log zerolog.Logger
}

// NewErrors returns a translator that logs faults.
func NewErrors(log zerolog.Logger) *Errors { return &Errors{log: log} }

// WrapUnary translates the errors of requests with one answer.
func (e *Errors) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		res, err := next(ctx, req)
		if err != nil {
			return nil, e.Map(ctx, req.Spec().Procedure, err)
		}
		return res, nil
	}
}

// WrapStreamingHandler translates the errors of requests with many answers.
func (e *Errors) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		if err := next(ctx, conn); err != nil {
			return e.Map(ctx, conn.Spec().Procedure, err)
		}
		return nil
	}
}

// WrapStreamingClient does nothing: there are no clients here.
func (e *Errors) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// Map returns err as callers may see it.
func (e *Errors) Map(ctx context.Context, procedure string, err error) error {
	if ready, ok := errors.AsType[*connect.Error](err); ok {
		return ready
	}
	if refusal, ok := errors.AsType[*failure.Error](err); ok {
		if refusal.Cause != nil {
			e.log.Debug().Err(refusal.Cause).Str("procedure", procedure).Str("reason", refusal.Reason).Msg("refused")
		}
		return refuse(refusal)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, errors.New("the caller gave up"))
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, errors.New("the caller's deadline has passed"))
	case errors.Is(err, eventstore.ErrUnavailable):
		e.log.Warn().Err(err).Str("procedure", procedure).Msg("unavailable")
		return refuse(errUnavailable)
	}
	e.log.Error().Err(err).Str("procedure", procedure).Str("request_id", call.From(ctx).Origin.RequestID).Msg("fault")
	return refuse(errInternal)
}

var (
	errUnavailable = failure.New(failure.Unavailable, "DATABASE_UNAVAILABLE", "the database cannot be reached; try again")
	errInternal    = failure.New(0, "INTERNAL", "this is a fault of the server; its log has more under the request id")
)

func refuse(refusal *failure.Error) error {
	out := connect.NewError(codeOf(refusal.Kind), errors.New(refusal.Text))
	if detail, err := connect.NewErrorDetail(&errdetails.ErrorInfo{Reason: refusal.Reason, Domain: errorDomain}); err == nil {
		out.AddDetail(detail)
	}
	if refusal.Kind == failure.Unavailable || refusal.Kind == failure.ResourceExhausted {
		if detail, err := connect.NewErrorDetail(&errdetails.RetryInfo{RetryDelay: durationpb.New(cmp.Or(refusal.After, retryAfter))}); err == nil {
			out.AddDetail(detail)
		}
	}
	return out
}

func codeOf(kind failure.Kind) connect.Code {
	switch kind {
	case failure.InvalidArgument:
		return connect.CodeInvalidArgument
	case failure.NotFound:
		return connect.CodeNotFound
	case failure.AlreadyExists:
		return connect.CodeAlreadyExists
	case failure.FailedPrecondition:
		return connect.CodeFailedPrecondition
	case failure.PermissionDenied:
		return connect.CodePermissionDenied
	case failure.Unauthenticated:
		return connect.CodeUnauthenticated
	case failure.ResourceExhausted:
		return connect.CodeResourceExhausted
	case failure.Unavailable:
		return connect.CodeUnavailable
	case failure.Unimplemented:
		return connect.CodeUnimplemented
	}
	return connect.CodeInternal
}
