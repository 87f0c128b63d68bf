package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
)

const (
	natsMemoryLimit  = 16 << 20 // bytes of streams in memory; Signet's are in files
	natsStoreLimit   = 4 << 30  // bytes of streams in files
	natsPayloadLimit = 256 << 10
	natsStartTime    = 10 * time.Second
)

// NATSConfig says where the in-process NATS keeps its streams. Only StoreDir is required.
type NATSConfig struct {
	// StoreDir holds JetStream's files. It is made if missing, and locked while the server runs.
	StoreDir string
	Logger   zerolog.Logger
}

// NATS is a server with JetStream inside this process. It listens on no network and handles no signals.
type NATS struct {
	server *natsserver.Server
	lock   *dirLock
}

// StartNATS starts the server and returns once JetStream is ready. ctx bounds the start only. *InUseError says that
// another process runs a server on the directory.
func StartNATS(ctx context.Context, cfg NATSConfig) (*NATS, error) {
	if cfg.StoreDir == "" {
		return nil, errors.New("no directory given")
	}
	dir, err := filepath.Abs(cfg.StoreDir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	n, err := startNATS(ctx, dir, cfg.Logger)
	if err != nil {
		lock.release()
		return nil, err
	}
	n.lock = lock
	return n, nil
}

func startNATS(ctx context.Context, dir string, logger zerolog.Logger) (*NATS, error) {
	srv, err := natsserver.NewServer(&natsserver.Options{
		ServerName:         "signet",
		DontListen:         true,
		NoSigs:             true,
		MaxPayload:         natsPayloadLimit,
		JetStream:          true,
		StoreDir:           dir,
		JetStreamMaxMemory: natsMemoryLimit,
		JetStreamMaxStore:  natsStoreLimit,
	})
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	srv.SetLoggerV2(natsLogger{logger}, false, false, false)
	go srv.Start()
	limit := natsStartTime
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if !srv.ReadyForConnections(limit) || !srv.JetStreamEnabled() {
		srv.Shutdown()
		return nil, errors.Join(fmt.Errorf("NATS on %s did not become ready; its log says why", dir), ctx.Err())
	}
	return &NATS{server: srv}, nil
}

// InProcessConn opens a connection that never leaves the process. It makes a NATS a nats.InProcessConnProvider.
func (n *NATS) InProcessConn() (net.Conn, error) { return n.server.InProcessConn() }

// Conn connects a client. It never gives up reconnecting unless an option says so.
func (n *NATS) Conn(opts ...nats.Option) (*nats.Conn, error) {
	defaults := []nats.Option{
		nats.Name("signet"),
		nats.InProcessServer(n),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond),
	}
	return nats.Connect("", append(defaults, opts...)...)
}

// Shutdown stops the server and returns once its files are closed.
func (n *NATS) Shutdown() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
	n.lock.release()
}

// natsLogger hands the server's words on. What it calls fatal ends a stand-alone server, not this process.
type natsLogger struct{ log zerolog.Logger }

func (l natsLogger) Noticef(format string, v ...any) { l.log.Debug().Msgf("NATS: "+format, v...) }
func (l natsLogger) Warnf(format string, v ...any)   { l.log.Warn().Msgf("NATS: "+format, v...) }
func (l natsLogger) Errorf(format string, v ...any)  { l.log.Error().Msgf("NATS: "+format, v...) }
func (l natsLogger) Fatalf(format string, v ...any)  { l.log.Error().Msgf("NATS: "+format, v...) }
func (l natsLogger) Debugf(format string, v ...any)  { l.log.Trace().Msgf("NATS: "+format, v...) }
func (l natsLogger) Tracef(format string, v ...any)  { l.log.Trace().Msgf("NATS: "+format, v...) }
