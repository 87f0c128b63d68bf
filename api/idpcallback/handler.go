package idpcallback

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/eventstore/failure"
)

// maxForm bounds what a provider can have a browser post, in bytes.
const maxForm = 1 << 20

// Config is what the handler needs.
type Config struct {
	Intents   *intent.Service
	Providers *provider.Service
	Tenant    string
	NewID     func() string // request ids
	Logger    zerolog.Logger
}

// New returns the handler of everything below /idps/.
func New(c Config) http.Handler {
	h := &handler{Config: c}
	mux := http.NewServeMux()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.HandleFunc(method+" /idps/callback", func(w http.ResponseWriter, r *http.Request) { h.callback(w, r, "state") })
		mux.HandleFunc(method+" /idps/{id}/saml/acs", func(w http.ResponseWriter, r *http.Request) { h.callback(w, r, "RelayState") })
	}
	mux.HandleFunc("GET /idps/{id}/saml/metadata", h.metadata)
	return mux
}

type handler struct {
	Config
}

// callback finishes the sign-in that the state names.
func (h *handler) callback(w http.ResponseWriter, r *http.Request, state string) {
	protect(w.Header())
	answer, err := parameters(w, r)
	if err != nil {
		page(w, http.StatusBadRequest, "This request cannot be read.")
		return
	}
	id := h.NewID()
	ctx := command.WithOrigin(r.Context(), command.Origin{RequestID: id, Address: address(r), Agent: r.UserAgent()})
	target, err := h.Intents.Callback(ctx, intent.Callback{State: answer.Get(state), ProviderID: r.PathValue("id"), Answer: answer})
	refused, isRefusal := errors.AsType[*failure.Error](err)
	switch {
	case err == nil:
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusSeeOther)
	case errors.Is(err, intent.ErrUnknownState):
		page(w, http.StatusBadRequest, "This sign-in is unknown, over, or too old. Please start again where you came from.")
	case isRefusal && refused.Kind == failure.Unavailable:
		page(w, http.StatusServiceUnavailable, "The service is not available right now. Please try again later.")
	default:
		h.Logger.Error().Err(err).Str("request", id).Msg("sign-in at a provider failed")
		page(w, http.StatusInternalServerError, "Something went wrong here. Please try again later.")
	}
}

// parameters returns the query of a GET and the form of a POST: never both, so that nobody can put one thing here and
// another there.
func parameters(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Method == http.MethodGet {
		return url.ParseQuery(r.URL.RawQuery)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	return r.PostForm, err
}

// metadata shows a SAML provider what it has to know of this installation.
func (h *handler) metadata(w http.ResponseWriter, r *http.Request) {
	document, err := h.Providers.Metadata(r.Context(), h.Tenant, r.PathValue("id"))
	switch {
	case errors.Is(err, provider.ErrNotFound):
		page(w, http.StatusNotFound, "There is no such provider.")
	case err != nil:
		h.Logger.Error().Err(err).Msg("metadata for a provider cannot be made")
		page(w, http.StatusInternalServerError, "Something went wrong here. Please try again later.")
	default:
		w.Header().Set("Content-Type", "application/samlmetadata+xml")
		_, _ = w.Write(document)
	}
}

// protect keeps an answer, and the URL it came from, out of caches, frames and the next page's referrer: both hold codes.
func protect(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
}

// page answers with text that nothing from outside gets into.
func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text)
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
