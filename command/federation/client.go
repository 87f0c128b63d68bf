package federation

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	defaultTimeout = 10 * time.Second
	defaultMaxBody = 1 << 20
	cacheTime      = 10 * time.Minute // of discovery documents and SAML metadata
	maxCached      = 1000
)

// Options of a Client. Now and Random are needed.
type Options struct {
	Now    func() time.Time
	Random io.Reader

	// AllowPrivate are the addresses that may be spoken to although they are not public. They are also the only ones that may
	// be spoken to without TLS.
	AllowPrivate []netip.Prefix
	// Timeout of one exchange with a provider; 10 s if 0.
	Timeout time.Duration
	// MaxBody bounds an answer in bytes, and all that a directory sends on one connection; 1 MiB if 0.
	MaxBody int64
	// RootCAs are the certificate authorities that are trusted; those of the system if nil.
	RootCAs *x509.CertPool
}

// Client makes providers from configurations. It keeps connections, discovery documents and SAML metadata for a while, and is
// safe for concurrent use.
type Client struct {
	now     func() time.Time
	random  io.Reader
	private []netip.Prefix
	timeout time.Duration
	maxBody int64
	roots   *x509.CertPool
	http    *http.Client

	mu        sync.Mutex
	documents map[string]document // by kind and URL
}

// document is something fetched that is good for a while.
type document struct {
	value any
	until time.Time
}

// New returns a client.
func New(o Options) *Client {
	c := &Client{
		now:       o.Now,
		random:    o.Random,
		timeout:   o.Timeout,
		maxBody:   o.MaxBody,
		roots:     o.RootCAs,
		documents: make(map[string]document),
	}
	for _, p := range o.AllowPrivate {
		c.private = append(c.private, p.Masked())
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.maxBody <= 0 {
		c.maxBody = defaultMaxBody
	}
	c.http = c.newHTTP()
	return c
}

// cached returns what was fetched under the key not long ago, or fetches it.
func cached[T any](ctx context.Context, c *Client, key string, fetch func(context.Context) (T, error)) (T, error) {
	c.mu.Lock()
	d, ok := c.documents[key]
	c.mu.Unlock()
	if v, right := d.value.(T); ok && right && c.now().Before(d.until) {
		return v, nil
	}
	v, err := fetch(ctx)
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.documents) >= maxCached {
		clear(c.documents)
	}
	c.documents[key] = document{value: v, until: c.now().Add(cacheTime)}
	return v, nil
}

// secret returns 256 random bits in base64url.
func (c *Client) secret() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(c.random, b[:]); err != nil {
		return "", fmt.Errorf("federation: random: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// endpoint checks the URL of an endpoint of the provider; what names it for an administrator.
func (c *Client) endpoint(what, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return refuse(ErrConfig, nil, "%s is missing", what)
	case err != nil || u.Host == "" || u.Opaque != "":
		return refuse(ErrConfig, nil, "%s is not an absolute URL", what)
	case strings.ContainsAny(raw, "{}"):
		return refuse(ErrConfig, nil, "%s has a placeholder that is not filled in", what)
	case u.User != nil || u.Fragment != "":
		return refuse(ErrConfig, nil, "%s must have neither user information nor a fragment", what)
	case u.Scheme != "https" && (u.Scheme != "http" || len(c.private) == 0):
		return refuse(ErrConfig, nil, "%s must be an https URL", what)
	}
	return nil
}

// flow is what has to be remembered between Begin and Finish.
type flow struct {
	Kind     string `json:"kind"`
	Provider string `json:"provider"` // issuer, token endpoint or entity: a flow does not end at another provider
	Callback string `json:"callback"`
	Nonce    string `json:"nonce,omitempty"`
	Verifier string `json:"verifier,omitempty"`
	Request  string `json:"request,omitempty"`
}

func (f flow) encode() ([]byte, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("federation: encode flow: %w", err)
	}
	return b, nil
}

// checkBegin refuses what would make a sign-in guessable.
func checkBegin(b Begin) error {
	u, err := url.Parse(b.CallbackURL)
	switch {
	case b.State == "":
		return refuse(ErrConfig, nil, "a sign-in needs a state")
	case err != nil || !u.IsAbs() || u.Host == "":
		return refuse(ErrConfig, nil, "the callback is not an absolute URL")
	}
	return nil
}

// resume returns the flow of an answer whose state is the right one. The state is in the parameter with the given name.
func resume(f Finish, want flow, parameter string) (flow, error) {
	var got flow
	if err := json.Unmarshal(f.Flow, &got); err != nil {
		return flow{}, refuse(ErrUntrusted, nil, "the sign-in was not begun here")
	}
	state, once := single(f.Answer, parameter)
	if !once || f.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1 {
		return flow{}, refuse(ErrUntrusted, nil, "the state of the answer is not the state of the sign-in")
	}
	if got.Kind != want.Kind || got.Provider != want.Provider || got.Callback != f.CallbackURL {
		return flow{}, refuse(ErrUntrusted, nil, "the sign-in was begun at another provider or for another callback")
	}
	return got, nil
}

// single returns a parameter that is there exactly once; given twice, two readers could take different ones.
func single(v url.Values, name string) (string, bool) {
	if len(v[name]) != 1 {
		return "", false
	}
	return v[name][0], true
}
