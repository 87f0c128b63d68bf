package api

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
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

	"github.com/signet-iam/signet/api/avatar"
	"github.com/signet-iam/signet/api/gen/signet/accounts/v1/accountsv1connect"
	"github.com/signet-iam/signet/api/gen/signet/audit/v1/auditv1connect"
	"github.com/signet-iam/signet/api/gen/signet/auth/v1/authv1connect"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	"github.com/signet-iam/signet/api/gen/signet/authorization/v2/authorizationv2connect"
	"github.com/signet-iam/signet/api/gen/signet/idp/v1/idpv1connect"
	"github.com/signet-iam/signet/api/gen/signet/inbox/v1/inboxv1connect"
	"github.com/signet-iam/signet/api/gen/signet/member/v1/memberv1connect"
	"github.com/signet-iam/signet/api/gen/signet/org/v2/orgv2connect"
	"github.com/signet-iam/signet/api/gen/signet/project/v2/projectv2connect"
	"github.com/signet-iam/signet/api/gen/signet/session/v2/sessionv2connect"
	"github.com/signet-iam/signet/api/gen/signet/settings/v2/settingsv2connect"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
	"github.com/signet-iam/signet/api/gen/signet/tokens/v1/tokensv1connect"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
	"github.com/signet-iam/signet/api/inboxservice"
	"github.com/signet-iam/signet/api/interceptor"
)

// MaxMessage bounds a request, in bytes after decompression.
const MaxMessage = 1 << 20

// Config is what the server needs. A service that is nil is not there; Inbox is nil where messages go out for real.
type Config struct {
	Users          userv2connect.UserServiceHandler
	Sessions       sessionv2connect.SessionServiceHandler
	Authentication authenticationv1connect.AuthenticationServiceHandler
	Accounts       accountsv1connect.AccountsServiceHandler
	PublicAccounts accountsv1connect.PublicAccountsServiceHandler
	TokenService   tokensv1connect.TokensServiceHandler
	TestAuth       testv1connect.TestAuthServiceHandler
	TestNoAuth     testv1connect.TestNoAuthServiceHandler
	OwnAccount     authv1connect.AuthServiceHandler
	Organizations  orgv2connect.OrganizationServiceHandler
	Projects       projectv2connect.ProjectServiceHandler
	Authorizations authorizationv2connect.AuthorizationServiceHandler
	Members        memberv1connect.MemberServiceHandler
	Settings       settingsv2connect.SettingsServiceHandler
	IDPs           idpv1connect.ProviderServiceHandler
	Audit          auditv1connect.AuditServiceHandler
	Inbox          inboxv1connect.InboxServiceHandler

	Callbacks http.Handler // of identity providers, below /idps/
	Avatars   http.Handler // below /assets/
	KeySet    http.Handler // of access tokens, at /.well-known/jwks.json

	Tokens  interceptor.Authenticator
	NewID   func() string // request ids
	Logger  zerolog.Logger
	Metrics prometheus.Registerer
	Origins []string       // allowed by CORS; "*" allows all, but no cookies
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	// Validator holds what was compiled of the rules of requests; handlers beside each other share one. Nil: one of its own.
	Validator protovalidate.Validator
}

// aliases are the names under which clients of other systems know a service of ours. Messages have the same shape on the
// wire, so a request only needs another path.
func aliases() map[string]string {
	return map[string]string{
		"zitadel.user.v2.UserService":                   userv2connect.UserServiceName,
		"zitadel.auth.v1.AuthService":                   authv1connect.AuthServiceName,
		"zitadel.session.v2.SessionService":             sessionv2connect.SessionServiceName,
		"zitadel.org.v2.OrganizationService":            orgv2connect.OrganizationServiceName,
		"zitadel.project.v2.ProjectService":             projectv2connect.ProjectServiceName,
		"zitadel.authorization.v2.AuthorizationService": authorizationv2connect.AuthorizationServiceName,
		"zitadel.settings.v2.SettingsService":           settingsv2connect.SettingsServiceName,
		"api.v1.authentication.Service":                 authenticationv1connect.AuthenticationServiceName,
		"accounts.v1.AccountsService":                   accountsv1connect.AccountsServiceName,
		"accounts.v1.PublicAccountsService":             accountsv1connect.PublicAccountsServiceName,
		"tokens.v1.TokensService":                       tokensv1connect.TokensServiceName,
		"test.v1.TestAuthService":                       testv1connect.TestAuthServiceName,
		"test.v1.TestNoAuthService":                     testv1connect.TestNoAuthServiceName,
	}
}

