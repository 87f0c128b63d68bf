package projection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// leases takes and keeps leases in the name of one holder.
type leases struct {
	pool   *pgxpool.Pool
	holder string
	ttl    time.Duration
	now    func() time.Time // nil: the database's clock, which all processes share
}

// lease is held until it is released, lost, or not renewed in time.
type lease struct {
	leases
	name string
	term int64
}

func (l *leases) clock() any {
	if l.now == nil {
		return nil
	}
	return l.now()
}

// take tries to get a lease; nil when somebody else holds it. The session lock stays with conn, and dies with it.
func (l *leases) take(ctx context.Context, conn *pgx.Conn, name string) (*lease, error) {
	var alone bool
	if err := conn.QueryRow(ctx, sqlSessionLock, name, leaseNamespace).Scan(&alone); err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	if !alone {
		// A look that locks nothing, since standbys come by often.
		var free bool
		err := conn.QueryRow(ctx, sqlLeaseFree, name, l.clock()).Scan(&free)
		if err == nil && !free {
			return nil, nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, fmt.Errorf("lease %s: %w", name, err)
		}
	}
	var term int64
	err := conn.QueryRow(ctx, sqlTakeLease, name, l.holder, l.ttl.Microseconds(), l.clock(), alone).Scan(&term)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	return &lease{leases: *l, name: name, term: term}, nil
}

// keep renews the lease until ctx ends, and calls lost when somebody else has taken it. A database that does not answer
// is no loss: the fence decides.
func (l *lease) keep(ctx context.Context, lost func()) {
	tick := time.NewTicker(l.ttl / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		tag, err := l.pool.Exec(ctx, sqlRenewLease, l.name, l.term, l.ttl.Microseconds(), l.clock())
		if err == nil && tag.RowsAffected() == 0 {
			lost()
			return
		}
	}
}

// release gives the lease back, so that the next holder need not wait. It works after ctx has ended.
func (l *lease) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := l.pool.Exec(ctx, sqlReleaseLease, l.name, l.term, l.clock())
	return err
}

// hold runs work under the lease: its context ends when the lease is lost, and the lease is released after it.
func (l *lease) hold(ctx context.Context, work func(context.Context) error) error {
	held, stop := context.WithCancelCause(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		l.keep(held, func() { stop(errLeaseLost) })
	}()
	err := work(held)
	if context.Cause(held) == errLeaseLost {
		err = errLeaseLost
	}
	stop(nil)
	<-kept
	return errors.Join(err, l.release(ctx))
}

var errLeaseLost = errors.New("projection: lease was taken over")
