package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/signet-iam/signet/eventstore/failure"
)

// The ways in which a sign-in at a foreign provider fails. The errors of this package are copies of them with a text of
// their own; compare with errors.Is.
var (
	// ErrDenied: the provider said no, or the directory does not accept these credentials.
	ErrDenied = failure.New(failure.InvalidArgument, "USER_EXTERNAL_IDP_LOGIN_FAILED", "the identity provider refused the sign-in")
	// ErrUntrusted: the answer does not prove what it says. State, nonce, signature, issuer, audience or time is wrong, or it
	// answers another request.
	ErrUntrusted = failure.New(failure.InvalidArgument, "USER_EXTERNAL_IDP_ANSWER_UNTRUSTED", "the answer of the identity provider cannot be trusted")
	// ErrUnreachable: the provider did not answer, or not in a way that can be used.
	ErrUnreachable = failure.New(failure.Unavailable, "IDP_UNREACHABLE", "the identity provider cannot be reached")
	// ErrBlockedAddress: the provider is at an address that may not be spoken to.
	ErrBlockedAddress = failure.New(failure.FailedPrecondition, "IDP_ADDRESS_BLOCKED", "the identity provider is at an address that is not allowed")
	// ErrConfig: the configuration cannot work, or the provider does not accept it.
	ErrConfig = failure.New(failure.FailedPrecondition, "IDP_CONFIG_INVALID", "the configuration of the identity provider is wrong")
)

var (
	errTooLarge  = errors.New("the answer is too large")
	errRedirects = errors.New("too many redirects")
	errScheme    = errors.New("only https URLs are allowed")
)

// refuse returns a copy of kind with a text for administrators and a cause for logs.
func refuse(kind *failure.Error, cause error, format string, args ...any) *failure.Error {
	e := *kind
	e.Text = fmt.Sprintf(format, args...)
	e.Cause = cause
	return &e
}

// unreachable translates an error of a connection to what, which is named by its purpose.
func unreachable(what string, err error) error {
	// The URL in a *url.Error can hold a code or an identifier; what went wrong does not need it.
	var address *url.Error
	if errors.As(err, &address) {
		err = address.Err
	}
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		timeout     net.Error
	)
	switch {
	case errors.Is(err, ErrBlockedAddress):
		return refuse(ErrBlockedAddress, err, "%s is at an address that is not allowed: private, local and reserved addresses, and connections without TLS, need to be configured", what)
	case errors.Is(err, errTooLarge):
		return refuse(ErrUnreachable, err, "%s answers with more than is read", what)
	case errors.Is(err, errRedirects), errors.Is(err, errScheme):
		return refuse(ErrUnreachable, err, "%s redirects too often or to a URL that is not https", what)
	case errors.As(err, &name):
		return refuse(ErrUnreachable, err, "the host name of %s does not resolve", what)
	case errors.As(err, &certificate):
		return refuse(ErrUnreachable, err, "the TLS certificate of %s is not trusted", what)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return refuse(ErrUnreachable, err, "%s does not answer in time", what)
	}
	return refuse(ErrUnreachable, err, "%s cannot be reached", what)
}

// printable returns an error code of a provider (RFC 6749, section 5.2) as it can be shown, or "unknown".
func printable(code string) string {
	allowed := func(r rune) bool {
		return r == '_' || r == '-' || r == '.' || r == ':' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if code == "" || len(code) > 100 || strings.ContainsFunc(code, func(r rune) bool { return !allowed(r) }) {
		return "unknown"
	}
	return code
}
