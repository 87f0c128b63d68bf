package audit

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"
)

func TestTokensBelongToTheirQuestion(t *testing.T) {
	t.Parallel()
	base := Request{StreamKind: "user", StreamID: "ann", Types: []string{"user.*"}, Since: time.Unix(5, 0)}
	token := base.token("default", 77)

	same := base
	same.PageToken, same.PageSize = token, 9
	if err := same.resume("default"); err != nil || same.Before != 77 {
		t.Fatalf("the own token: before %d, %v", same.Before, err)
	}
	for name, change := range map[string]func(*Request){
		"kind":      func(r *Request) { r.StreamKind = "org" },
		"id":        func(r *Request) { r.StreamID = "bob" },
		"actor":     func(r *Request) { r.Actor = "x" },
		"types":     func(r *Request) { r.Types = nil },
		"since":     func(r *Request) { r.Since = time.Unix(6, 0) },
		"until":     func(r *Request) { r.Until = time.Unix(6, 0) },
		"after":     func(r *Request) { r.After = 1 },
		"before":    func(r *Request) { r.Before = 100 },
		"direction": func(r *Request) { r.Ascending = true },
	} {
		other := base
		change(&other)
		other.PageToken = token
		if err := other.resume("default"); !errors.Is(err, errToken) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	same.Before = 0
	if err := same.resume("other"); !errors.Is(err, errToken) {
		t.Errorf("another tenant: %v", err)
	}
}

func TestTamperedTokens(t *testing.T) {
	t.Parallel()
	r := Request{Ascending: true}
	raw, err := base64.RawURLEncoding.DecodeString(r.token("default", 4711))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			changed := append([]byte(nil), raw...)
			changed[i] ^= 1 << bit
			r.PageToken = base64.RawURLEncoding.EncodeToString(changed)
			if err := r.resume("default"); !errors.Is(err, errToken) {
				t.Fatalf("byte %d, bit %d: %v", i, bit, err)
			}
		}
	}
	for _, text := range []string{"x", "====", "AQ", base64.RawURLEncoding.EncodeToString(raw[:20]), base64.RawURLEncoding.EncodeToString(raw) + "A"} {
		r.PageToken = text
		if err := r.resume("default"); !errors.Is(err, errToken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
