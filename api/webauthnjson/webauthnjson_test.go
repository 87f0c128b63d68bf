package webauthnjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"

	"github.com/signet-iam/signet/api/webauthnjson"
	"github.com/signet-iam/signet/command/user"
)

const creation = `{"publicKey":{"rp":{"name":"Signet","id":"example.com"},"user":{"name":"ann","displayName":"Ann","id":"YWJj"},
"challenge":"q1w2e3r4t5y6u7i8o9p0","pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-8},
{"type":"public-key","alg":-257}],"timeout":300000,"excludeCredentials":[{"type":"public-key","id":"aWQ","transports":["usb"]}],
"authenticatorSelection":{"residentKey":"required","requireResidentKey":true,"userVerification":"required"},"attestation":"none"}}`

// plain is the longer way: over values of Go.
func plain(options []byte) (*structpb.Struct, error) {
	var fields map[string]any
	if err := json.Unmarshal(options, &fields); err != nil {
		return nil, err
	}
	return structpb.NewStruct(fields)
}

func drawValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64().Draw(t, "number")
		case 3:
			return rapid.String().Draw(t, "text")
		case 4:
			return rapid.SliceOfN(drawValue(depth-1), 0, 4).Draw(t, "list")
		default:
			return drawObject(depth-1).Draw(t, "object")
		}
	})
}

func drawObject(depth int) *rapid.Generator[map[string]any] {
	return rapid.MapOfN(rapid.StringN(0, 4, -1), drawValue(depth), 0, 4)
}

// However an object looks, its message is the same as over values of Go.
func TestOptionsAreWhatTheirValuesAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		document, err := json.Marshal(drawObject(4).Draw(t, "object"))
		if rapid.Bool().Draw(t, "with white space") {
			var wide bytes.Buffer
			err = errors.Join(err, json.Indent(&wide, document, "\r", "\t "))
			document = wide.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := webauthnjson.Options(document)
		want, wrong := plain(document)
		if err != nil || wrong != nil || !proto.Equal(got, want) {
			t.Fatalf("%s\ngot  %v, %v\nwant %v, %v", document, got, err, want, wrong)
		}
	})
	for _, document := range []string{creation, `{"a":1,"a":{"b":2}}`, "{\"\\ud800\":\"\xff\"}", `{"a\\":"\"\\","b":["\\\"",",]}"]}`, ` { } `} {
		got, err := webauthnjson.Options([]byte(document))
		want, wrong := plain([]byte(document))
		if err != nil || wrong != nil || !proto.Equal(got, want) {
			t.Errorf("%s\ngot  %v, %v\nwant %v, %v", document, got, err, want, wrong)
		}
	}
}

func TestOptionsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		``, `null`, `[]`, `"a"`, `1`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{"a":[1,]}`, `{"a":[1}`, `{"a":{"b":1]}`, `{1:2}`, `{} {}`, `{}}`,
		`{"a":1e999}`, `{"a":nul}`,
	} {
		if got, err := webauthnjson.Options([]byte(document)); err == nil {
			t.Errorf("%s is taken: %v", document, got)
		}
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	message, err := plain([]byte(creation))
	if err != nil {
		t.Fatal(err)
	}
	document, err := webauthnjson.Response(message)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := plain(document); err != nil || !proto.Equal(back, message) {
		t.Errorf("%v, %v", back, err)
	}
	message.Fields["a"] = structpb.NewNumberValue(math.NaN())
	if _, err := webauthnjson.Response(message); !errors.Is(err, user.ErrUnreadableCredential) {
		t.Errorf("a number that JSON does not know: %v", err)
	}
}

func BenchmarkOptions(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := webauthnjson.Options([]byte(creation)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plain([]byte(creation)); err != nil {
			b.Fatal(err)
		}
	}
}
