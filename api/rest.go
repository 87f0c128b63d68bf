package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// jsonErrors gives errors that the transcoder finds by itself the form of all others.
func jsonErrors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&jsonErrorWriter{ResponseWriter: w}, r)
	})
}

type jsonErrorWriter struct {
	http.ResponseWriter

	replaced bool // the body is ours
}

func (w *jsonErrorWriter) WriteHeader(status int) {
	h := w.Header()
	kind := h.Get("Content-Type")
	if status < http.StatusBadRequest || strings.HasPrefix(kind, "application/grpc") {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	h.Set("Content-Type", "application/json")
	if w.replaced = !strings.HasPrefix(kind, "application/"); w.replaced {
		h.Del("Content-Length")
	}
	w.ResponseWriter.WriteHeader(status)
	if w.replaced {
		_, _ = fmt.Fprintf(w.ResponseWriter, `{"code":%d,"message":%q,"details":[]}`, rpcCode(status), http.StatusText(status))
	}
}

func (w *jsonErrorWriter) Write(b []byte) (int, error) {
	if w.replaced {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// rpcCode is the status code for what HTTP alone can say.
func rpcCode(status int) connect.Code {
	switch status {
	case http.StatusNotFound:
		return connect.CodeNotFound
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return connect.CodeUnimplemented
	case http.StatusUnsupportedMediaType, http.StatusBadRequest:
		return connect.CodeInvalidArgument
	}
	return connect.CodeUnknown
}

// Unwrap gives http.ResponseController the writer beneath.
func (w *jsonErrorWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush passes on what streaming protocols ask for by type assertion.
func (w *jsonErrorWriter) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// jsonCodec reads and writes the JSON of REST: fields that are unset are left out, those that are unknown ignored.
type jsonCodec struct {
	vanguard.JSONCodec
}

func newJSONCodec(types vanguard.TypeResolver) vanguard.Codec {
	return jsonCodec{vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{Resolver: types},
		UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types, DiscardUnknown: true},
	}}
}

// Unmarshal blames the caller for what is no JSON of the message: the transcoder would call it unknown.
func (c jsonCodec) Unmarshal(b []byte, msg proto.Message) error {
	return invalid(c.JSONCodec.Unmarshal(b, msg))
}

// UnmarshalField is Unmarshal for one field.
func (c jsonCodec) UnmarshalField(b []byte, msg proto.Message, field protoreflect.FieldDescriptor) error {
	return invalid(c.JSONCodec.UnmarshalField(b, msg, field))
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	// The error may quote the body, and an error with a text that is no UTF-8 cannot be sent.
	return connect.NewError(connect.CodeInvalidArgument, errors.New(strings.ToValidUTF8(err.Error(), "\uFFFD")))
}
