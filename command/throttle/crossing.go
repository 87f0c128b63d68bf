package throttle

import (
	"context"
	"encoding/hex"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of the streams that tell of limits being crossed. There is one for each limit and key, known by the beginning of
// the key's digest.
const Kind = "limit"

const (
	digestShown = 8 // bytes of a digest in a stream's id
	cached      = 1000
	// recordPatience bounds how long an attempt that is let through waits for the event. It does not end with the request: one
	// who hangs up would keep the event from being written.
	recordPatience = 5 * time.Second
)

// crossings is what a stream adds up to. Nothing is decided on it: the counter tells who crosses.
type crossings struct {
	Number int
}

func newExecutor(rt command.Runtime) (*command.Executor[crossings], error) {
	return command.NewExecutor(rt, command.Aggregate[crossings]{
		Kind: Kind,
		Fold: func(s crossings, msg proto.Message, _ command.Recorded) crossings {
			if _, ok := msg.(*eventv1.LimitCrossed); ok {
				s.Number++
			}
			return s
		},
		Organization: func(string, *crossings) string { return "" },
		Cached:       cached,
	})
}

// streamID returns the id of the stream of a limit and a key.
func streamID(l eventstore.Limit) string {
	return l.Name + ":" + hex.EncodeToString(l.Digest[:digestShown])
}

// record writes down that a limit is crossed. Of one period of the counter there is one attempt that crosses it, so there is one
// event at most. That it cannot be written is no reason to turn anybody away.
func (l *Limiter) record(ctx context.Context, tenant string, limit eventstore.Limit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	id := streamID(limit)
	crossed := &eventv1.LimitCrossed{
		Limit: limit.Name, Attempts: uint32(limit.Free) + 1,
		BlockedUntil: timestamppb.New(l.rt.Now().Add(min(2*limit.Delay, limit.Most)).Truncate(time.Microsecond)),
	}
	_, _, err := l.crossings.Execute(ctx, command.Call[crossings]{
		Tenant: tenant, ID: id, Actor: permission.SystemID,
		Decide: func(context.Context, *command.Snapshot[crossings]) (command.Decision, error) {
			// The key is the stream's own: it seals the client's address.
			d := command.Decision{Subject: "#" + Kind + ":" + id}
			d.Add(l.rt.NewID(), crossed)
			return d, nil
		},
	})
	if err != nil {
		l.log.Warn().Err(err).Str("limit", limit.Name).Msg("throttle: the crossing of a limit was not recorded")
	}
}
