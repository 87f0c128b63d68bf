package avatar

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect"
	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/api/call"
	"github.com/signet-iam/signet/api/interceptor"
	pictures "github.com/signet-iam/signet/command/avatar"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

// maxAge is how long a browser may keep a picture, and so show one that was removed.
const maxAge = 24 * time.Hour

var errInterrupted = failure.New(failure.InvalidArgument, "USER_AVATAR_INCOMPLETE", "the picture did not arrive whole")

// Config is what the handler needs.
type Config struct {
	Users     *user.Service
	Addresses Addresses
	// Tenant is whose users a request without a token is about.
	Tenant func(*http.Request) string
	Logger zerolog.Logger
}

type handler struct {
	config  Config
	mapping *interceptor.Errors
	errors  *connect.ErrorWriter
}

// New returns the handler of everything below /assets/. At UploadPath it is to stand behind the authentication: a request without a
// call of somebody is refused there.
func New(c Config) http.Handler {
	h := &handler{config: c, mapping: interceptor.NewErrors(c.Logger), errors: connect.NewErrorWriter()}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT "+UploadPath, h.upload)
	mux.HandleFunc("GET /assets/v1/users/{id}/avatar/{digest}", h.show)
	return mux
}

func (h *handler) upload(w http.ResponseWriter, r *http.Request) {
	address, err := h.set(w, r)
	if err != nil {
		_ = h.errors.Write(w, r, h.mapping.Map(r.Context(), UploadPath, err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(interceptor.HeaderPosition, strconv.FormatInt(int64(call.From(r.Context()).Position()), 10))
	_ = json.NewEncoder(w).Encode(map[string]string{"avatarUrl": address})
}

// set stores the picture of a request and returns its address.
func (h *handler) set(w http.ResponseWriter, r *http.Request) (address string, err error) {
	ctx, caller := call.Command(r.Context())
	if !caller.Authenticated() { // nobody's file is not even read
		return "", permission.ErrUnauthenticated
	}
	data, err := body(w, r)
	if err != nil {
		return "", err
	}
	receipt, err := h.config.Users.SetAvatar(ctx, caller, user.SetAvatar{UserID: caller.SubjectID(), Data: data})
	if err != nil {
		return "", err
	}
	call.From(ctx).Reflect(receipt.Position)
	sum := sha256.Sum256(data)
	return h.config.Addresses.Of(caller.SubjectID(), hex.EncodeToString(sum[:])), nil
}

func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, pictures.MaxBytes))
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge):
		return nil, pictures.ErrTooLarge
	case err != nil:
		return nil, errInterrupted.Because(err)
	}
	return data, nil
}

func (h *handler) show(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	picture, err := h.find(r)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	header.Set("Content-Type", picture.ContentType)
	header.Set("Cache-Control", "private, max-age="+strconv.Itoa(int(maxAge.Seconds())))
	header.Set("ETag", `"`+hex.EncodeToString(picture.SHA256[:])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture.Data))
}

func (h *handler) find(r *http.Request) (pictures.Picture, error) {
	sum, ok := digestOf(r.PathValue("digest"))
	if !ok {
		return pictures.Picture{}, user.ErrAvatarNotFound
	}
	return h.config.Users.Avatar(r.Context(), h.config.Tenant(r), r.PathValue("id"), sum)
}

// fail answers with a text that nothing from outside gets into.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	w.Header().Set("Cache-Control", "no-store")
	refused, ok := errors.AsType[*failure.Error](err)
	switch {
	case errors.Is(err, user.ErrAvatarNotFound):
		http.Error(w, "not found", http.StatusNotFound)
	case ok && refused.Kind == failure.Unavailable:
		http.Error(w, refused.Text, http.StatusServiceUnavailable)
	case r.Context().Err() != nil: // nobody waits for the answer
	default:
		h.config.Logger.Error().Err(err).Msg("a picture cannot be shown")
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}
