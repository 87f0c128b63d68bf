package bearer

import (
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strings"
)

const (
	// Prefix begins every token.
	Prefix = "sgt_"
	// Length is the length of every token, in bytes.
	Length = len(Prefix) + secretDigits + checkDigits

	secretBytes  = 24
	secretDigits = 33 // 62^33 > 2^192
	checkDigits  = 6  // 62^6 > 2^32
	digits       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// New returns a token made of 192 bits of random.
func New(random io.Reader) (string, error) {
	var raw [secretBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("bearer: read random bytes: %w", err)
	}
	secret := encode(new(big.Int).SetBytes(raw[:]), secretDigits)
	return Prefix + secret + checksum(secret), nil
}

// WellFormed reports whether s has the form of a token.
func WellFormed(s string) bool {
	if len(s) != Length || !strings.HasPrefix(s, Prefix) {
		return false
	}
	secret, check := s[len(Prefix):len(Prefix)+secretDigits], s[len(Prefix)+secretDigits:]
	return checksum(secret) == check
}

func checksum(secret string) string {
	var out [checkDigits]byte
	sum := crc32.ChecksumIEEE([]byte(secret))
	for i := checkDigits - 1; i >= 0; i-- {
		out[i] = digits[sum%62]
		sum /= 62
	}
	return string(out[:])
}

// encode writes n with at least width digits.
func encode(n *big.Int, width int) string {
	text := strings.Map(swapCase, n.Text(len(digits)))
	return strings.Repeat(digits[:1], max(0, width-len(text))) + text
}

// swapCase translates between the order of our digits and that of package big, in which small letters come first.
func swapCase(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	case 'A' <= r && r <= 'Z':
		return r - 'A' + 'a'
	}
	return r
}
