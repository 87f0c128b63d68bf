package interceptor

import (
	"context"
	"net"
	"net/http"
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

// Authentication lets requests with a valid bearer token through, with a call.Call in their context.
type Authentication struct {
	tokens   Authenticator
	newID    func() string
	errors   *connect.ErrorWriter
	mapper   *Errors
	observer *Observer
}

// NewAuthentication returns an Authentication that answers refusals in the caller's own protocol.
func NewAuthentication(tokens Authenticator, newID func() string, mapper *Errors, observer *Observer) *Authentication {
	return &Authentication{tokens: tokens, newID: newID, errors: connect.NewErrorWriter(), mapper: mapper, observer: observer}
}

// Wrap returns next, the handler of the service at path, behind the authentication.
func (a *Authentication) Wrap(path string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call.Call{Origin: origin(r)}
		if c.Origin.RequestID == "" {
			c.Origin.RequestID = a.newID()
		}
		w.Header().Set(HeaderRequestID, c.Origin.RequestID)
		caller, err := a.caller(r)
		if err != nil {
			err = a.mapper.Map(r.Context(), path, err)
			a.observer.count(path, err) // by service: the rest of the path is whatever a stranger sent
			_ = a.errors.Write(w, r, err)
			return
		}
		c.Caller = caller
		next.ServeHTTP(w, r.WithContext(call.With(r.Context(), c)))
		c.Sent()
	})
}

func (a *Authentication) caller(r *http.Request) (*permission.Caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken {
		return nil, errNoToken
	}
	return a.tokens.Authenticate(r.Context(), token)
}

// origin is where the request came from. A request id that is not plain printable ASCII is not taken over: it would end up
// in logs and headers.
func origin(r *http.Request) command.Origin {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	o := command.Origin{Address: address, Agent: r.UserAgent()}
	if id := r.Header.Get(HeaderRequestID); len(id) <= 128 && !strings.ContainsFunc(id, unprintable) {
		o.RequestID = id
	}
	return o
}

func unprintable(c rune) bool { return c <= ' ' || c > '~' }
