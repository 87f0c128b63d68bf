package bearer_test

import (
	"bytes"
	"hash/crc32"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/signet-iam/signet/command/bearer"
)

func TestWhatWasSealedOpens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "raw")
		token := bearer.Seal("sgx_", raw)
		opened, ok := bearer.Open("sgx_", len(raw), token)
		if !ok || !bytes.Equal(opened, raw) {
			t.Fatalf("%x became %q and %x, %v", raw, token, opened, ok)
		}
		if _, ok := bearer.Open("sgy_", len(raw), token); ok {
			t.Fatal("opened under another prefix")
		}
		for _, size := range []int{len(raw) - 1, len(raw) + 1} {
			if _, ok := bearer.Open("sgx_", size, token); ok {
				t.Fatalf("%d bytes opened as %d", len(raw), size)
			}
		}
	})
}

// Clients hold tokens: what was once given out opens for ever.
func TestTheFormOfSealedTokens(t *testing.T) {
	t.Parallel()
	const token = "sgs_008u7J9c0YTexv1KvxdAcMAum3Zv9RwdNDDuShKAWNHdF2jwtvZMTR2ZnHww"
	raw := make([]byte, 40)
	for i := range raw {
		raw[i] = byte(7 * i)
	}
	if got := bearer.Seal("sgs_", raw); got != token {
		t.Errorf("sealed as %s", got)
	}
	if opened, ok := bearer.Open("sgs_", 40, token); !ok || !bytes.Equal(opened, raw) {
		t.Errorf("opened as %x, %v", opened, ok)
	}
}

func TestEdgesOfSealedTokens(t *testing.T) {
	t.Parallel()
	for size := 1; size <= 200; size++ {
		low, high := make([]byte, size), bytes.Repeat([]byte{0xff}, size)
		for _, raw := range [][]byte{low, high} {
			if opened, ok := bearer.Open("x", size, bearer.Seal("x", raw)); !ok || !bytes.Equal(opened, raw) {
				t.Fatalf("%d bytes of %x: %v", size, raw[0], ok)
			}
		}
		if len(bearer.Seal("x", low)) != len(bearer.Seal("x", high)) {
			t.Fatalf("tokens of %d bytes have no one length", size)
		}
	}
}

// A wrong character anywhere is seen, and so is a number that is too large: every value has one form.
func TestDamagedTokensDoNotOpen(t *testing.T) {
	t.Parallel()
	const size = 40
	token := bearer.Seal("sgs_", bytes.Repeat([]byte{0xa5}, size))
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(token)-1).Draw(t, "at")
		with := rapid.Byte().Filter(func(b byte) bool { return b != token[at] }).Draw(t, "with")
		if _, ok := bearer.Open("sgs_", size, token[:at]+string([]byte{with})+token[at+1:]); ok {
			t.Fatalf("opens with %q at %d", with, at)
		}
	})
	tooLarge := "sgs_" + strings.Repeat("z", len(token)-len("sgs_")-6)
	for name, damaged := range map[string]string{
		"nothing": "", "prefix only": "sgs_", "cut": token[:len(token)-1], "longer": token + "0",
		"too large": tooLarge + checked(t, tooLarge), "a sign": "sgs_+" + token[5:], "a minus": "sgs_-" + token[5:], "an underscore": "sgs_0_" + token[6:],
	} {
		if _, ok := bearer.Open("sgs_", size, damaged); ok {
			t.Errorf("%s: opens", name)
		}
	}
}

// checked returns the checksum that makes a body well-formed.
func checked(t *testing.T, unfinished string) string {
	t.Helper()
	body := strings.TrimPrefix(unfinished, "sgs_")
	sum := crc32.ChecksumIEEE([]byte(body))
	out := make([]byte, 6)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[sum%62]
		sum /= 62
	}
	return string(out)
}

func FuzzOpen(f *testing.F) {
	f.Add(bearer.Seal("sgs_", make([]byte, 40)))
	f.Fuzz(func(t *testing.T, token string) {
		raw, ok := bearer.Open("sgs_", 40, token)
		if ok && bearer.Seal("sgs_", raw) != token {
			t.Fatalf("%q has another form", token)
		}
	})
}
