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
	conn *pgx.Conn // has the session lock
	name string
	term int64
}

func (l *leases) clock() any {
	if l.now == nil {
		return nil
	}
	return l.now()
}

// take tries to get a lease; nil when somebody else holds it. The session lock stays with conn, and dies with it. A holder
// whose lease ran out although its connection lives is cut off; the lease is free at the next try then.
func (l *leases) take(ctx context.Context, conn *pgx.Conn, name string) (*lease, error) {
	var alone bool
	if err := conn.QueryRow(ctx, sqlSessionLock, name, leaseNamespace).Scan(&alone); err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	if !alone {
		if _, err := conn.Exec(ctx, sqlEndHolder, name, leaseNamespace, l.clock()); err != nil {
			return nil, fmt.Errorf("lease %s: %w", name, err)
		}
		return nil, nil
	}
	var term int64
	if err := conn.QueryRow(ctx, sqlTakeLease, name, l.holder, l.ttl.Microseconds(), l.clock()).Scan(&term); err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	return &lease{leases: *l, conn: conn, name: name, term: term}, nil
}

// takeNow is take for somebody who does not stand by: it waits only for a session that ends or is being ended.
func (l *leases) takeNow(ctx context.Context, conn *pgx.Conn, name string) (*lease, error) {
	for {
		held, err := l.take(ctx, conn, name)
		if held != nil || err != nil {
			return held, err
		}
		var busy bool
		if err := conn.QueryRow(ctx, sqlLeaseHeld, name, l.clock()).Scan(&busy); err != nil {
			return nil, fmt.Errorf("lease %s: %w", name, err)
		}
		if busy {
			return nil, ErrBusy
		}
		if !pause(ctx, endingPoll) {
			return nil, ctx.Err()
		}
	}
}

// endingPoll is how often a session that is about to end is looked at.
const endingPoll = 20 * time.Millisecond

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

// release gives the lease back, so that the next holder need not wait. It works after ctx has ended. The connection must
// be idle or closed.
func (l *lease) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := l.pool.Exec(ctx, sqlReleaseLease, l.name, l.term, l.clock())
	if l.conn.IsClosed() {
		return err
	}
	// Closing the connection would do it too, but a moment after the close.
	_, unlockErr := l.conn.Exec(ctx, sqlSessionUnlock, l.name, leaseNamespace)
	return errors.Join(err, unlockErr)
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
	if errors.Is(context.Cause(held), errLeaseLost) {
		err = errLeaseLost
	}
	stop(nil)
	<-kept
	return errors.Join(err, l.release(ctx))
}

var errLeaseLost = errors.New("projection: lease was taken over")

// The names of a model's leases. They are part of the database's contract between nodes: never change them.
func leaseName(model string) string    { return "projection:" + model }
func rebuildLease(model string) string { return "rebuild:" + model }
