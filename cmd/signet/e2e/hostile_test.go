package e2e_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Texts that have broken databases, templates, terminals, paths and parsers before. None of them is refused by the rules
// everywhere, so the answer may be anything but a fault.
var hostile = []string{
	"a\x00b", "\x00", "'; drop table eventstore.events; --", `"`, `\`, "%", "%00", "a/b", "..", ".", "a:b", "#", "{{.}}", "{{.Code",
	"${jndi:ldap://x}", "\u202egnp.exe", "\ufeff", "\U0010ffff", "\r\nSet-Cookie: a=b", "\x1b[2J", " ", "système", "e\u0301", "system",
	"-1", "1e999", "NaN", "null", strings.Repeat("a", 200), strings.Repeat("𝔘", 200), strings.Repeat("(", 200),
}

func testHostileTexts(t *testing.T, on *target) {
	for _, m := range served() {
		victim := on.client(on.token()).add(t, verified(fmt.Sprintf("victim-of-%s@example.com", m.FullName())))
		walk(m.Input(), nil, func(at path, field protoreflect.FieldDescriptor) {
			if field.Kind() != protoreflect.StringKind {
				return
			}
			for i, text := range hostile {
				request := valid(m, victim)
				inner := at.reach(request.ProtoReflect())
				inner.Set(field, listed(inner, field, []protoreflect.Value{protoreflect.ValueOfString(text)}))
				doors := on.doorsOf(m)
				d := doors[(i+field.Index())%len(doors)]
				if strings.Trim(text, ".") == "" {
					d = on.doors[0] // in the path of REST it is another path
				}
				got, err := d.send(t.Context(), m, request, on.admin)
				wantAnswer(t, fmt.Sprintf("%s over %s: %s is %q", m.Name(), d.name, at.with(field), text), got, err, anyRefusal(m)...)
			}
		})
	}
}

func testExtremeNumbers(t *testing.T, on *target) {
	extremes := map[protoreflect.Kind][]any{
		protoreflect.Int32Kind:  {int32(math.MinInt32), int32(-1), int32(math.MaxInt32)},
		protoreflect.Int64Kind:  {int64(math.MinInt64), int64(-1), int64(math.MaxInt64)},
		protoreflect.Uint32Kind: {uint32(math.MaxUint32)},
		protoreflect.Uint64Kind: {uint64(math.MaxInt64), uint64(math.MaxUint64)},
		protoreflect.EnumKind:   {protoreflect.EnumNumber(-1), protoreflect.EnumNumber(math.MaxInt32), protoreflect.EnumNumber(math.MinInt32)},
	}
	for _, m := range served() {
		try := func(at path, field protoreflect.FieldDescriptor, value any) {
			request := valid(m, "admin")
			at.reach(request.ProtoReflect()).Set(field, protoreflect.ValueOf(value))
			what := fmt.Sprintf("%s is %v", at.with(field), value)
			for _, d := range on.doorsOf(m) {
				if _, err := protojson.Marshal(request); err != nil && d.name != "gRPC" {
					continue // JSON has no form for it
				}
				got, err := d.send(t.Context(), m, request, on.admin)
				wantAnswer(t, fmt.Sprintf("%s over %s: %s", m.Name(), d.name, what), got, err, anyRefusal(m)...)
			}
		}
		walk(m.Input(), nil, func(at path, field protoreflect.FieldDescriptor) {
			if field.IsList() {
				return
			}
			for _, value := range extremes[field.Kind()] {
				try(at, field, value)
			}
			if inner := field.Message(); inner != nil && inner.ParentFile().Package() == "google.protobuf" && inner.Fields().ByName("seconds") != nil {
				for _, seconds := range []int64{math.MinInt64, -62135596801, 253402300800, math.MaxInt64} {
					try(at.with(field), inner.Fields().ByName("seconds"), seconds)
				}
				try(at.with(field), inner.Fields().ByName("nanos"), int32(-1))
				try(at.with(field), inner.Fields().ByName("nanos"), int32(math.MaxInt32))
			}
		})
	}
}

// Each field once with a value of another type.
func testWrongJSONTypes(t *testing.T, on *target) {
	c := httpClient(t, "", false)
	for _, m := range served() {
		verb, target, body := overREST(t, m)
		walk(m.Input(), nil, func(at path, field protoreflect.FieldDescriptor) {
			request := valid(m, "admin")
			at.reach(request.ProtoReflect())
			spoiled, err := protojson.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			spoiled = spoil(t, spoiled, at, field)
			what := fmt.Sprintf("%s: %s has another type: %s", m.Name(), at.with(field), spoiled)
			got, err := post(t.Context(), c, on.url()+procedure(m), "application/json", spoiled, on.admin)
			wantAnswer(t, "connect "+what, got, err, connect.CodeInvalidArgument)
			if len(body) > 0 && (len(at) > 0 || !inPath(m, field)) {
				got, err := do(t.Context(), c, verb, on.url()+target, "application/json", spoiled, on.admin)
				wantAnswer(t, "REST "+what, got, err, connect.CodeInvalidArgument)
			}
		})
	}
	for _, query := range []string{"page_size=many", "after_position=here", "since=yesterday", "asc=maybe", "page_size=99999999999"} {
		got, err := do(t.Context(), c, http.MethodGet, on.url()+"/audit/v1/events?"+query, "", nil, on.admin)
		wantAnswer(t, "REST "+query, got, err, connect.CodeInvalidArgument)
	}
}

// spoil gives a field in a JSON object a value of a type that it cannot have.
func spoil(t testing.TB, object []byte, at path, field protoreflect.FieldDescriptor) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatal(err)
	}
	inner := fields
	for _, step := range at {
		switch v := inner[step.JSONName()].(type) {
		case map[string]any:
			inner = v
		case []any:
			inner, _ = v[0].(map[string]any)
		}
	}
	if choice := field.ContainingOneof(); choice != nil {
		for i := range choice.Fields().Len() {
			delete(inner, choice.Fields().Get(i).JSONName())
		}
	}
	inner[field.JSONName()] = map[bool]any{true: "text", false: []any{map[string]any{}}}[field.Message() != nil || field.IsList()]
	spoiled, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return spoiled
}

func testMalformedBodies(t *testing.T, on *target) {
	c := httpClient(t, "", false)
	deep := strings.Repeat(`{"query":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	text := protowire.AppendTag(nil, 1, protowire.BytesType)
	for _, m := range served() {
		verb, target, body := overREST(t, m)
		for _, junk := range []string{"{", "}", "nope", "[1]", `"text"`, "1", "{]", `{"userId":}`, `{"a":1,}`, "\xff\xfe", `{"userId":"` + "\xff" + `"}`, "{} {}", deep} {
			what := fmt.Sprintf("%s: %.20q", m.Name(), junk)
			got, err := post(t.Context(), c, on.url()+procedure(m), "application/json", []byte(junk), on.admin)
			wantAnswer(t, "connect "+what, got, err, connect.CodeInvalidArgument)
			if len(body) > 0 {
				got, err := do(t.Context(), c, verb, on.url()+target, "application/json", []byte(junk), on.admin)
				wantAnswer(t, "REST "+what, got, err, connect.CodeInvalidArgument)
			}
		}
		for name, junk := range map[string][]byte{
			"no protobuf": []byte("\xff\xff\xff"), "cut off": protowire.AppendVarint(text, 10), "no UTF-8": protowire.AppendBytes(text, []byte("\xff\xfe")),
			"endless": bytes.Repeat([]byte{0x80}, 20),
		} {
			if name == "no UTF-8" && !textFirst(m) {
				continue
			}
			got, err := post(t.Context(), c, on.url()+procedure(m), "application/proto", junk, on.admin)
			wantAnswer(t, fmt.Sprintf("connect %s: %s", m.Name(), name), got, err, connect.CodeInvalidArgument)
		}
	}
}

// textFirst reports whether field 1 of a request is a text.
func textFirst(m method) bool {
	field := m.Input().Fields().ByNumber(1)
	return field != nil && field.Kind() == protoreflect.StringKind && !field.IsList()
}

// Two megabytes are too many, also where they are small on their way.
func testLargeBodies(t *testing.T, on *target) {
	c := httpClient(t, "", false)
	large := `{"userId": "` + strings.Repeat("x", 2<<20) + `"}`
	var small bytes.Buffer
	zip := gzip.NewWriter(&small)
	if _, err := io.WriteString(zip, large); err != nil || zip.Close() != nil {
		t.Fatal("gzip")
	}
	for _, m := range served() {
		got, err := post(t.Context(), c, on.url()+procedure(m), "application/json", []byte(large), on.admin)
		wantAnswer(t, fmt.Sprintf("connect %s: 2 MiB", m.Name()), got, err, connect.CodeResourceExhausted)
		verb, target, body := overREST(t, m)
		if len(body) > 0 {
			got, err := do(t.Context(), c, verb, on.url()+target, "application/json", []byte(large), on.admin)
			wantAnswer(t, fmt.Sprintf("REST %s: 2 MiB", m.Name()), got, err, connect.CodeResourceExhausted)
		}
		request := valid(m, "admin")
		if textFirst(m) {
			request.ProtoReflect().Set(m.Input().Fields().ByNumber(1), protoreflect.ValueOfString(strings.Repeat("x", 2<<20)))
			got, err := on.doors[1].send(t.Context(), m, request, on.admin)
			wantAnswer(t, fmt.Sprintf("gRPC %s: 2 MiB", m.Name()), got, err, connect.CodeResourceExhausted)
		}
		r, err := http.NewRequest(http.MethodPost, on.url()+procedure(m), bytes.NewReader(small.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}, "Authorization": on.admin}
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != httpStatus(connect.CodeResourceExhausted) {
			t.Errorf("%s: 2 MiB, zipped: %s", m.Name(), res.Status)
		}
	}
}
