package api

import (
	"fmt"
	"net/http"
	"strings"

	"buf.build/go/protovalidate"
	"connectrpc.com/connect"
	connectcors "connectrpc.com/cors"
	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	"connectrpc.com/validate"
	"connectrpc.com/vanguard"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/cors"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api/gen/signet/audit/v1/auditv1connect"
	"github.com/signet-iam/signet/api/gen/signet/idp/v1/idpv1connect"
	"github.com/signet-iam/signet/api/gen/signet/inbox/v1/inboxv1connect"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
	"github.com/signet-iam/signet/api/inboxservice"
	"github.com/signet-iam/signet/api/interceptor"
)

// MaxMessage bounds a request, in bytes after decompression.
const MaxMessage = 1 << 20

// Config is what the server needs. Inbox is nil where messages go out for real.
type Config struct {
	Users userv2connect.UserServiceHandler
	IDPs  idpv1connect.ProviderServiceHandler
	Audit auditv1connect.AuditServiceHandler
	Inbox inboxv1connect.InboxServiceHandler

	Callbacks http.Handler // of identity providers, below /idps/

	Tokens  interceptor.Authenticator
	NewID   func() string // request ids
	Logger  zerolog.Logger
	Metrics prometheus.Registerer
	Origins []string // allowed by CORS; "*" allows all
}

// aliases are the names under which clients of other systems know a service of ours. Messages have the same shape on the
// wire, so a request only needs another path.
func aliases() map[string]string {
	return map[string]string{
		"zitadel.user.v2.UserService": userv2connect.UserServiceName,
	}
}

// NewHandler returns the handler of the whole API.
func NewHandler(c Config) (http.Handler, error) {
	chain, err := newChain(c)
	if err != nil {
		return nil, err
	}
	mounts := []mount{chain.mount(userv2connect.NewUserServiceHandler(c.Users, chain.options...))}
	mounts = append(mounts, chain.mount(idpv1connect.NewProviderServiceHandler(c.IDPs, chain.options...)))
	mounts = append(mounts, chain.mount(auditv1connect.NewAuditServiceHandler(c.Audit, chain.options...)))
	if c.Inbox != nil {
		mounts = append(mounts, chain.mount(inboxv1connect.NewInboxServiceHandler(c.Inbox, chain.options...)))
	}
	rest, err := newREST(mounts)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", rest)
	names := make([]string, 0, len(mounts))
	for _, m := range mounts {
		mux.Handle(m.path, m.handler)
		names = append(names, strings.Trim(m.path, "/"))
		for alias, name := range aliases() {
			if m.path == "/"+name+"/" {
				mux.Handle("/"+alias+"/", renamed(alias, name, m.handler))
			}
		}
	}
	mountInfrastructure(mux, names)
	mux.Handle("/idps/", c.Callbacks)
	if c.Inbox != nil {
		mux.Handle("GET /inbox", inboxservice.Page())
	}
	return withCORS(c.Origins, mux), nil
}

// mount is a service at the path of its name.
type mount struct {
	path    string
	handler http.Handler
}

// chain is what stands in front of every handler.
type chain struct {
	authentication *interceptor.Authentication
	options        []connect.HandlerOption
}

func newChain(c Config) (*chain, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("api: validator: %w", err)
	}
	observer, err := interceptor.NewObserver(c.Logger, c.Metrics)
	if err != nil {
		return nil, err
	}
	mapper := interceptor.NewErrors(c.Logger)
	return &chain{
		authentication: interceptor.NewAuthentication(c.Tokens, c.NewID, mapper, observer),
		options: []connect.HandlerOption{
			connect.WithReadMaxBytes(MaxMessage),
			connect.WithInterceptors(
				connect.UnaryInterceptorFunc(observer.Unary),
				connect.UnaryInterceptorFunc(mapper.Unary),
				connect.UnaryInterceptorFunc(interceptor.Consistency),
				validate.NewInterceptor(validate.WithValidator(validator)),
			),
		},
	}, nil
}

func (c *chain) mount(path string, handler http.Handler) mount {
	return mount{path: path, handler: c.authentication.Wrap(path, handler)}
}

// newREST serves the routes of the services' definitions.
func newREST(mounts []mount) (http.Handler, error) {
	services := make([]*vanguard.Service, len(mounts))
	for i, m := range mounts {
		services[i] = vanguard.NewService(m.path, m.handler)
	}
	rest, err := vanguard.NewTranscoder(services,
		vanguard.WithDefaultServiceOptions(
			vanguard.WithMaxMessageBufferBytes(MaxMessage),
			vanguard.WithTargetProtocols(vanguard.ProtocolConnect),
			vanguard.WithTargetCodecs(vanguard.CodecProto),
			vanguard.WithNoTargetCompression(),
			vanguard.WithRESTUnmarshalOptions(vanguard.RESTUnmarshalOptions{DiscardUnknownQueryParams: true}),
		),
		vanguard.WithCodec(newJSONCodec),
		vanguard.WithUnknownHandler(http.NotFoundHandler()),
	)
	if err != nil {
		return nil, fmt.Errorf("api: REST routes: %w", err)
	}
	return jsonErrors(rest), nil
}

// mountInfrastructure adds what every gRPC client expects of a server, open to everybody.
func mountInfrastructure(mux *http.ServeMux, services []string) {
	mux.Handle(grpchealth.NewHandler(grpchealth.NewStaticChecker(services...)))
	reflector := grpcreflect.NewStaticReflector(services...)
	mux.Handle(grpcreflect.NewHandlerV1(reflector))
	mux.Handle(grpcreflect.NewHandlerV1Alpha(reflector))
}

// renamed serves requests to the alias of a service.
func renamed(alias, name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		same := new(http.Request)
		*same = *r
		url := *r.URL
		url.Path = "/" + name + strings.TrimPrefix(r.URL.Path, "/"+alias)
		url.RawPath = ""
		same.URL = &url
		next.ServeHTTP(w, same)
	})
}

func withCORS(origins []string, next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: append(connectcors.AllowedMethods(), http.MethodPut, http.MethodDelete, http.MethodPatch),
		AllowedHeaders: append(connectcors.AllowedHeaders(), "Authorization", interceptor.HeaderRequestID,
			interceptor.HeaderMinPosition, interceptor.HeaderConsistency),
		ExposedHeaders: append(connectcors.ExposedHeaders(), interceptor.HeaderPosition, interceptor.HeaderRequestID),
		MaxAge:         7200,
	}).Handler(next)
}
