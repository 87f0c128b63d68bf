package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/signet-iam/signet/notification/channel"
)

const (
	// maxAnswer bounds what is read of a carrier's answer.
	maxAnswer = 64 << 10

	// maxRetryAfter bounds what a carrier may ask for.
	maxRetryAfter = 10 * time.Minute

	defaultTimeout = 15 * time.Second
)

// client makes requests to one carrier.
type client struct {
	http      *http.Client
	success   []int // status codes; empty means 2xx
	permanent []int // status codes that speak about the message
}

func newClient(timeout time.Duration, success, permanent []int) client {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: timeout / 2, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    timeout / 2,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxAnswer,
	}
	return client{
		http: &http.Client{
			Timeout:       timeout,
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		success:   success,
		permanent: permanent,
	}
}

// do makes a request and returns the body of a successful answer. Errors are *channel.Error.
func (c client) do(ctx context.Context, req *http.Request) ([]byte, error) {
	var begun atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { begun.Store(true) }})
	answer, err := c.http.Do(req.WithContext(ctx))
	switch {
	case err != nil && begun.Load():
		return nil, channel.Uncertain(0, err)
	case err != nil:
		return nil, channel.Temporary(0, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if c.succeeded(answer.StatusCode) {
		return body, nil // the status is the answer; the body only names the message
	}
	cause := fmt.Errorf("sms: status %d", answer.StatusCode)
	if err != nil {
		cause = errors.Join(cause, err)
	}
	if slices.Contains(c.permanent, answer.StatusCode) {
		return body, channel.Permanent(answer.StatusCode, cause)
	}
	failure := channel.Temporary(answer.StatusCode, cause)
	failure.RetryAfter = retryAfter(answer.Header)
	return body, failure
}

func (c client) succeeded(status int) bool {
	if len(c.success) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(c.success, status)
}

// retryAfter reads the seconds form of Retry-After (RFC 9110, section 10.2.3).
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, 3600))*time.Second, maxRetryAfter)
}
