package interceptor

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore/failure"
)

// HeaderRequestID names the request: taken from the caller if it sent one, and always part of the answer.
const HeaderRequestID = "X-Request-Id"

// maxToken bounds what is taken for a bearer token, in bytes.
const maxToken = 4096

var errNoToken = failure.New(failure.Unauthenticated, "UNAUTHENTICATED", "this needs a bearer token")

// Authenticator finds the caller that a bearer token stands for.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (*permission.Caller, error)
}

// Doors are the procedures of a service that not only callers with a bearer token may use.
type Doors struct {
	Open    []string // anybody; what is said about the caller is not even looked at
	Session string   // who has a session token may send it in the header or the cookie of a session as well
}

// Where a session token is, besides the header Authorization.
const (
	HeaderSession = "Session-Id"
	CookieSession = "session-id"
)

// AuthenticationConfig is what an Authentication needs. All fields but Proxies are needed.
type AuthenticationConfig struct {
	Tokens   Authenticator
	NewID    func() string // request ids
	Errors   *Errors
	Observer *Observer
	Proxies  []netip.Prefix // whose word on where a request came from is taken
}

// Authentication lets requests with a valid bearer token through, with a call.Call in their context.
type Authentication struct {
	config AuthenticationConfig
	errors *connect.ErrorWriter
}

// NewAuthentication returns an Authentication that answers refusals in the caller's own protocol.
func NewAuthentication(c AuthenticationConfig) *Authentication {
	return &Authentication{config: c, errors: connect.NewErrorWriter()}
}

// Wrap returns next, the handler of the service at path, behind the authentication.
func (a *Authentication) Wrap(path string, next http.Handler, doors Doors) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call.Call{Origin: a.origin(r)}
		if c.Origin.RequestID == "" {
			c.Origin.RequestID = a.config.NewID()
		}
		w.Header().Set(HeaderRequestID, c.Origin.RequestID)
		if !slices.Contains(doors.Open, r.URL.Path) {
			var err error
			if c.Caller, err = a.caller(r, r.URL.Path == doors.Session); err != nil {
				err = a.config.Errors.Map(r.Context(), path, err)
				a.config.Observer.count(path, err) // by service: the rest of the path is whatever a stranger sent
				_ = a.errors.Write(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(call.With(r.Context(), c)))
		c.Sent()
	})
}

func (a *Authentication) caller(r *http.Request, session bool) (*permission.Caller, error) {
	token := ""
	if session {
		token = sessionToken(r)
	}
	if token == "" {
		token = bearer(r.Header.Get("Authorization"))
	}
	if token == "" || len(token) > maxToken {
		return nil, errNoToken
	}
	return a.config.Tokens.Authenticate(r.Context(), token)
}

// bearer returns the token of an Authorization header; empty if there is none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func sessionToken(r *http.Request) string {
	if token := r.Header.Get(HeaderSession); token != "" {
		return token
	}
	if cookie, err := r.Cookie(CookieSession); err == nil {
		return cookie.Value
	}
	return ""
}

// origin is where the request came from. A request id that is not plain printable ASCII is not taken over: it would end up
// in logs and headers.
func (a *Authentication) origin(r *http.Request) command.Origin {
	o := command.Origin{Agent: r.UserAgent()}
	o.Address, o.Trusted = a.address(r)
	if id := r.Header.Get(HeaderRequestID); len(id) <= 128 && !strings.ContainsFunc(id, unprintable) {
		o.RequestID = id
	}
	return o
}

func unprintable(c rune) bool { return c <= ' ' || c > '~' }
