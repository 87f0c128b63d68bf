package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/signet-iam/signet/api/gen/signet/audit/v1/auditv1connect"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	"github.com/signet-iam/signet/api/gen/signet/inbox/v1/inboxv1connect"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/api/gen/signet/user/v2/userv2connect"
)

// client calls every service of a server with one token.
type client struct {
	users userv2connect.UserServiceClient
	audit auditv1connect.AuditServiceClient
	inbox inboxv1connect.InboxServiceClient
}

// admin is a client with the administrator's token.
func (n *server) admin(options ...connect.ClientOption) *client {
	n.t.Helper()
	return n.client(n.token(), options...)
}

func (n *server) client(token string, options ...connect.ClientOption) *client {
	n.t.Helper()
	return newClient(httpClient(n.t, token, false), n.url(), options...)
}

func newClient(http connect.HTTPClient, url string, options ...connect.ClientOption) *client {
	return &client{
		users: userv2connect.NewUserServiceClient(http, url, options...),
		audit: auditv1connect.NewAuditServiceClient(http, url, options...),
		inbox: inboxv1connect.NewInboxServiceClient(http, url, options...),
	}
}

// httpClient sends a bearer token with each request, over HTTP/1.1 or cleartext HTTP/2.
func httpClient(t testing.TB, token string, http2 bool) *http.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(!http2)
	transport.Protocols.SetUnencryptedHTTP2(http2)
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: bearer{token: token, next: transport}}
}

type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

// person is a request for a user whose address gets a code, unless it is changed.
func person(email string) *userv2.AddHumanUserRequest {
	return &userv2.AddHumanUserRequest{
		Profile: &userv2.SetHumanProfile{GivenName: "Ada", FamilyName: "Lovelace"},
		Email:   &userv2.SetHumanEmail{Email: email},
	}
}

// verified is a person whose address is vouched for, so that no code leaves.
func verified(email string) *userv2.AddHumanUserRequest {
	r := person(email)
	r.Email.Verification = &userv2.SetHumanEmail_IsVerified{IsVerified: true}
	return r
}

// byEmail asks for the users with an address.
func byEmail(email string) *userv2.ListUsersRequest {
	return &userv2.ListUsersRequest{Queries: []*userv2.SearchQuery{{
		Query: &userv2.SearchQuery_EmailQuery{EmailQuery: &userv2.EmailQuery{EmailAddress: email}},
	}}}
}

// add adds a user and returns the id.
func (c *client) add(t testing.TB, r *userv2.AddHumanUserRequest) string {
	t.Helper()
	res, err := c.users.AddHumanUser(t.Context(), r)
	if err != nil {
		t.Fatalf("add %s: %v", r.GetEmail().GetEmail(), err)
	}
	return res.GetUserId()
}

// mail waits for the first message to an address. After a crash that may take as long as the leases of the dead.
func (c *client) mail(t testing.TB, recipient string) *inboxv1.Message {
	t.Helper()
	for began := time.Now(); ; {
		res, err := c.inbox.WaitMessage(t.Context(), &inboxv1.WaitMessageRequest{
			Recipient: recipient, Timeout: durationpb.New(time.Minute),
		})
		if err == nil {
			return res.GetMessage()
		}
		if connect.CodeOf(err) != connect.CodeDeadlineExceeded || time.Since(began) > 2*patience {
			t.Fatalf("wait for the mail to %s: %v", recipient, err)
		}
	}
}

// reason is the machine-readable part of a refusal.
func reason(err error) string {
	refusal := new(connect.Error)
	if !errors.As(err, &refusal) {
		return ""
	}
	for _, detail := range refusal.Details() {
		if value, err := detail.Value(); err == nil {
			if info, ok := value.(*errdetails.ErrorInfo); ok {
				return info.GetReason()
			}
		}
	}
	return ""
}

// wantCode demands a refusal by the server itself, not by something on the way.
func wantCode(t testing.TB, what string, err error, code connect.Code) {
	t.Helper()
	if connect.CodeOf(err) != code || !connect.IsWireError(err) {
		t.Errorf("%s: %v expected, got %v", what, code, err)
	}
}

// within is a context for one call.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
