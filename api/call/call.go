package call

import (
	"context"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

// Call is one request. It is used by one goroutine at a time.
type Call struct {
	Caller      *permission.Caller
	Origin      command.Origin
	Consistency query.Consistency

	position eventstore.Position
	sent     func()
}

type key struct{}

// With returns a context that carries c.
func With(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// From returns the request's call; one of nobody when there is none.
func From(ctx context.Context) *Call {
	if c, ok := ctx.Value(key{}).(*Call); ok {
		return c
	}
	return &Call{}
}

// Command returns the context in which the request's commands run, and who runs them.
func Command(ctx context.Context) (context.Context, *permission.Caller) {
	c := From(ctx)
	return command.WithOrigin(ctx, c.Origin), c.Caller
}

// Reflect notes the position in the log that the answer shows.
func (c *Call) Reflect(position eventstore.Position) {
	c.position = max(c.position, position)
}

// Position returns what was reflected; 0 when the answer depends on no position.
func (c *Call) Position() eventstore.Position { return c.position }

// WhenSent has f called once the answer is written and nothing looks at it any more, so that its memory can serve again.
// A request that breaks off may never call it.
func (c *Call) WhenSent(f func()) { c.sent = f }

// Sent says that the answer is written.
func (c *Call) Sent() {
	if c.sent != nil {
		c.sent()
	}
}
