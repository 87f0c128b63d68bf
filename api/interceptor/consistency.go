package interceptor

import (
	"context"
	"net/http"
	"strconv"

	"connectrpc.com/connect"

	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/query"
)

// Headers of read-after-write.
const (
	// HeaderPosition of an answer is the position in the log that the answer shows, or that a write has reached.
	HeaderPosition = "Signet-Position"
	// HeaderMinPosition of a request asks for an answer that shows at least this position, and no more than that.
	HeaderMinPosition = "Signet-Min-Position"
	// HeaderConsistency of a request is "strong" (the default) or "eventual": answer at once, however old.
	HeaderConsistency = "Signet-Consistency"
)

var errConsistency = failure.New(failure.InvalidArgument, "INVALID_CONSISTENCY",
	HeaderConsistency+` is "strong" or "eventual", `+HeaderMinPosition+" a position that an answer has carried")

// Consistency reads the demand of the request and writes the position of the answer.
func Consistency(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		c := call.From(ctx)
		var err error
		if c.Consistency, err = demand(req.Header()); err != nil {
			return nil, err
		}
		res, err := next(ctx, req)
		if err == nil && c.Position() > 0 {
			res.Header().Set(HeaderPosition, strconv.FormatInt(int64(c.Position()), 10))
		}
		return res, err
	}
}

func demand(h http.Header) (query.Consistency, error) {
	var c query.Consistency
	switch h.Get(HeaderConsistency) {
	case "", "strong":
	case "eventual":
		c.Mode = query.Eventual
	default:
		return c, errConsistency
	}
	if at := h.Get(HeaderMinPosition); at != "" {
		position, err := strconv.ParseInt(at, 10, 64)
		if err != nil || position < 0 {
			return c, errConsistency
		}
		c.MinPosition = eventstore.Position(position)
	}
	return c, nil
}
