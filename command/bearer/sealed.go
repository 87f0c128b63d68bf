package bearer

import (
	"math/big"
	"strings"
)

// Seal writes raw as a token: the prefix, raw in base 62, and the checksum that all tokens have. Tokens of one size have one
// length: Open needs the size.
func Seal(prefix string, raw []byte) string {
	body := encode(new(big.Int).SetBytes(raw), width(len(raw)))
	return prefix + body + checksum(body)
}

// Open returns the size bytes behind a token that Seal wrote. It says nothing about who wrote it. A value has one form only:
// what is spelled otherwise is no token.
func Open(prefix string, size int, token string) (raw []byte, ok bool) {
	body, ok := strings.CutPrefix(token, prefix)
	if !ok || len(body) != width(size)+checkDigits {
		return nil, false
	}
	body, check := body[:len(body)-checkDigits], body[len(body)-checkDigits:]
	if strings.Trim(body, digits) != "" || checksum(body) != check {
		return nil, false
	}
	n, ok := new(big.Int).SetString(strings.Map(swapCase, body), len(digits))
	if !ok || n.BitLen() > 8*size {
		return nil, false
	}
	return n.FillBytes(make([]byte, size)), true
}

// width returns how many digits so many bytes need: a digit holds log2(62) = 5.954196... bits.
func width(size int) int { return size*8*1_000_000/5_954_197 + 1 }
