package bearer_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/bearer"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		token, err := bearer.New(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !bearer.WellFormed(token) || len(token) != bearer.Length || !strings.HasPrefix(token, "sgt_") {
			t.Fatalf("token of a wrong form, %d bytes", len(token))
		}
		if seen[token] {
			t.Fatal("a token came twice")
		}
		seen[token] = true
	}
}

func TestTheWholeRandomValueIsUsed(t *testing.T) {
	t.Parallel()
	low, _ := bearer.New(bytes.NewReader(make([]byte, 24)))
	high, _ := bearer.New(bytes.NewReader(bytes.Repeat([]byte{0xff}, 24)))
	if !bearer.WellFormed(low) || !bearer.WellFormed(high) || low == high {
		t.Fatalf("edges: %s %s", low, high)
	}
	if _, err := bearer.New(iotest.ErrReader(errors.New("no randomness"))); err == nil {
		t.Fatal("a token without randomness")
	}
}

func TestOneWrongCharacterIsSeen(t *testing.T) {
	t.Parallel()
	token, err := bearer.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		with := rapid.Byte().Filter(func(b byte) bool { return b != token[at] }).Draw(t, "with")
		changed := []byte(token)
		changed[at] = with
		if bearer.WellFormed(string(changed)) {
			t.Fatalf("byte %d can be %q", at, with)
		}
	})
	for _, s := range []string{"", "sgt_", token[:len(token)-1], token + "0", strings.ToUpper(token)} {
		if bearer.WellFormed(s) {
			t.Errorf("%q counts as a token", s)
		}
	}
}
