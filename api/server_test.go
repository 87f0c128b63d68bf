package api_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/signet-iam/signet/api"
	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/api/gen/signet/accounts/v1/accountsv1connect"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	"github.com/signet-iam/signet/api/gen/signet/session/v2/sessionv2connect"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	"github.com/signet-iam/signet/api/gen/signet/tokens/v1/tokensv1connect"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
	"github.com/signet-iam/signet/api/testservice"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/failure"
)

// tokens takes the one good token there is.
type tokens struct{}

func (tokens) Authenticate(_ context.Context, token string) (*permission.Caller, error) {
	if token != "good" {
		return nil, failure.New(failure.Unauthenticated, "TOKEN_INVALID", "the token is invalid")
	}
	return permission.NewCaller(permission.Identity{Tenant: "default", UserID: "ada"}), nil
}

// accounts answers with who called and from where.
type accounts struct {
	accountsv1connect.UnimplementedAccountsServiceHandler
}

func (accounts) RefreshSession(ctx context.Context, _ *emptypb.Empty) (*emptypb.Empty, error) {
	info, _ := connect.CallInfoForHandlerContext(ctx)
	info.ResponseHeader().Set("Caller", call.From(ctx).Caller.SubjectID())
	info.ResponseHeader().Set("Address", call.From(ctx).Origin.Address)
	return &emptypb.Empty{}, nil
}

// stream answers ListTokens as it is told to.
type stream struct {
	tokensv1connect.UnimplementedTokensServiceHandler

	answer func(context.Context, *connect.ServerStream[tokensv1.ListTokensResponse]) error
}

func (s *stream) ListTokens(ctx context.Context, _ *emptypb.Empty, to *connect.ServerStream[tokensv1.ListTokensResponse]) error {
	return s.answer(ctx, to)
}

func config() api.Config {
	return api.Config{
		Users:          userv2connect.UnimplementedUserServiceHandler{},
		Sessions:       sessionv2connect.UnimplementedSessionServiceHandler{},
		Authentication: authenticationv1connect.UnimplementedAuthenticationServiceHandler{},
		Accounts:       accountsv1connect.UnimplementedAccountsServiceHandler{},
		PublicAccounts: accountsv1connect.UnimplementedPublicAccountsServiceHandler{},
		TokenService:   tokensv1connect.UnimplementedTokensServiceHandler{},
		TestAuth:       testv1connect.UnimplementedTestAuthServiceHandler{},
		TestNoAuth:     testv1connect.UnimplementedTestNoAuthServiceHandler{},
		Tokens:         tokens{},
		NewID:          func() string { return "id" },
		Logger:         zerolog.Nop(),
		Metrics:        prometheus.NewRegistry(),
		Origins:        []string{"*"},
	}
}

