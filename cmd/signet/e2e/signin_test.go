package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"google.golang.org/protobuf/types/known/durationpb"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
	tokensv1 "github.com/signet-iam/signet/api/gen/signet/tokens/v1"
	"github.com/signet-iam/signet/api/gen/signet/tokens/v1/tokensv1connect"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/eventstore/storetest"
)

const (
	firstPassword  = "Correct-horse-1"
	secondPassword = "Correct-horse-2"
)

// visitor is somebody in front of a server, with or without a token.
type visitor struct {
	authentication authenticationv1connect.AuthenticationServiceClient
	pong           testv1connect.TestAuthServiceClient
	ping           testv1connect.TestNoAuthServiceClient
	tokens         tokensv1connect.TokensServiceClient
}

func (n *server) visitor(token string) *visitor {
	n.t.Helper()
	c := httpClient(n.t, token, false)
	return &visitor{
		authentication: authenticationv1connect.NewAuthenticationServiceClient(c, n.url()),
		pong:           testv1connect.NewTestAuthServiceClient(c, n.url()),
		ping:           testv1connect.NewTestNoAuthServiceClient(c, n.url()),
		tokens:         tokensv1connect.NewTokensServiceClient(c, n.url()),
	}
}

// greet tells whether the visitor is let in.
func (v *visitor) greet(ctx context.Context) error {
	_, err := v.pong.Pong(ctx, &testv1.PongRequest{})
	return err
}

func withEmail(address string) *authenticationv1.UserIdentifier {
	return &authenticationv1.UserIdentifier{Identifier: &authenticationv1.UserIdentifier_Email{Email: address}}
}

func (v *visitor) login(ctx context.Context, who *authenticationv1.UserIdentifier, password string) (*authenticationv1.LoginResponse, error) {
	return v.authentication.Login(ctx, &authenticationv1.LoginRequest{
		Method: &authenticationv1.LoginRequest_UserPassword{UserPassword: &authenticationv1.UserPassword{Identifier: who, Password: password}},
	})
}

// mustLogin signs in with the first password.
func (n *server) mustLogin(email string) *authenticationv1.Token {
	n.t.Helper()
	res, err := n.visitor("").login(n.t.Context(), withEmail(email), firstPassword)
	if err != nil {
		n.t.Fatal(err)
	}
	return res.GetToken()
}

