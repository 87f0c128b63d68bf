package vault_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-iam/signet/eventstore/vault"
)

const (
	keyA = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="
	keyB = "ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A="
)

func TestParseRing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		ids        []string
	}{
		{"one line", "a:" + keyA + "\n", []string{"a"}},
		{"no line end", "a:" + keyA, []string{"a"}},
		{"the last is the newest", "a:" + keyA + "\nb:" + keyB + "\n", []string{"a", "b"}},
		{"comments, empty lines, spaces, CRLF", "# one, two: three\r\n\r\n  a:" + keyA + "  \r\n#b:" + keyB + "\n", []string{"a"}},
		{"commas, as in a variable", "a:" + keyA + ",b:" + keyB, []string{"a", "b"}},
		{"all id characters", "A-z_0.9:" + keyA, []string{"A-z_0.9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ring, err := vault.ParseRing(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(ring.IDs(), test.ids) {
				t.Errorf("ids = %q; want %q", ring.IDs(), test.ids)
			}
			if newest := test.ids[len(test.ids)-1]; ring.Newest() != newest {
				t.Errorf("newest = %q; want %q", ring.Newest(), newest)
			}
		})
	}
}

func TestParseRingRefuses(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("A", 43) + "="
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "no key"},
		{"only comments", "# a:" + keyA + "\n", "no key"},
		{"no colon", keyA, "line 1: not of the form id:key"},
		{"no id", ":" + keyA, "line 1: the id"},
		{"spaces in the id", "\na b:" + keyA, "line 2: the id"},
		{"long id", strings.Repeat("a", 65) + ":" + keyA, "line 1: the id"},
		{"id twice", "a:" + keyA + "\n\na:" + keyB, `line 3: a second key with the id "a"`},
		{"not base64", "a:" + strings.Replace(keyA, "A", "!", 1), `line 1: the key of "a" is not base64`},
		{"cut off", "a:" + keyA[:20], `line 1: the key of "a" has 15 bytes instead of 32`},
		{"too long", "a:" + keyA[:43] + "AAAA", `the key of "a"`},
		{"all zeros", "a:" + zeros, `line 1: the key of "a" is all zeros`},
		{"huge", strings.Repeat("#\n", 1<<20), "more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ring, err := vault.ParseRing(test.text)
			wantError(t, err, vault.ErrKeyFile)
			if ring != nil || err == nil {
				t.Fatalf("ring = %v, error = %v", ring, err)
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q; want one line with %q", err, test.want)
			}
			if strings.Contains(err.Error(), keyA[:16]) || strings.Contains(err.Error(), keyB[:16]) {
				t.Errorf("error %q shows a key", err)
			}
		})
	}
}
