package jwks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Path is where clients look for the keys.
const Path = "/.well-known/jwks.json"

// maxAge is how long an answer may be kept: shorter than a key is published before it signs, with room for a slow reload.
const maxAge = accesstoken.Overlap / 2

// New returns the handler of Path.
func New(tokens *accesstoken.Service, log zerolog.Logger) http.Handler {
	return &handler{tokens: tokens, log: log}
}

type handler struct {
	tokens *accesstoken.Service
	log    zerolog.Logger
}

// ServeHTTP answers with the key set, or that it is still the one the client has.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	set, err := h.tokens.KeySet(r.Context())
	if err != nil {
		h.fail(w, err)
		return
	}
	sum := sha256.Sum256(set)
	header := w.Header()
	header.Set("Content-Type", "application/jwk-set+json")
	header.Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(maxAge.Seconds())))
	header.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(set))
}

func (h *handler) fail(w http.ResponseWriter, err error) {
	w.Header().Set("Cache-Control", "no-store")
	if refused, ok := errors.AsType[*failure.Error](err); ok && refused.Kind == failure.Unavailable {
		http.Error(w, refused.Text, http.StatusServiceUnavailable)
		return
	}
	h.log.Error().Err(err).Msg("the key set cannot be shown")
	http.Error(w, "internal error", http.StatusInternalServerError)
}
