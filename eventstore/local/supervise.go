package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	firstPause   = 20 * time.Millisecond
	longestPause = 5 * time.Second
	// A server that ran this long is not one that cannot run.
	settledAfter     = time.Minute
	logCheckInterval = time.Minute
)

// server is one run of the postgres program.
type server struct {
	process *os.Process
	since   time.Time
	exited  chan struct{}
	err     error // how it ended; read after exited is closed
}

// launch starts the program and waits until it accepts connections.
func (p *Postgres) launch(ctx context.Context) (*server, error) {
	if err := p.cluster.retirePredecessor(ctx); err != nil {
		return nil, err
	}
	logged, err := p.log.size()
	if err != nil {
		return nil, err
	}
	cmd := p.cluster.command(p.bin.postgres(),
		"-c", "unix_socket_directories="+p.socketSetting(),
		"-c", "unix_socket_permissions=0700",
		"-c", "listen_addresses=",
		"-c", "port=5432")
	cmd.Stdout, cmd.Stderr = p.log.file, p.log.file
	cmd.SysProcAttr = p.cluster.account.processAttributes(syscall.SIGINT)
	if err := p.forker.start(cmd); err != nil {
		return nil, &StartError{Program: "postgres", Reason: err.Error(), Err: err}
	}
	srv := &server{process: cmd.Process, since: time.Now(), exited: make(chan struct{})}
	p.pid.Store(int64(cmd.Process.Pid))
	go p.reap(cmd, srv)
	if err := p.awaitReady(ctx, srv); err != nil {
		p.end(srv)
		if srv.err != nil && ctx.Err() == nil {
			return nil, &StartError{Program: "postgres", Reason: p.log.reasonSince(logged), Log: p.log.path, Err: srv.err}
		}
		return nil, err
	}
	return srv, nil
}

func (p *Postgres) reap(cmd *exec.Cmd, srv *server) {
	srv.err = cmd.Wait()
	p.pid.Store(0)
	close(srv.exited)
}

var errExited = errors.New("postgres exited")

// awaitReady waits for the line by which a server says in its pid file that it is ready. Recovery after a crash may take
// long before that.
func (p *Postgres) awaitReady(ctx context.Context, srv *server) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	slow := time.NewTimer(2 * time.Second)
	defer slow.Stop()
	for {
		pid, ready, err := p.cluster.postmaster()
		if err != nil {
			return err
		}
		if ready && pid == srv.process.Pid {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-srv.exited:
			return errExited
		case <-slow.C:
			p.logger.Info().Str("log", p.log.path).Msg("private PostgreSQL is still starting; it may be recovering")
		case <-tick.C:
		}
	}
}

// supervise keeps a server running until ctx ends, then shuts it down.
func (p *Postgres) supervise(ctx context.Context, srv *server) {
	defer close(p.done)
	defer p.release()
	checkLog := time.NewTicker(logCheckInterval)
	defer checkLog.Stop()
	pause := firstPause
	for srv != nil {
		select {
		case <-ctx.Done():
			p.stopErr = p.shutDown(srv)
			return
		case <-srv.exited:
			p.logger.Warn().AnErr("exit", srv.err).Msg("private PostgreSQL ended unexpectedly; starting it again")
			if time.Since(srv.since) > settledAfter {
				pause = firstPause
			}
			srv, pause = p.revive(ctx, pause)
		case <-checkLog.C:
			if err := p.log.bound(serverLogLimit); err != nil {
				p.logger.Warn().Err(err).Msg("the log of PostgreSQL could not be bounded")
			}
		}
	}
}

// revive starts a dead server, pausing longer after each failure. It returns nil when ctx ended or the cluster is gone.
func (p *Postgres) revive(ctx context.Context, pause time.Duration) (*server, time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return nil, pause
		case <-time.After(pause):
		}
		if _, gone := os.Stat(p.cluster.path); errors.Is(gone, fs.ErrNotExist) {
			p.stopErr = fmt.Errorf("the PostgreSQL cluster is gone: %w", gone)
			return nil, pause
		}
		pause = min(2*pause, longestPause)
		srv, err := p.launch(ctx)
		if err == nil {
			p.restarts.Add(1)
			p.logger.Info().Uint64("restarts", p.restarts.Load()).Msg("private PostgreSQL is back")
			return srv, pause
		}
		if ctx.Err() != nil {
			return nil, pause
		}
		p.logger.Error().Err(err).Dur("retry_in", pause).Msg("private PostgreSQL does not start")
	}
}

// shutDown stops a server in order, and harder when it does not go in time or the caller is in a hurry.
func (p *Postgres) shutDown(srv *server) error {
	// A process that is gone already shows in exited.
	_ = srv.process.Signal(syscall.SIGINT)
	limit := time.NewTimer(fastShutdownTime)
	defer limit.Stop()
	select {
	case <-srv.exited:
		if srv.err != nil {
			return fmt.Errorf("postgres: %w", srv.err)
		}
		return nil
	case <-p.hurry:
	case <-limit.C:
	}
	p.end(srv)
	return errors.New("postgres was stopped without a checkpoint; its next start recovers from the log")
}

// end stops a server that is of no use.
func (p *Postgres) end(srv *server) {
	_ = srv.process.Signal(syscall.SIGQUIT)
	limit := time.NewTimer(immediateShutdownTime)
	defer limit.Stop()
	select {
	case <-srv.exited:
		return
	case <-limit.C:
	}
	_ = srv.process.Signal(syscall.SIGKILL)
	<-srv.exited
}
