package intent

import (
	"fmt"
	"net/url"
	"strings"
)

const maxURL = 2048 // bytes

// Redirects says where browsers may be sent after a sign-in: to the origins an operator has named, and nowhere else.
type Redirects struct {
	origins map[string]struct{}
}

// NewRedirects returns redirects to origins such as "https://login.example.com" or "http://localhost:3000": scheme, host
// and port, nothing behind. Other schemes than http and https are an error.
func NewRedirects(origins ...string) (*Redirects, error) {
	r := &Redirects{origins: make(map[string]struct{}, len(origins))}
	for _, text := range origins {
		u, err := parse(strings.TrimSuffix(text, "/"))
		if err != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery {
			return nil, fmt.Errorf("intent: %q is no origin", text)
		}
		r.origins[origin(u)] = struct{}{}
	}
	return r, nil
}

// check refuses every URL that is not of an allowed origin.
func (r *Redirects) check(text string) error {
	u, err := parse(text)
	if err != nil {
		return ErrRedirect.Because(err)
	}
	if _, allowed := r.origins[origin(u)]; !allowed {
		return ErrRedirect
	}
	return nil
}

// parse takes only what a browser cannot read in another way than this program: absolute http and https URLs of printable
// ASCII, without backslashes, user and fragment.
func parse(text string) (*url.URL, error) {
	if len(text) > maxURL || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' || c == '\\' }) {
		return nil, fmt.Errorf("longer than %d bytes, or with characters that have to be escaped", maxURL)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return nil, err
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("scheme %q", u.Scheme)
	case u.Opaque != "" || u.Hostname() == "":
		return nil, fmt.Errorf("no host")
	case u.User != nil || strings.Contains(text, "#"):
		return nil, fmt.Errorf("with a user or a fragment")
	}
	return u, nil
}

// origin writes scheme, host and port in one way only.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

// with returns a URL that was checked, with parameters added; those of the same name are replaced.
func with(text string, parameters url.Values) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	query := u.Query()
	for name, values := range parameters {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}
