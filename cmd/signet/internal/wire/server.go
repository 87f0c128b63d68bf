package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api"
	"github.com/signet-iam/signet/api/auditservice"
	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/idpcallback"
	"github.com/signet-iam/signet/api/idpservice"
	"github.com/signet-iam/signet/api/inboxservice"
	"github.com/signet-iam/signet/api/userservice"
	"github.com/signet-iam/signet/cmd/signet/internal/config"
	"github.com/signet-iam/signet/query/audit"
	"github.com/signet-iam/signet/query/inbox"
	"github.com/signet-iam/signet/query/provider"
)

const readyPatience = 2 * time.Second

// server is the port: HTTP/1.1 and cleartext HTTP/2.
type server struct {
	listener net.Listener
	http     *http.Server
	failed   chan error
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another process: stop it, or choose another address with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	return l, nil
}

func (s *server) serve(handler http.Handler, log zerolog.Logger) {
	s.failed = make(chan error, 1)
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		Protocols:         new(http.Protocols),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 250},
	}
	s.http.Protocols.SetHTTP1(true)
	s.http.Protocols.SetUnencryptedHTTP2(true)
	go func() {
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error().Err(err).Msg("stopped serving")
			s.failed <- err
		}
	}()
}

func (s *server) close() {
	if s.http == nil {
		_ = s.listener.Close()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), shutdownPatience)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
}

// port is what the node's roles put on the port.
func (n *Node) port(t *tenants) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
		defer cancel()
		answer(w, n.ready(ctx))
	})
	// What the database would have to say is missing while it is away; everything else is still there.
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	if n.cfg.Has(config.RoleAPI) {
		mux.Handle("/", t)
	}
	return mux
}

// handler is the API of one tenant.
func (n *Node) handler(t *tenancy) (http.Handler, error) {
	proxies, err := t.cfg.SignIn.Proxies()
	if err != nil {
		return nil, err
	}
	services := api.Config{
		Users:     userservice.New(t.users, t.intents, t.people, avatar.NewAddresses(t.cfg.External())),
		IDPs:      idpservice.New(t.providers, provider.New(n.Pool, n.Store)),
		Audit:     auditservice.New(audit.New(n.Pool, n.Store, n.Codec)),
		Tokens:    t.access,
		NewID:     uuid.NewString,
		Logger:    n.log,
		Metrics:   n.metrics,
		Origins:   t.cfg.CORSOrigins,
		Proxies:   proxies,
		Validator: n.validator,
		Callbacks: idpcallback.New(idpcallback.Config{
			Intents: t.intents, Providers: t.providers, Tenant: t.name, NewID: uuid.NewString, Logger: n.log,
		}),
	}
	n.mountSignIn(&services, t)
	n.mountOrganizations(&services, t)
	if t.cfg.Inbox() {
		services.Inbox = inboxservice.New(inbox.New(n.Pool, n.Store, n.Vault))
	}
	return api.NewHandler(services)
}

// answer tells an orchestrator how things are.
func answer(w http.ResponseWriter, err error) {
	state := map[string]string{"status": "ok"}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		state = map[string]string{"status": "unavailable", "reason": err.Error()}
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(state)
}
