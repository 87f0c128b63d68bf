package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// TestClients lets every kind of client talk to one server.
func TestClients(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	for name, test := range map[string]func(*testing.T, *server){
		"protocols": testEveryProtocol,
		"REST":      testREST,
		"grpc-go":   testGRPC,
		"tools":     testGRPCTools,
		"browsers":  testBrowsersMayCall,
		"npm":       testWebClientsInNode,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, n)
		})
	}
}

// Every protocol tells the same story, over HTTP/1.1 and cleartext HTTP/2, on the one port.
func testEveryProtocol(t *testing.T, n *server) {
	type protocol struct {
		name    string
		options []connect.ClientOption
	}
	http1 := []protocol{
		{"connect", nil},
		{"connect JSON", []connect.ClientOption{connect.WithProtoJSON()}},
		{"connect gzip", []connect.ClientOption{connect.WithSendGzip()}},
		{"gRPC-web", []connect.ClientOption{connect.WithGRPCWeb()}},
		{"gRPC-web JSON", []connect.ClientOption{connect.WithGRPCWeb(), connect.WithProtoJSON()}},
	}
	http2 := append(slices.Clone(http1), protocol{"gRPC", []connect.ClientOption{connect.WithGRPC()}},
		protocol{"gRPC gzip", []connect.ClientOption{connect.WithGRPC(), connect.WithSendGzip()}})
	for version, protocols := range map[string][]protocol{"HTTP1": http1, "HTTP2": http2} {
		for _, p := range protocols {
			t.Run(version+" "+p.name, func(t *testing.T) {
				t.Parallel()
				email := strings.ToLower(strings.ReplaceAll(version+"-"+p.name, " ", "-")) + "@example.com"
				tellStory(t, newClient(httpClient(t, n.token(), version == "HTTP2"), n.url(), p.options...), email)
			})
		}
	}
}

// tellStory adds a user, finds the code in the inbox, verifies it, and sees it in the very next reads.
func tellStory(t *testing.T, c *client, email string) {
	ctx, call := connect.NewClientContext(t.Context())
	added, err := c.users.AddHumanUser(ctx, person(email))
	if err != nil {
		t.Fatalf("add: %v", err)
	}
	if call.ResponseHeader().Get("Signet-Position") == "" || call.ResponseHeader().Get("X-Request-Id") == "" {
		t.Errorf("headers of the answer: %v", call.ResponseHeader())
	}
	id := added.GetUserId()
	message := c.mail(t, email)
	if message.GetChannel() != "email" || message.GetRecipient() != email || message.GetSubject() == "" || message.GetHtml() == "" ||
		!strings.Contains(message.GetText(), message.GetCode()) || message.GetSentAt() == nil || message.GetUserId() != id {
		t.Errorf("message: %v", message)
	}
	wrong := &userv2.VerifyEmailRequest{UserId: id, VerificationCode: "wrong"}
	_, err = c.users.VerifyEmail(t.Context(), wrong)
	wantCode(t, "a wrong code", err, connect.CodeInvalidArgument)
	if reason(err) != "USER_CODE_INVALID" {
		t.Errorf("reason of a wrong code: %q", reason(err))
	}
	if _, err := c.users.VerifyEmail(t.Context(), &userv2.VerifyEmailRequest{UserId: id, VerificationCode: message.GetCode()}); err != nil {
		t.Fatalf("verify: %v", err)
	}
	got, err := c.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: id})
	if err != nil || !got.GetUser().GetHuman().GetEmail().GetIsVerified() {
		t.Errorf("get: %v, %v", got, err)
	}
	listed, err := c.users.ListUsers(t.Context(), byEmail(email))
	if err != nil || len(listed.GetResult()) != 1 || listed.GetDetails().GetTotalResult() != 1 {
		t.Errorf("list: %v, %v", listed, err)
	}
	_, err = c.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "nobody"})
	wantCode(t, "an unknown user", err, connect.CodeNotFound)
	_, err = c.inbox.ListMessages(t.Context(), &inboxv1.ListMessagesRequest{Limit: 1001})
	wantCode(t, "a limit beyond the limit", err, connect.CodeInvalidArgument)
}

func testBrowsersMayCall(t *testing.T, n *server) {
	preflight, err := http.NewRequest(http.MethodOptions, n.url()+"/signet.user.v2.UserService/ListUsers", nil)
	if err != nil {
		t.Fatal(err)
	}
	preflight.Header.Set("Origin", "https://app.example.com")
	preflight.Header.Set("Access-Control-Request-Method", "POST")
	preflight.Header.Set("Access-Control-Request-Headers", "authorization,connect-protocol-version,content-type,signet-min-position,x-grpc-web")
	res, err := http.DefaultClient.Do(preflight)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 || res.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "authorization") ||
		!strings.Contains(res.Header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight: %s %v", res.Status, res.Header)
	}

	call, err := http.NewRequest(http.MethodPost, n.url()+"/v2/users", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	call.Header.Set("Origin", "https://app.example.com")
	call.Header.Set("Content-Type", "application/json")
	res, err = httpClient(t, n.token(), false).Do(call)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(res.Header.Get("Access-Control-Expose-Headers")), "signet-position") {
		t.Errorf("call: %s %v", res.Status, res.Header)
	}
}

// An origin that is not listed gets no permission.
func TestOnlyListedOriginsMayCall(t *testing.T) {
	t.Parallel()
	n := start(t, settings{env: []string{"SIGNET_CORS_ORIGINS=https://app.example.com"}})
	for origin, allowed := range map[string]bool{"https://app.example.com": true, "https://evil.example.com": false} {
		r, err := http.NewRequest(http.MethodOptions, n.url()+"/v2/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin") != ""; got != allowed {
			t.Errorf("%s: allowed %t, expected %t", origin, got, allowed)
		}
	}
}
