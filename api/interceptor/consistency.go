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
type Consistency struct{}

// WrapUnary does so for requests with one answer.
func (Consistency) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
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

// WrapStreamingHandler does so for requests with many answers, which show one position.
func (Consistency) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		c := call.From(ctx)
		var err error
		if c.Consistency, err = demand(conn.RequestHeader()); err != nil {
			return err
		}
		shown := &positioned{StreamingHandlerConn: conn, call: c}
		if err := next(ctx, shown); err != nil {
			return err
		}
		shown.position() // of a stream without messages, whose headers are still here
		return nil
	}
}

// WrapStreamingClient does nothing: there are no clients here.
func (Consistency) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// positioned is a stream that says before its first message which position it shows.
type positioned struct {
	connect.StreamingHandlerConn

	call *call.Call
}

// Send sends a message.
func (p *positioned) Send(msg any) error {
	p.position()
	return p.StreamingHandlerConn.Send(msg)
}

func (p *positioned) position() {
	if at := p.call.Position(); at > 0 {
		p.ResponseHeader().Set(HeaderPosition, strconv.FormatInt(int64(at), 10))
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
