package federation

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// maxFile bounds what File reads, in bytes.
const maxFile = 4 << 10

// File returns the beginning of what a URL answers, at most 4 KiB. It speaks to public addresses and those of AllowPrivate only,
// and follows no redirect: what is found elsewhere says nothing about who controls the place.
func (c *Client) File(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("federation: file: %w", err)
	}
	r.Header.Set("Accept", "text/plain, */*;q=0.1")
	r.Header.Set("User-Agent", "signet")
	direct := *c.http
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := direct.Do(r)
	if err != nil {
		return nil, fmt.Errorf("federation: file: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("federation: file: status %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxFile))
	if err != nil {
		return nil, fmt.Errorf("federation: file: %w", err)
	}
	return body, nil
}

// LookupTXT returns the TXT records of a name, as the system's resolver knows them.
func (c *Client) LookupTXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	// Without the dot of the root the resolver would also look below the domains of this machine.
	found, err := net.DefaultResolver.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".")
	if err != nil {
		return nil, fmt.Errorf("federation: TXT records: %w", err)
	}
	return found, nil
}
