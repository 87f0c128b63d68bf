package audit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// No file of this package may ask the codec for secret fields, under whatever name it is imported, nor write its depth
// as a number.
func TestSecretsAreNeverAskedFor(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	scanned := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		scanned++
		file, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if n.Sel.Name == "Secret" {
					t.Errorf("%s names Secret", f.Name())
				}
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "codec" && n.Sel.Name == "Depth" {
					return true
				}
			case *ast.CallExpr:
				if fun, ok := n.Fun.(*ast.SelectorExpr); ok && fun.Sel.Name == "Depth" {
					t.Errorf("%s converts to Depth", f.Name())
				}
			}
			return true
		})
	}
	if scanned == 0 {
		t.Fatal("no source was scanned")
	}
}

// Every published event, filled to the brim, comes out without its secret fields and digests.
func TestPayloadHoldsNoSecretAndNoDigest(t *testing.T) {
	t.Parallel()
	marker := "MARK" + uuid.NewString()
	seen, hiddenFields := 0, 0
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		if mt.Descriptor().ParentFile().Package() != "signet.event.v1" || proto.GetExtension(mt.Descriptor().Options(), eventv1.E_Type).(string) == "" {
			return true
		}
		seen++
		m := mt.New()
		hiddenFields += fill(m, marker)
		out, err := payload(m.Interface())
		if err != nil {
			t.Fatal(err)
		}
		text, err := out.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), marker) || strings.Contains(string(text), `"digest`) {
			t.Errorf("%s shows what is hidden: %s", mt.Descriptor().Name(), text)
		}
		return true
	})
	if seen < 10 || hiddenFields < 3 {
		t.Fatalf("only %d events with %d hidden fields were looked at", seen, hiddenFields)
	}
}

// fill sets every field, hidden ones to the marker, and counts those.
func fill(m protoreflect.Message, marker string) (hiddenFields int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		secret := proto.GetExtension(f.Options(), eventv1.E_Secret).(bool)
		if secret || f.Name() == "digest" || f.Name() == "digests" {
			hiddenFields++
		}
		switch {
		case f.IsList() && f.Kind() == protoreflect.BytesKind:
			m.Mutable(f).List().Append(protoreflect.ValueOfBytes([]byte{1}))
		case f.IsList() || f.IsMap():
		case f.Kind() == protoreflect.StringKind && secret:
			m.Set(f, protoreflect.ValueOfString(marker))
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString("x"))
		case f.Kind() == protoreflect.BytesKind:
			m.Set(f, protoreflect.ValueOfBytes([]byte{1}))
		case f.Kind() == protoreflect.MessageKind && strings.HasPrefix(string(f.Message().FullName()), "signet."):
			hiddenFields += fill(m.Mutable(f).Message(), marker)
		}
	}
	return hiddenFields
}
