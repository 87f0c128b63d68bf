package federation

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const maxRedirects = 3

// plainKey marks the context of a request without TLS for the dialer.
type plainKey struct{}

func (c *Client) newHTTP() *http.Client {
	t := &http.Transport{
		Proxy: nil, // a proxy would resolve names and connect where this client must not
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			plain, _ := ctx.Value(plainKey{}).(bool)
			return c.dial(ctx, network, address, plain)
		},
		TLSClientConfig:        &tls.Config{RootCAs: c.roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    c.timeout,
		ResponseHeaderTimeout:  c.timeout,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
	}
	return &http.Client{
		Transport:     &guard{next: t, limit: c.maxBody, http: len(c.private) > 0},
		CheckRedirect: checkRedirect,
		Timeout:       c.timeout,
	}
}

// guard holds every request, redirected ones too, to the limits.
type guard struct {
	next  http.RoundTripper
	limit int64
	http  bool // whether http URLs can be allowed at all
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case r.URL.Scheme == "https":
	case r.URL.Scheme == "http" && g.http:
		r = r.WithContext(context.WithValue(r.Context(), plainKey{}, true))
	default:
		return nil, errScheme
	}
	res, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = &limited{ReadCloser: res.Body, left: g.limit}
	return res, nil
}

// limited fails a body that is too large, where io.LimitReader would cut it off silently.
type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// checkRedirect follows a few redirects of a GET, and never from https to http. A POST carries a client secret, which belongs
// to nobody but the endpoint that was configured.
func checkRedirect(r *http.Request, via []*http.Request) error {
	switch first, last := via[0], via[len(via)-1]; {
	case first.Method != http.MethodGet:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return errRedirects
	case last.URL.Scheme == "https" && r.URL.Scheme != "https":
		return errScheme
	}
	return nil
}

// get reads the document at a URL; what names it in errors. The bearer token is sent if there is one.
func (c *Client) get(ctx context.Context, what, url, bearer string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, refuse(ErrConfig, nil, "the URL of %s is malformed", what)
	}
	r.Header.Set("Accept", "application/json, application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1")
	r.Header.Set("User-Agent", "signet")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, unreachable(what, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, unreachable(what, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, refuse(ErrUnreachable, fmt.Errorf("status %d", res.StatusCode), "%s answers with HTTP status %d", what, res.StatusCode)
	}
	return body, nil
}

// getJSON reads a JSON object.
func (c *Client) getJSON(ctx context.Context, what, url string, into any) error {
	body, err := c.get(ctx, what, url, "")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return refuse(ErrUnreachable, nil, "%s does not answer with the JSON that is expected", what)
	}
	return nil
}