// NewHandler returns the handler of the whole API.
func NewHandler(c Config) (http.Handler, error) {
	chain, err := newChain(c)
	if err != nil {
		return nil, err
	}
	mounts := chain.mounts(&c)
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
	if c.Callbacks != nil {
		mux.Handle("/idps/", c.Callbacks)
	}
	if c.Avatars != nil {
		mux.Handle("/assets/", c.Avatars)
		mux.Handle(avatar.UploadPath, chain.authentication.Wrap(avatar.UploadPath, c.Avatars, interceptor.Doors{}))
	}
	if c.KeySet != nil {
		mux.Handle("GET /.well-known/jwks.json", c.KeySet)
	}
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
	if c.Validator == nil {
		var err error
		if c.Validator, err = protovalidate.New(); err != nil {
			return nil, fmt.Errorf("api: validator: %w", err)
		}
	}
	observer, err := interceptor.NewObserver(c.Logger, c.Metrics)
	if err != nil {
		return nil, err
	}
	mapper := interceptor.NewErrors(c.Logger)
	return &chain{
		authentication: interceptor.NewAuthentication(interceptor.AuthenticationConfig{
			Tokens: c.Tokens, NewID: c.NewID, Errors: mapper, Observer: observer, Proxies: c.Proxies,
		}),
		options: []connect.HandlerOption{
			connect.WithReadMaxBytes(MaxMessage),
			connect.WithCodec(protoCodec{}),
			connect.WithInterceptors(
				observer, mapper, interceptor.Consistency{}, validate.NewInterceptor(validate.WithValidator(c.Validator)),
			),
		},
	}, nil
}

// mounts are the services there are.
func (c *chain) mounts(s *Config) []mount {
	var all []mount
	add := func(path string, handler http.Handler) {
		doors := doors()[strings.Trim(path, "/")]
		all = append(all, mount{path: path, handler: c.authentication.Wrap(path, handler, doors)})
	}
	if s.Users != nil {
		add(userv2connect.NewUserServiceHandler(s.Users, c.options...))
	}
	if s.Sessions != nil {
		add(sessionv2connect.NewSessionServiceHandler(s.Sessions, c.options...))
	}
	if s.Authentication != nil {
		add(authenticationv1connect.NewAuthenticationServiceHandler(s.Authentication, c.options...))
	}
	if s.Accounts != nil {
		add(accountsv1connect.NewAccountsServiceHandler(s.Accounts, c.options...))
	}
	if s.PublicAccounts != nil {
		add(accountsv1connect.NewPublicAccountsServiceHandler(s.PublicAccounts, c.options...))
	}
	if s.TokenService != nil {
		add(tokensv1connect.NewTokensServiceHandler(s.TokenService, c.options...))
	}
	if s.TestAuth != nil {
		add(testv1connect.NewTestAuthServiceHandler(s.TestAuth, c.options...))
	}
	if s.TestNoAuth != nil {
		add(testv1connect.NewTestNoAuthServiceHandler(s.TestNoAuth, c.options...))
	}
	if s.OwnAccount != nil {
		add(authv1connect.NewAuthServiceHandler(s.OwnAccount, c.options...))
	}
	if s.Organizations != nil {
		add(orgv2connect.NewOrganizationServiceHandler(s.Organizations, c.options...))
	}
	if s.Projects != nil {
		add(projectv2connect.NewProjectServiceHandler(s.Projects, c.options...))
	}
	if s.Authorizations != nil {
		add(authorizationv2connect.NewAuthorizationServiceHandler(s.Authorizations, c.options...))
	}
	if s.Members != nil {
		add(memberv1connect.NewMemberServiceHandler(s.Members, c.options...))
	}
	if s.Settings != nil {
		add(settingsv2connect.NewSettingsServiceHandler(s.Settings, c.options...))
	}
	if s.IDPs != nil {
		add(idpv1connect.NewProviderServiceHandler(s.IDPs, c.options...))
	}
	if s.Audit != nil {
		add(auditv1connect.NewAuditServiceHandler(s.Audit, c.options...))
	}
	if s.Inbox != nil {
		add(inboxv1connect.NewInboxServiceHandler(s.Inbox, c.options...))
	}
	return all
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
			interceptor.HeaderMinPosition, interceptor.HeaderConsistency, interceptor.HeaderSession,
			"Accept-Language", "X-Signet-Orgid", "X-Zitadel-Orgid", "X-Signet-Projectid"),
		ExposedHeaders: append(connectcors.ExposedHeaders(), interceptor.HeaderPosition, interceptor.HeaderRequestID,
			"Authorization", interceptor.HeaderSession),
		AllowCredentials: len(origins) > 0 && !slices.Contains(origins, "*"), // pages of all the world may come, but with no cookie of ours
		MaxAge:           7200,
	}).Handler(next)
}
