package avatar

import (
	"encoding/hex"
	"net/url"
	"strings"
)

// UploadPath is where callers put their pictures.
const UploadPath = "/assets/v1/users/me/avatar"

// Addresses makes the addresses of pictures.
type Addresses struct{ base string }

// NewAddresses returns those below the URL at which browsers reach this installation.
func NewAddresses(externalURL string) Addresses {
	return Addresses{strings.TrimRight(externalURL, "/")}
}

// Of returns the address of a user's picture by its digest in hex; empty without one.
func (a Addresses) Of(userID, digest string) string {
	if digest == "" {
		return ""
	}
	return a.base + "/assets/v1/users/" + url.PathEscape(userID) + "/avatar/" + digest
}

// digestOf reads the digest of an address. There is one way to write it.
func digestOf(text string) (sum [32]byte, ok bool) {
	if len(text) != hex.EncodedLen(len(sum)) || strings.ToLower(text) != text {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil
}
