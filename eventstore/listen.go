package eventstore

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const listenRetry = 200 * time.Millisecond

// listenLoop keeps one connection on the notification channels. While it is away, polls carry on.
func (s *Store) listenLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		s.opts.Logger.Warn().Err(err).Msg("listener lost its connection")
		select {
		case <-time.After(listenRetry):
		case <-ctx.Done():
		}
	}
}

func (s *Store) listen(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig.Copy())
	if err != nil {
		return Unavailable(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+channelLog+"; listen "+channelCheckpoint); err != nil {
		return Unavailable(err)
	}
	s.water.wake() // what was announced while nobody listened
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return Unavailable(err)
		}
		if n.Channel == channelLog {
			if n.Payload != s.water.node {
				s.water.wake()
			}
			continue
		}
		at, name, _ := strings.Cut(n.Payload, " ")
		if position, err := strconv.ParseInt(at, 10, 64); err == nil {
			s.checkpoints.reach(name, Position(position))
		}
	}
}
