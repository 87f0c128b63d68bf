package federation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/signet-iam/signet/eventstore/failure"
)

// ClientAuth is how a client proves itself at the token endpoint (RFC 6749, section 2.3.1).
type ClientAuth string

// The ways of client authentication. A client without a secret sends its id only.
const (
	ClientSecretBasic ClientAuth = "client_secret_basic"
	ClientSecretPost  ClientAuth = "client_secret_post"
)

func (a ClientAuth) style() oauth2.AuthStyle {
	if a == ClientSecretPost {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// codeRequest is an authorization request about to be sent (RFC 6749, section 4.1.1).
type codeRequest struct {
	begin      Begin
	flow       flow
	parameters map[string]string
}

// authorize completes the flow with a PKCE verifier and returns the authorization URL with its challenge (RFC 7636).
func (c *Client) authorize(config oauth2.Config, r codeRequest) (Begun, error) {
	if err := checkBegin(r.begin); err != nil {
		return Begun{}, err
	}
	verifier, err := c.secret()
	if err != nil {
		return Begun{}, err
	}
	r.flow.Verifier, r.flow.Callback = verifier, r.begin.CallbackURL
	encoded, err := r.flow.encode()
	if err != nil {
		return Begun{}, err
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	if r.begin.LoginHint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", r.begin.LoginHint))
	}
	for name, value := range r.parameters {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return Begun{URL: config.AuthCodeURL(r.begin.State, options...), Flow: encoded}, nil
}

// authorizationCode takes the authorization code out of an answer whose state has been checked. Issuer is empty where it is not known;
// announced says that the provider promised to send it (RFC 9207).
func authorizationCode(answer url.Values, issuer string, announced bool) (string, error) {
	switch iss, once := single(answer, "iss"); {
	case issuer == "":
	case len(answer["iss"]) == 0 && announced:
		return "", refuse(ErrUntrusted, nil, "the answer does not name the issuer, which the provider announces to do")
	case len(answer["iss"]) > 0 && (!once || iss != issuer):
		return "", refuse(ErrUntrusted, nil, "the answer comes from another issuer")
	}
	if refusal := answer.Get("error"); refusal != "" {
		return "", refuse(ErrDenied, nil, "the identity provider refused the sign-in: %s", printable(refusal))
	}
	code, once := single(answer, "code")
	if !once || code == "" {
		return "", refuse(ErrUntrusted, nil, "the answer has no code, or several")
	}
	return code, nil
}

// exchange trades the code for tokens (RFC 6749, section 4.1.3).
func (c *Client) exchange(ctx context.Context, config oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.http)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err == nil {
		return token, nil
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return nil, unreachableToken(err)
	}
	status := 0
	if answer.Response != nil {
		status = answer.Response.StatusCode
	}
	return nil, refusedToken(status, answer.ErrorCode)
}

// errClient marks the refusal of the client itself, as opposed to that of one request.
var errClient = errors.New("client refused")

const tokenEndpoint = "the token endpoint"

// unreachableToken is an error that is not an answer of RFC 6749: of the connection, or a document that makes no sense.
func unreachableToken(err error) error {
	var connection *url.Error
	if errors.As(err, &connection) || errors.Is(err, errTooLarge) {
		return unreachable(tokenEndpoint, err)
	}
	// The text of the library's error may quote the answer.
	return refuse(ErrUnreachable, nil, "the token endpoint does not answer with a token")
}

// refusedToken translates an error answer of a token endpoint. Some providers use codes of their own.
func refusedToken(status int, code string) *failure.Error {
	cause := fmt.Errorf("status %d, error %s", status, printable(code))
	switch {
	case status >= http.StatusInternalServerError:
		return refuse(ErrUnreachable, cause, "the token endpoint answers with HTTP status %d", status)
	case code == "invalid_client", code == "unauthorized_client", code == "incorrect_client_credentials",
		code == "" && status == http.StatusUnauthorized:
		return refuse(ErrConfig, errors.Join(errClient, cause), "the identity provider does not accept the client id or the client secret")
	case code == "":
		return refuse(ErrUnreachable, cause, "the token endpoint answers with HTTP status %d", status)
	case code == "redirect_uri_mismatch":
		return refuse(ErrConfig, cause, "the identity provider does not know the callback URL")
	case code == "invalid_grant", code == "access_denied", code == "bad_verification_code":
		return refuse(ErrDenied, cause, "the identity provider does not accept the code: it is wrong, expired or used")
	}
	return refuse(ErrConfig, cause, "the token endpoint refuses the request: %s", printable(code))
}

// probe asks the token endpoint with a code that cannot exist and so learns whether the client is known there.
func (c *Client) probe(ctx context.Context, config oauth2.Config) error {
	config.RedirectURL = ""
	made, err := c.secret()
	if err != nil {
		return err
	}
	switch _, err = c.exchange(ctx, config, "test-"+made, made); {
	case err == nil:
		return refuse(ErrConfig, nil, "the token endpoint accepts any code")
	case errors.Is(err, ErrDenied), errors.Is(err, ErrConfig) && !errors.Is(err, errClient):
		return nil // it objects to the code or the missing callback, and so has accepted the client
	}
	return err
}
