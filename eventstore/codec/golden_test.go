package codec

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Golden events are the bytes of events as binaries once wrote them, in testdata/<type>.golden. They are never
// rewritten: -update adds files for forms that have none (<type>.2.golden and so on, when a message has got new
// fields).
var update = flag.Bool("update", false, "add golden events for new event messages and new fields")

// golden is an event as it was once written, before sealing, and what it says.
type golden struct {
	parts   [partCount][]byte
	message string // JSON
}

func (g *golden) encode(name string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s as written; never change or remove this file.\n", name)
	for p := range partCount {
		fmt.Fprintf(&out, "%s %x\n", p, g.parts[p])
	}
	fmt.Fprintf(&out, "message %s\n", g.message)
	return out.Bytes()
}

func readGolden(t *testing.T, path string) *golden {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := new(golden)
	for line := range strings.Lines(string(text)) {
		label, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch label {
		case "message":
			g.message = value
		case "open", "personal", "secret":
			p := map[string]part{"open": openPart, "personal": personalPart, "secret": secretPart}[label]
			if g.parts[p], err = hex.DecodeString(value); err != nil {
				t.Fatalf("%s: %s: %v", path, label, err)
			}
		}
	}
	return g
}

func newEvents(t *testing.T) *registry {
	t.Helper()
	events, err := newRegistry(published(), func(m protoreflect.MessageDescriptor) (protoreflect.MessageType, error) {
		return protoregistry.GlobalTypes.FindMessageByName(m.FullName())
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// goldenFiles returns the golden events of a type, oldest form first.
func goldenFiles(name string) (found []string, next string) {
	path := filepath.Join("testdata", name+".golden")
	for form := 2; ; form++ {
		if _, err := os.Stat(path); err != nil {
			return found, path
		}
		found = append(found, path)
		path = filepath.Join("testdata", fmt.Sprintf("%s.%d.golden", name, form))
	}
}

func TestGoldenEventsDecodeForEver(t *testing.T) {
	t.Parallel()
	events := newEvents(t)
	paths, err := filepath.Glob("testdata/*.golden")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden events: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimRight(strings.TrimSuffix(filepath.Base(path), ".golden"), ".0123456789")
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			e := events.byName[name]
			if e == nil {
				t.Fatalf("there is no event %q any more", name)
			}
			g := readGolden(t, path)
			if err := e.checkOpen(g.parts[openPart]); err != nil {
				t.Errorf("a mark has changed: %v", err)
			}
			got, want := e.message.New().Interface(), e.message.New().Interface()
			for _, part := range g.parts {
				if err := merge(part, got); err != nil {
					t.Fatal(err)
				}
			}
			if err := protojson.Unmarshal([]byte(g.message), want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, want) {
				t.Errorf("decodes to %v; want %v", got, want)
			}
			again, err := e.marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			for p := range partCount {
				if !bytes.Equal(again[p], g.parts[p]) {
					t.Errorf("%s part is now written as %x; was %x", p, again[p], g.parts[p])
				}
			}
		})
	}
}

func TestEveryEventAndFieldHasAGolden(t *testing.T) {
	t.Parallel()
	for name, e := range newEvents(t).byName {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full := e.message.New()
			fill(full)
			parts, err := e.marshal(full.Interface())
			if err != nil {
				t.Fatal(err)
			}
			found, next := goldenFiles(name)
			if n := len(found); n > 0 && samePart(readGolden(t, found[n-1]).parts, parts) {
				return
			}
			if !*update {
				t.Fatalf("%s is missing: add it with go test ./eventstore/codec -update, and commit it", next)
			}
			g := &golden{parts: parts, message: asJSON(t, full.Interface())}
			if err := os.WriteFile(next, g.encode(name), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func samePart(a, b [partCount][]byte) bool {
	for p := range partCount {
		if !bytes.Equal(a[p], b[p]) {
			return false
		}
	}
	return true
}

// asJSON is protojson without its deliberately unstable spaces.
func asJSON(t *testing.T, msg proto.Message) string {
	t.Helper()
	text, err := protojson.Marshal(msg)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// fill gives every field, at any depth, a fixed value that says which field it is. Changing a rule here asks for new
// golden events of all types: add rules only.
func fill(msg protoreflect.Message) {
	fields := msg.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.IsList():
			list := msg.Mutable(field).List()
			for place := range 2 {
				list.Append(fixed(field, place, list.NewElement))
			}
		default:
			msg.Set(field, fixed(field, 0, func() protoreflect.Value { return msg.NewField(field) }))
		}
	}
}

func fixed(field protoreflect.FieldDescriptor, place int, empty func() protoreflect.Value) protoreflect.Value {
	number := int64(field.Number())*100 + int64(place)
	text := fmt.Sprintf("%s %d", field.Name(), number)
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(text))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(field.Enum().Values().Get(1).Number())
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(number))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(number))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(number))
	case protoreflect.MessageKind:
		value := empty()
		fill(value.Message())
		return value
	}
	panic(fmt.Sprintf("no fixed value for %s fields yet: add a rule", field.Kind()))
}