// addSigner adds a person who can sign in with an address and the first password.
func (c *client) addSigner(t testing.TB, email string) string {
	t.Helper()
	r := verified(email)
	r.PasswordType = &userv2.AddHumanUserRequest_Password{Password: &userv2.Password{Password: firstPassword}}
	return c.add(t, r)
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// digitsTo waits for a code of six digits to an address that is not one of those seen before.
func (c *client) digitsTo(t testing.TB, recipient string, seen ...string) string {
	t.Helper()
	var code string
	eventually(t, "code to "+recipient, func() error {
		res, err := c.inbox.ListMessages(t.Context(), &inboxv1.ListMessagesRequest{Recipient: recipient})
		if err != nil {
			return err
		}
		for _, m := range res.GetMessages() {
			if code = sixDigits.FindString(m.GetText()); code != "" && !slices.Contains(seen, code) {
				return nil
			}
		}
		return io.EOF
	})
	return code
}

// A person registers, proves the address, forgets the password, and leaves.
func TestFromRegistrationToRemoval(t *testing.T) {
	t.Parallel()
	n := start(t, settings{args: []string{"--self-registration"}})
	ctx, stranger, admin := t.Context(), n.visitor(""), n.admin()
	const address = "grace@example.com"

	if _, err := stranger.ping.Ping(ctx, &testv1.PingRequest{}); err != nil {
		t.Errorf("ping: %v", err)
	}
	wantCode(t, "pong without a token", stranger.greet(ctx), connect.CodeUnauthenticated)
	cfg, err := stranger.authentication.GetAuthConfig(ctx, &authenticationv1.GetAuthConfigRequest{})
	if err != nil || !cfg.GetAllowsRegister() || cfg.GetName() != "Signet" || !slices.Contains(cfg.GetLoginTypes(), authenticationv1.LoginType_LOGIN_TYPE_EMAIL_PASSWORD) {
		t.Errorf("config %v, %v", cfg, err)
	}

	registered, err := stranger.authentication.Register(ctx, &authenticationv1.RegisterRequest{
		Method: &authenticationv1.RegisterRequest_UserPassword{UserPassword: &authenticationv1.UserPassword{Identifier: withEmail(address), Password: firstPassword}},
	})
	if err != nil {
		t.Fatal(err)
	}
	user := n.visitor(registered.GetToken().GetAccessToken())
	me, err := user.authentication.Get(ctx, &authenticationv1.GetRequest{})
	if err != nil || me.GetUserId() != registered.GetUserId() || me.GetUserInfo().GetEmail() != address {
		t.Fatalf("get: %v, %v", me, err)
	}
	_, err = stranger.login(ctx, withEmail(address), firstPassword)
	wantCode(t, "login by an address that is not verified", err, connect.CodeUnauthenticated)

	sent, err := stranger.authentication.SendVerificationEmail(ctx, &authenticationv1.SendVerificationEmailRequest{Identifier: withEmail(address)})
	if err != nil {
		t.Fatal(err)
	}
	code := admin.digitsTo(t, address)
	_, err = stranger.authentication.VerifyEmail(ctx, &authenticationv1.VerifyEmailRequest{Code: code, Email: "other@example.com", Token: sent.GetToken()})
	wantCode(t, "another address", err, connect.CodeInvalidArgument)
	if _, err = stranger.authentication.VerifyEmail(ctx, &authenticationv1.VerifyEmailRequest{Code: code, Email: address, Token: sent.GetToken()}); err != nil {
		t.Fatal(err)
	}
	signedIn := n.mustLogin(address)

	reset, err := stranger.authentication.SendPasswordReset(ctx, &authenticationv1.SendPasswordResetRequest{Identifier: withEmail(address)})
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := stranger.authentication.SendPasswordReset(ctx, &authenticationv1.SendPasswordResetRequest{Identifier: withEmail("nobody@example.com")})
	if err != nil || len(nobody.GetToken()) != len(reset.GetToken()) {
		t.Errorf("reset of nobody: %d bytes of token, %v", len(nobody.GetToken()), err)
	}
	change := &authenticationv1.ResetPasswordRequest{
		Code: admin.digitsTo(t, address, code), NewPassword: secondPassword, Identifier: withEmail(address), Token: reset.GetToken(),
	}
	if _, err := stranger.authentication.ResetPassword(ctx, change); err != nil {
		t.Fatal(err)
	}
	_, err = stranger.authentication.ResetPassword(ctx, change)
	wantCode(t, "the code again", err, connect.CodeInvalidArgument)
	for name, v := range map[string]*visitor{"the registration's": user, "the login's": n.visitor(signedIn.GetAccessToken())} {
		wantCode(t, name+" token after a new password", v.greet(ctx), connect.CodeUnauthenticated)
	}
	_, err = stranger.authentication.RefreshToken(ctx, &authenticationv1.RefreshTokenRequest{RefreshToken: signedIn.GetRefreshToken()})
	wantCode(t, "refresh after a new password", err, connect.CodeUnauthenticated)
	_, err = stranger.login(ctx, withEmail(address), firstPassword)
	wantCode(t, "the old password", err, connect.CodeUnauthenticated)

	again, err := stranger.login(ctx, withEmail(address), secondPassword)
	if err != nil {
		t.Fatal(err)
	}
	user = n.visitor(again.GetToken().GetAccessToken())
	if _, err := user.authentication.Delete(ctx, &authenticationv1.DeleteRequest{}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the token of who is removed", user.greet(ctx), connect.CodeUnauthenticated)
}

// Without the setting nobody registers, and it does not depend on who asks.
func TestRegistrationIsOffByDefault(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	n.admin().addSigner(t, "known@example.com")
	for _, address := range []string{"known@example.com", "new@example.com"} {
		_, err := n.visitor("").authentication.Register(t.Context(), &authenticationv1.RegisterRequest{
			Method: &authenticationv1.RegisterRequest_UserPassword{UserPassword: &authenticationv1.UserPassword{Identifier: withEmail(address), Password: firstPassword}},
		})
		wantCode(t, address, err, connect.CodeFailedPrecondition)
	}
}

// Refresh tokens rotate; one that comes back ends the session, and all its tokens with it.
func TestRefreshTokensAreGoodOnce(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	n.admin().addSigner(t, "ada@example.com")
	ctx, stranger := t.Context(), n.visitor("")
	refresh := func(token string) (*authenticationv1.Token, error) {
		res, err := stranger.authentication.RefreshToken(ctx, &authenticationv1.RefreshTokenRequest{RefreshToken: token})
		return res.GetToken(), err
	}
	first := n.mustLogin("ada@example.com")
	second, err := refresh(first.GetRefreshToken())
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{first.GetAccessToken(), second.GetAccessToken()} {
		if err := n.visitor(token).greet(ctx); err != nil {
			t.Errorf("an access token of the session: %v", err)
		}
	}
	_, err = refresh(first.GetRefreshToken())
	wantCode(t, "a used token", err, connect.CodeUnauthenticated)
	_, err = refresh(second.GetRefreshToken())
	wantCode(t, "the newest token, after a used one came back", err, connect.CodeUnauthenticated)
	for _, token := range []string{first.GetAccessToken(), second.GetAccessToken()} {
		wantCode(t, "an access token of the ended session", n.visitor(token).greet(ctx), connect.CodeUnauthenticated)
	}
}

// Whoever verifies access tokens on its own finds the keys.
func TestAccessTokensAreVerifiedElsewhere(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	id := n.admin().addSigner(t, "ada@example.com")
	token := n.mustLogin("ada@example.com").GetAccessToken()
	keys, err := jwk.Fetch(t.Context(), n.url()+"/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	for i := range keys.Len() {
		key, _ := keys.Key(i)
		if private := new(ecdsa.PrivateKey); key.Raw(private) == nil {
			t.Fatal("a private key is published")
		}
	}
	parsed, err := jwt.Parse([]byte(token), jwt.WithKeySet(keys))
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Subject() != id || parsed.Issuer() != "http://localhost" || time.Until(parsed.Expiration()) > 5*time.Minute {
		t.Errorf("claims %v", parsed)
	}
}

// What ends on one node is refused on the other within moments.
func TestRevocationOnTwoNodes(t *testing.T) {
	t.Parallel()
	a := start(t, settings{args: []string{"--database-url", storetest.NewCluster(t).DSN()}})
	b := start(t, settings{args: append(slices.Clone(a.args), "--master-key-file", a.dir+"/master.keys")})
	b.dir = a.dir
	a.admin().addSigner(t, "ada@example.com")
	var took []time.Duration
	for range 50 {
		token := a.mustLogin("ada@example.com").GetAccessToken()
		here, there := a.visitor(token), b.visitor(token)
		for _, v := range []*visitor{here, there} {
			if err := v.greet(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := here.authentication.Logout(t.Context(), &authenticationv1.LogoutRequest{}); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		wantCode(t, "the same node", here.greet(t.Context()), connect.CodeUnauthenticated)
		eventually(t, "refusal by the other node", func() error {
			if err := there.greet(t.Context()); err == nil {
				return io.EOF
			}
			return nil
		})
		took = append(took, time.Since(ended))
	}
	slices.Sort(took)
	t.Logf("refused by the other node after %v at most, %v in the middle", took[len(took)-1], took[len(took)/2])
}

// Sign-ins that fail are slowed down, for known and unknown users alike, and the right password helps only after the wait.
func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	n.admin().addSigner(t, "ada@example.com")
	for _, who := range []string{"ada@example.com", "nobody@example.com"} {
		answers := make(chan error, 40)
		var guessers sync.WaitGroup
		for range cap(answers) {
			guessers.Go(func() {
				_, err := n.visitor("").login(t.Context(), withEmail(who), "Wrong-horse-1")
				answers <- err
			})
		}
		guessers.Wait()
		close(answers)
		counted := map[connect.Code]int{}
		for err := range answers {
			counted[connect.CodeOf(err)]++
		}
		if counted[connect.CodeUnauthenticated] > 12 || counted[connect.CodeUnauthenticated] == 0 || counted[connect.CodeResourceExhausted] == 0 ||
			counted[connect.CodeUnauthenticated]+counted[connect.CodeResourceExhausted] != cap(answers) {
			t.Errorf("%s: %v", who, counted)
		}
	}
}

// Personal access tokens are made, listed, given new values and expired by their holder, over gRPC under the other name too.
func TestPersonalAccessTokens(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	n.admin().addSigner(t, "ada@example.com")
	access := n.mustLogin("ada@example.com").GetAccessToken()
	ctx, user := t.Context(), n.visitor(access)
	made, err := user.tokens.CreateToken(ctx, &tokensv1.CreateTokenRequest{TokenMetadata: &tokensv1.TokenMetadata{Name: "laptop"}})
	if err != nil {
		t.Fatal(err)
	}
	value, id := made.GetTokenValue().GetToken(), made.GetTokenUuid()
	if !strings.HasPrefix(value, "sgt_") || n.visitor(value).greet(ctx) != nil {
		t.Error("the token is no good")
	}
	renewed, err := user.tokens.RegenerateToken(ctx, &tokensv1.RegenerateTokenRequest{TokenUuid: id})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the old value", n.visitor(value).greet(ctx), connect.CodeUnauthenticated)
	value = renewed.GetTokenValue().GetToken()
	if err := n.visitor(value).greet(ctx); err != nil {
		t.Errorf("the new value: %v", err)
	}
	if _, err := user.tokens.UpdateToken(ctx, &tokensv1.UpdateTokenRequest{TokenUuid: id, TokenMetadata: &tokensv1.TokenMetadata{Name: "desktop"}}); err != nil {
		t.Error(err)
	}

	stream, err := user.tokens.ListTokens(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for stream.Receive() {
		names = append(names, stream.Msg().GetTokenMetadata().GetName())
	}
	if err := stream.Err(); err != nil || !slices.Equal(names, []string{"desktop"}) {
		t.Errorf("tokens %q, %v", names, err)
	}
	refused, err := n.visitor("").tokens.ListTokens(ctx, nil)
	if err == nil {
		refused.Receive()
		err = refused.Err()
	}
	wantCode(t, "tokens of nobody", err, connect.CodeUnauthenticated)

	if _, err := user.tokens.ForceTokenExpiration(ctx, &tokensv1.ForceTokenExpirationRequest{TokenUuid: id}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "an expired token", n.visitor(value).greet(ctx), connect.CodeUnauthenticated)
	conn, asUser := n.dial(), withToken(ctx, access)
	eventually(t, "last use of the token", func() error {
		kept := new(tokensv1.GetTokenResponse)
		if err := conn.Invoke(asUser, "/tokens.v1.TokensService/GetToken", &tokensv1.GetTokenRequest{TokenUuid: id}, kept); err != nil {
			return err
		}
		if m := kept.GetTokenMetadata(); m.GetName() != "desktop" || m.GetLastUsedAt() == nil {
			return fmt.Errorf("kept: %v", kept)
		}
		return nil
	})
}

// The answers of the accounts service travel in headers and a cookie.
func TestAccountsInHeaders(t *testing.T) {
	t.Parallel()
	n := start(t, settings{args: []string{"--self-registration"}})
	call := func(path, body string, header http.Header) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	const credentials = `{"email": "ada@example.com", "password": "` + firstPassword + `"}`
	up := call("/accounts.v1.PublicAccountsService/SignUp", credentials, nil)
	cookies := up.Cookies()
	if up.StatusCode != http.StatusOK || len(cookies) != 1 || cookies[0].Name != "session-id" {
		t.Fatalf("%s, cookies %v", up.Status, cookies)
	}
	if c := cookies[0]; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Value != up.Header.Get("Session-Id") {
		t.Errorf("cookie %+v", c)
	}
	bearer := up.Header.Get("Authorization")
	if pong := call("/test.v1.TestAuthService/Pong", "{}", http.Header{"Authorization": {bearer}}); pong.StatusCode != http.StatusOK {
		t.Errorf("pong: %s", pong.Status)
	}
	for name, header := range map[string]http.Header{
		"cookie":                        {"Cookie": {"session-id=" + cookies[0].Value}},
		"header":                        {"Session-Id": {cookies[0].Value}},
		"bearer":                        {"Authorization": {"Bearer " + cookies[0].Value}},
		"cookie beside an access token": {"Authorization": {bearer}, "Cookie": {"session-id=" + cookies[0].Value}},
	} {
		res := call("/accounts.v1.AccountsService/RefreshSession", "{}", header)
		fresh := res.Header.Get("Authorization")
		if res.StatusCode != http.StatusOK || fresh == "" || fresh == bearer {
			t.Errorf("refresh by %s: %s", name, res.Status)
		}
	}
	if alone := call("/accounts.v1.AccountsService/RefreshSession", "{}", http.Header{"Authorization": {bearer}}); alone.StatusCode != http.StatusUnauthorized {
		t.Errorf("an access token renews itself: %s", alone.Status)
	}
	elsewhere := call("/test.v1.TestAuthService/Pong", "{}", http.Header{"Cookie": {"session-id=" + cookies[0].Value}})
	if elsewhere.StatusCode != http.StatusUnauthorized {
		t.Errorf("a cookie alone opens another service: %s", elsewhere.Status)
	}
	if in := call("/accounts.v1.PublicAccountsService/SignIn", credentials, nil); in.StatusCode != http.StatusUnauthorized {
		t.Errorf("sign-in by an address that is not verified: %s", in.Status)
	}
	n.admin().addSigner(t, "grace@example.com")
	in := call("/accounts.v1.PublicAccountsService/SignIn", strings.Replace(credentials, "ada@", "grace@", 1), nil)
	if in.StatusCode != http.StatusOK || in.Header.Get("Authorization") == "" {
		t.Errorf("sign-in: %s", in.Status)
	}
	long := call("/accounts.v1.AccountsService/TokenAuthorization", "{}", http.Header{"Authorization": {"Bearer " + n.token()}})
	if long.StatusCode != http.StatusOK || call("/test.v1.TestAuthService/Pong", "{}", http.Header{"Authorization": {long.Header.Get("Authorization")}}).StatusCode != http.StatusOK {
		t.Errorf("by a personal access token: %s", long.Status)
	}
}

// A session goes from a name to a bearer token and to its end, as a login page drives it.
func TestSessionsOverREST(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	id := n.admin().addSigner(t, "ada@example.com")
	caller := func(token string) func(method, path, body string, want int) map[string]any {
		c := httpClient(t, token, false)
		return func(method, path, body string, want int) map[string]any {
			t.Helper()
			got, fields := rest(t, c, method, n.url()+path, body)
			if got != want {
				t.Errorf("%s %s: %d expected, got %d: %v", method, path, want, got, fields)
			}
			return fields
		}
	}
	page := caller(n.token())
	begun := page("POST", "/v2/sessions", `{"checks": {"user": {"userId": "`+id+`"}}, "metadata": {"theme": "ZGFyaw=="}, "lifetime": "3600s"}`, http.StatusOK)
	session := "/v2/sessions/" + dig(begun, "sessionId")
	caller(dig(begun, "sessionToken"))("POST", "/signet.test.v1.TestAuthService/Pong", `{}`, http.StatusUnauthorized) // a name proves nothing
	page("PATCH", session, `{"sessionToken": "`+dig(begun, "sessionToken")+`", "checks": {"password": {"password": "Wrong-horse-1"}}}`, http.StatusBadRequest)
	proven := page("PATCH", session, `{"sessionToken": "`+dig(begun, "sessionToken")+`", "checks": {"password": {"password": "`+firstPassword+`"}}}`, http.StatusOK)
	token := dig(proven, "sessionToken")
	user := caller(token)
	user("POST", "/signet.test.v1.TestAuthService/Pong", `{}`, http.StatusOK)
	caller(dig(begun, "sessionToken"))("POST", "/signet.test.v1.TestAuthService/Pong", `{}`, http.StatusUnauthorized) // replaced

	got := user("GET", session, "", http.StatusOK)
	if dig(got, "session", "factors", "user", "id") != id || dig(got, "session", "factors", "password", "verifiedAt") == "" || dig(got, "session", "metadata", "theme") != "ZGFyaw==" {
		t.Errorf("session %v", got)
	}
	listed := user("POST", "/v2/sessions/search", `{"queries": [{"userIdQuery": {"id": "`+id+`"}}]}`, http.StatusOK)
	if dig(listed, "sessions", "id") != dig(begun, "sessionId") || dig(listed, "details", "totalResult") != "1" {
		t.Errorf("sessions %v", listed)
	}
	other := n.admin().addSigner(t, "eve@example.com")
	eve := caller(n.mustLogin("eve@example.com").GetAccessToken())
	eve("GET", session, "", http.StatusForbidden)
	eve("DELETE", session, "", http.StatusForbidden)
	if listed := eve("POST", "/v2/sessions/search", `{}`, http.StatusOK); dig(listed, "sessions", "factors", "user", "id") != other {
		t.Errorf("sessions that others see: %v", listed)
	}
	user("DELETE", session, "", http.StatusOK)
	user("POST", "/signet.test.v1.TestAuthService/Pong", `{}`, http.StatusUnauthorized)
	page("GET", session, "", http.StatusNotFound)
	n.verify("sessions")
}

// A second factor by mail: the code comes in the user's language and is good once, for the session that asked.
func TestSecondFactorByMail(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	admin := n.admin()
	id := admin.addSigner(t, "ada@example.com")
	if _, err := admin.users.AddOTPEmail(t.Context(), &userv2.AddOTPEmailRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	c := httpClient(t, n.token(), false)
	status, begun := rest(t, c, "POST", n.url()+"/v2/sessions",
		`{"checks": {"user": {"loginName": "ada@example.com"}, "password": {"password": "`+firstPassword+`"}}, "challenges": {"otpEmail": {"sendCode": {}}}}`)
	if status != http.StatusOK || dig(begun, "challenges", "otpEmail") != "" {
		t.Fatalf("%d %v", status, begun)
	}
	res, err := admin.inbox.WaitMessage(t.Context(), &inboxv1.WaitMessageRequest{Recipient: "ada@example.com", Timeout: durationpb.New(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	check := `{"sessionToken": "` + dig(begun, "sessionToken") + `", "checks": {"otpEmail": {"code": "` + res.GetMessage().GetCode() + `"}}}`
	session := n.url() + "/v2/sessions/" + dig(begun, "sessionId")
	if status, got := rest(t, c, "PATCH", session, check); status != http.StatusOK {
		t.Fatalf("%d %v", status, got)
	}
	if _, got := rest(t, c, "GET", session, ""); dig(got, "session", "factors", "otpEmail", "verifiedAt") == "" {
		t.Errorf("session %v", got)
	}
	if status, got := rest(t, c, "PATCH", session, check); status == http.StatusOK {
		t.Errorf("a code twice: %v", got)
	}
}