func serve(t testing.TB, c api.Config) *httptest.Server {
	t.Helper()
	handler, err := api.NewHandler(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// post calls a procedure with an empty message.
func post(t testing.TB, url string, header http.Header) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// openToStrangers says by hand which RPCs are.
func openToStrangers() []string {
	return []string{
		"AuthenticationService/Login", "AuthenticationService/Register", "AuthenticationService/SendPasswordReset",
		"AuthenticationService/ResetPassword", "AuthenticationService/RefreshToken", "AuthenticationService/GetAuthConfig",
		"AuthenticationService/VerifyEmail", "AuthenticationService/VerifyPhoneNumber", "AuthenticationService/SendVerificationEmail",
		"PublicAccountsService/SignIn", "PublicAccountsService/SignUp", "TestNoAuthService/Ping", "AuthService/Healthz",
	}
}

// Strangers get into the procedures that stand here, whatever they say they are, and into no others; under all names.
func TestDoors(t *testing.T) {
	t.Parallel()
	open := openToStrangers()
	aliases := map[protoreflect.FullName]string{
		"signet.session.v2.SessionService":               "zitadel.session.v2.SessionService",
		"signet.authentication.v1.AuthenticationService": "api.v1.authentication.Service",
		"signet.accounts.v1.AccountsService":             "accounts.v1.AccountsService",
		"signet.accounts.v1.PublicAccountsService":       "accounts.v1.PublicAccountsService",
		"signet.tokens.v1.TokensService":                 "tokens.v1.TokensService",
		"signet.test.v1.TestAuthService":                 "test.v1.TestAuthService",
		"signet.test.v1.TestNoAuthService":               "test.v1.TestNoAuthService",
	}
	server := serve(t, config())
	for _, service := range services() {
		if aliases[service.FullName()] == "" {
			continue // tried from outside, with everything behind them
		}
		for i := range service.Methods().Len() {
			name := string(service.Methods().Get(i).Name())
			if service.Methods().Get(i).IsStreamingServer() {
				continue // TestAStreamIsGuarded
			}
			for _, path := range []string{string(service.FullName()), aliases[service.FullName()]} {
				tryDoor(t, server.URL+"/"+path+"/"+name, slices.Contains(open, string(service.Name())+"/"+name))
			}
		}
	}
	for _, path := range []string{"/signet.test.v1.TestNoAuthService/Pong", "/signet.authentication.v1.AuthenticationService/", "/api.v1.authentication.Service/login"} {
		if res := post(t, server.URL+path, nil); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}

// tryDoor knocks at one procedure with all sorts of tokens.
func tryDoor(t *testing.T, url string, open bool) {
	t.Helper()
	for what, header := range map[string]http.Header{
		"no token": nil, "a bad token": {"Authorization": {"Bearer bad"}}, "no bearer": {"Authorization": {"Basic good"}},
		"a good token elsewhere": {"Session-Id": {"good"}, "Cookie": {"session-id=good"}},
	} {
		if what == "a good token elsewhere" && strings.HasSuffix(url, "/RefreshSession") {
			continue // TestWhereASessionMayBe
		}
		if refused := post(t, url, header).StatusCode == http.StatusUnauthorized; refused == open {
			t.Errorf("%s with %s: refused is %v", url, what, refused)
		}
	}
	if post(t, url, http.Header{"Authorization": {"Bearer good"}}).StatusCode == http.StatusUnauthorized {
		t.Errorf("%s refuses a good token", url)
	}
}

func TestWhereASessionMayBe(t *testing.T) {
	t.Parallel()
	c := config()
	c.Accounts = accounts{}
	server := serve(t, c)
	for name, test := range map[string]struct {
		header http.Header
		want   int
	}{
		"bearer":                       {http.Header{"Authorization": {"Bearer good"}}, http.StatusOK},
		"header":                       {http.Header{"Session-Id": {"good"}}, http.StatusOK},
		"cookie":                       {http.Header{"Cookie": {"a=b; session-id=good"}}, http.StatusOK},
		"header before cookie":         {http.Header{"Session-Id": {"bad"}, "Cookie": {"session-id=good"}}, http.StatusUnauthorized},
		"header before bearer":         {http.Header{"Authorization": {"Bearer good"}, "Session-Id": {"bad"}}, http.StatusUnauthorized},
		"cookie before bearer":         {http.Header{"Authorization": {"Bearer bad"}, "Cookie": {"session-id=good"}}, http.StatusOK},
		"nothing":                      {nil, http.StatusUnauthorized},
		"too long":                     {http.Header{"Session-Id": {strings.Repeat("x", 5000)}}, http.StatusUnauthorized},
		"cookie before another scheme": {http.Header{"Authorization": {"Basic x"}, "Cookie": {"session-id=good"}}, http.StatusOK},
	} {
		res := post(t, server.URL+"/accounts.v1.AccountsService/RefreshSession", test.header)
		if res.StatusCode != test.want || (test.want == http.StatusOK) != (res.Header.Get("Caller") == "ada") {
			t.Errorf("%s: %s, caller %q", name, res.Status, res.Header.Get("Caller"))
		}
	}
}

// The address of a client is what the proxies say that are believed, and nothing else.
func TestAddressOfTheClient(t *testing.T) {
	t.Parallel()
	c := config()
	c.Accounts = accounts{}
	plain := serve(t, c)
	c.Metrics = prometheus.NewRegistry()
	c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	proxied := serve(t, c)
	for name, test := range map[string]struct {
		server *httptest.Server
		said   []string
		want   string
	}{
		"without proxies nobody is believed": {plain, []string{"192.0.2.1"}, "127.0.0.1"},
		"nothing said":                       {proxied, nil, "127.0.0.1"},
		"one proxy":                          {proxied, []string{"192.0.2.1"}, "192.0.2.1"},
		"two proxies":                        {proxied, []string{"192.0.2.1, 10.1.2.3"}, "192.0.2.1"},
		"two lines":                          {proxied, []string{"192.0.2.1", "10.1.2.3"}, "192.0.2.1"},
		"invented by the client":             {proxied, []string{"203.0.113.9, 192.0.2.1,10.1.2.3"}, "192.0.2.1"},
		"invented in a line before":          {proxied, []string{"10.9.9.9", "192.0.2.1"}, "192.0.2.1"},
		"with a port":                        {proxied, []string{"192.0.2.1:4711"}, "192.0.2.1"},
		"of IPv6":                            {proxied, []string{"2001:db8::1, fd00::1"}, "2001:db8::1"},
		"of IPv6 with a port":                {proxied, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		"mapped":                             {proxied, []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		"nonsense":                           {proxied, []string{"192.0.2.1, unknown"}, "127.0.0.1"},
		"nonsense behind a proxy":            {proxied, []string{"x, 10.1.2.3"}, "10.1.2.3"},
		"only proxies":                       {proxied, []string{"10.0.0.1"}, "10.0.0.1"},
	} {
		header := http.Header{"Authorization": {"Bearer good"}, "X-Forwarded-For": test.said}
		if got := post(t, test.server.URL+"/signet.accounts.v1.AccountsService/RefreshSession", header).Header.Get("Address"); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// What stands in front of handlers stands in front of streams too.
func TestAStreamIsGuarded(t *testing.T) {
	t.Parallel()
	type answers = connect.ServerStream[tokensv1.ListTokensResponse]
	refusal := failure.New(failure.NotFound, "NOTHING_HERE", "there is nothing here")
	for name, test := range map[string]struct {
		token, consistency string
		answer             func(context.Context, *answers) error
		want               connect.Code // 0: none
		sent               int
		position           string
	}{
		"messages": {"good", "", func(ctx context.Context, s *answers) error {
			call.From(ctx).Reflect(7)
			return errors.Join(s.Send(&tokensv1.ListTokensResponse{}), s.Send(&tokensv1.ListTokensResponse{}))
		}, 0, 2, "7"},
		"none": {"good", "eventual", func(ctx context.Context, _ *answers) error {
			call.From(ctx).Reflect(8)
			return nil
		}, 0, 0, "8"},
		"a refusal": {"good", "", func(context.Context, *answers) error { return refusal }, connect.CodeNotFound, 0, ""},
		"a refusal in the middle": {"good", "", func(_ context.Context, s *answers) error {
			return errors.Join(s.Send(&tokensv1.ListTokensResponse{}), refusal)
		}, connect.CodeNotFound, 1, ""},
		"a fault":                  {"good", "", func(context.Context, *answers) error { return errors.New("select secret") }, connect.CodeInternal, 0, ""},
		"a panic":                  {"good", "", func(context.Context, *answers) error { panic("secret") }, connect.CodeInternal, 0, ""},
		"a demand nobody can meet": {"good", "perhaps", nil, connect.CodeInvalidArgument, 0, ""},
		"a bad token":              {"bad", "", nil, connect.CodeUnauthenticated, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config()
			metrics := prometheus.NewRegistry()
			c.Metrics, c.TokenService = metrics, &stream{answer: test.answer}
			server := serve(t, c)
			ctx, info := connect.NewClientContext(t.Context())
			info.RequestHeader().Set("Authorization", "Bearer "+test.token)
			if test.consistency != "" {
				info.RequestHeader().Set("Signet-Consistency", test.consistency)
			}
			got, err := tokensv1connect.NewTokensServiceClient(server.Client(), server.URL).ListTokens(ctx, &emptypb.Empty{})
			sent := 0
			if err == nil {
				for got.Receive() {
					sent++
				}
				err = got.Err()
				if at := got.ResponseHeader().Get("Signet-Position"); at != test.position {
					t.Errorf("position %q, want %q", at, test.position)
				}
			}
			code := "ok"
			if test.want != 0 {
				code = test.want.String()
			}
			if (err == nil) != (test.want == 0) || err != nil && (connect.CodeOf(err) != test.want || strings.Contains(err.Error(), "secret")) || sent != test.sent {
				t.Errorf("%d messages, %v", sent, err)
			}
			procedure := tokensv1connect.TokensServiceListTokensProcedure
			if test.want == connect.CodeUnauthenticated {
				procedure = "/signet.tokens.v1.TokensService/"
			}
			counted, err := metrics.Gather()
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, family := range counted {
				for _, m := range family.GetMetric() {
					if family.GetName() == "signet_requests_total" && m.GetLabel()[0].GetValue() == code && m.GetLabel()[1].GetValue() == procedure {
						found = m.GetCounter().GetValue() == 1
					}
				}
			}
			if !found {
				t.Errorf("a request to %s with code %s is not counted", procedure, code)
			}
		})
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		origins     []string
		credentials string
	}{"everybody": {[]string{"*"}, ""}, "a page that is known": {[]string{"https://app.example.com"}, "true"}} {
		c := config()
		c.Origins, c.TestNoAuth = test.origins, testservice.NoAuth{}
		server := serve(t, c)
		res := post(t, server.URL+"/test.v1.TestNoAuthService/Ping", http.Header{"Origin": {"https://app.example.com"}})
		exposed := strings.ToLower(res.Header.Get("Access-Control-Expose-Headers"))
		if !strings.Contains(exposed, "authorization") || !strings.Contains(exposed, "session-id") || res.StatusCode != http.StatusOK ||
			res.Header.Get("Access-Control-Allow-Credentials") != test.credentials {
			t.Errorf("%s: %s, %v", name, res.Status, res.Header)
		}
	}
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	c := config()
	c.KeySet = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	server := serve(t, c)
	res, err := server.Client().Get(server.URL + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
}

func BenchmarkPong(b *testing.B) {
	c := config()
	c.TestAuth = testservice.Auth{}
	handler, err := api.NewHandler(c)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, testv1connect.TestAuthServicePongProcedure, bytes.NewReader(nil))
		r.Header.Set("Authorization", "Bearer good")
		r.Header.Set("Content-Type", "application/proto")
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
