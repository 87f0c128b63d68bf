package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// method is an RPC as its definition has it.
type method = protoreflect.MethodDescriptor

func procedure(m method) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// answer is what came back, whatever the protocol. Code 0 is success.
type answer struct {
	code connect.Code
	text string
}

// door is one way in. A header value replaces the usual Authorization; nil sends none.
type door struct {
	name string
	send func(ctx context.Context, m method, request proto.Message, authorization []string) (answer, error)
}

// doors are the ways in that do not share code on the client's side.
func (n *server) doors(t testing.TB) []door {
	t.Helper()
	plain := httpClient(t, "", false)
	conn := n.dial()
	return []door{
		{"connect", func(ctx context.Context, m method, request proto.Message, authorization []string) (answer, error) {
			body, err := protojson.Marshal(request)
			if err != nil {
				return answer{}, err
			}
			return post(ctx, plain, n.url()+procedure(m), "application/json", body, authorization)
		}},
		{"gRPC", func(ctx context.Context, m method, request proto.Message, authorization []string) (answer, error) {
			return invoke(metadata.NewOutgoingContext(ctx, metadata.MD{"authorization": authorization}), conn, m, request)
		}},
		{"REST", func(ctx context.Context, m method, request proto.Message, authorization []string) (answer, error) {
			verb, target, body, err := route(m, request)
			if err != nil {
				return answer{}, err
			}
			return do(ctx, plain, verb, n.url()+target, "application/json", body, authorization)
		}},
	}
}

func invoke(ctx context.Context, conn *grpc.ClientConn, m method, request proto.Message, options ...grpc.CallOption) (answer, error) {
	err := conn.Invoke(ctx, procedure(m), request, dynamicpb.NewMessage(m.Output()), options...)
	said := status.Convert(err)
	return answer{connect.Code(said.Code()), said.Message()}, nil
}

func post(ctx context.Context, c *http.Client, target, kind string, body []byte, authorization []string) (answer, error) {
	return do(ctx, c, http.MethodPost, target, kind, body, authorization)
}

// do sends a request and reads the answer of Connect or REST: errors are JSON objects with a code, by name or number.
func do(ctx context.Context, c *http.Client, verb, target, kind string, body []byte, authorization []string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, verb, target, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", kind)
	}
	r.Header["Authorization"] = authorization
	res, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode == http.StatusOK {
		return answer{}, err
	}
	var refusal struct {
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
	}
	if err := json.Unmarshal(text, &refusal); err != nil {
		return answer{}, fmt.Errorf("%s: %s is no error in JSON: %q", target, res.Status, text)
	}
	var code connect.Code
	if err := json.Unmarshal(refusal.Code, &code); err != nil {
		var number uint32
		if err := json.Unmarshal(refusal.Code, &number); err != nil {
			return answer{}, fmt.Errorf("%s: %s has no code: %q", target, res.Status, text)
		}
		code = connect.Code(number)
	}
	otherVerb := res.StatusCode == http.StatusMethodNotAllowed && code == connect.CodeUnimplemented
	if want := httpStatus(code); want != res.StatusCode && !otherVerb {
		return answer{}, fmt.Errorf("%s: %s goes with status %d, not %d", target, code, want, res.StatusCode)
	}
	return answer{code, refusal.Message}, nil
}

// httpStatus is the status that goes with a code, in Connect and REST alike.
func httpStatus(code connect.Code) int {
	switch code {
	case connect.CodeInvalidArgument, connect.CodeFailedPrecondition:
		return http.StatusBadRequest
	case connect.CodeUnauthenticated:
		return http.StatusUnauthorized
	case connect.CodePermissionDenied:
		return http.StatusForbidden
	case connect.CodeNotFound:
		return http.StatusNotFound
	case connect.CodeAlreadyExists:
		return http.StatusConflict
	case connect.CodeResourceExhausted:
		return http.StatusTooManyRequests
	case connect.CodeUnimplemented:
		return http.StatusNotImplemented
	case connect.CodeUnavailable:
		return http.StatusServiceUnavailable
	case connect.CodeDeadlineExceeded:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

var pathVariable = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// route translates a request by the RPC's REST route: variables of the path, and either a body or a query.
func route(m method, request proto.Message) (verb, target string, body []byte, err error) {
	rule, ok := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return "", "", nil, fmt.Errorf("%s has no REST route", m.FullName())
	}
	verb, path := verbAndPath(rule)
	rest := proto.Clone(request).ProtoReflect()
	path = pathVariable.ReplaceAllStringFunc(path, func(variable string) string {
		field := m.Input().Fields().ByName(protoreflect.Name(strings.Trim(variable, "{}")))
		value := rest.Get(field).String()
		rest.Clear(field)
		return url.PathEscape(value)
	})
	if body, err = protojson.Marshal(rest.Interface()); err != nil || rule.GetBody() == "*" {
		return verb, path, body, err
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", "", nil, err
	}
	query := url.Values{}
	flatten("", fields, query)
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return verb, path, nil, nil
}

func verbAndPath(rule *annotations.HttpRule) (verb, path string) {
	for verb, path := range map[string]string{
		http.MethodGet: rule.GetGet(), http.MethodPost: rule.GetPost(), http.MethodPut: rule.GetPut(),
		http.MethodDelete: rule.GetDelete(), http.MethodPatch: rule.GetPatch(),
	} {
		if path != "" {
			return verb, path
		}
	}
	return "", ""
}

func flatten(prefix string, value any, into url.Values) {
	switch v := value.(type) {
	case map[string]any:
		for name, field := range v {
			flatten(strings.TrimPrefix(prefix+"."+name, "."), field, into)
		}
	case []any:
		for _, item := range v {
			flatten(prefix, item, into)
		}
	default:
		into.Add(prefix, fmt.Sprint(v))
	}
}

// internals is what no caller may ever read.
var internals = regexp.MustCompile(`(?i)sqlstate|\bpgx|postgres|\bselect\b.*\bfrom\b|insert into|syntax error at|duplicate key|constraint|\.go:\d+|goroutine|nil pointer`)

// wantAnswer demands one of some codes, with a text fit for people.
func wantAnswer(t testing.TB, what string, got answer, err error, codes ...connect.Code) {
	t.Helper()
	switch {
	case err != nil:
		t.Errorf("%s: %v", what, err)
	case !slices.Contains(codes, got.code):
		t.Errorf("%s: %v expected, got %v: %s", what, codes, got.code, got.text)
	case got.code != 0 && got.text == "":
		t.Errorf("%s: %v without a word", what, got.code)
	case internals.MatchString(got.text):
		t.Errorf("%s: the text tells of the inside: %s", what, got.text)
	}
}
