package codec

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

type (
	field   = descriptorpb.FieldDescriptorProto
	message = descriptorpb.DescriptorProto
)

const (
	unmarked = 0
	personal = 1
	secret   = 2
)

func textField(name string, number int32, marks int) *field {
	return &field{
		Name: &name, Number: &number, Options: marked(marks),
		Type:  descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
}

func listField(name string, number int32, marks int) *field {
	f := textField(name, number, marks)
	f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	return f
}

func messageField(name string, number int32, kind string, marks int) *field {
	f := textField(name, number, marks)
	f.Type, f.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String(".test."+kind)
	return f
}

func marked(marks int) *descriptorpb.FieldOptions {
	options := &descriptorpb.FieldOptions{}
	if marks&personal != 0 {
		proto.SetExtension(options, eventv1.E_Personal, true)
	}
	if marks&secret != 0 {
		proto.SetExtension(options, eventv1.E_Secret, true)
	}
	return options
}

func plain(name string, fields ...*field) *message { return &message{Name: &name, Field: fields} }

func typed(name, kind string, fields ...*field) *message {
	m := plain(name, fields...)
	m.Options = &descriptorpb.MessageOptions{}
	proto.SetExtension(m.Options, eventv1.E_Type, kind)
	return m
}

func nested(outer *message, inner ...*message) *message {
	outer.NestedType = inner
	return outer
}

func mapMessage(name string, marks int) *message {
	entry := plain("TagsEntry", textField("key", 1, unmarked), textField("value", 2, unmarked))
	entry.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
	tags := messageField("tags", 1, name+".TagsEntry", marks)
	tags.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	return nested(typed(name, "tagged", tags), entry)
}

// registered builds the registry of one file with these messages.
func registered(t *testing.T, messages ...*message) (*registry, error) {
	t.Helper()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("test.proto"), Package: proto.String("test"), Syntax: proto.String("proto3"), MessageType: messages,
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return newRegistry([]protoreflect.FileDescriptor{file}, func(m protoreflect.MessageDescriptor) (protoreflect.MessageType, error) {
		return dynamicpb.NewMessageType(m), nil
	})
}

func TestMarksStandWhereTheyCannotBeMissed(t *testing.T) {
	t.Parallel()
	held := plain("Held", textField("name", 1, unmarked))
	for _, test := range []struct {
		name     string
		messages []*message
		want     string // in the error; empty: accepted
	}{
		{"top-level text", []*message{typed("A", "a", textField("x", 1, personal), textField("y", 2, secret))}, ""},
		{"a message sealed whole", []*message{held, typed("A", "a", messageField("h", 1, "Held", personal))}, ""},
		{"no marks at all", []*message{typed("A", "a", listField("l", 1, unmarked)), held, mapMessage("M", unmarked)}, ""},
		{"an event inside a message", []*message{nested(plain("Outer"), typed("A", "a", textField("x", 1, personal)))}, ""},

		{"both marks", []*message{typed("A", "a", textField("x", 1, personal|secret))}, "test.A: field x is marked both"},
		{"a marked list", []*message{typed("A", "a", listField("l", 1, personal))}, "test.A: field l is marked but repeated"},
		{"a secret list", []*message{typed("A", "a", listField("l", 1, secret))}, "test.A: field l is marked but repeated"},
		{"a marked map", []*message{mapMessage("M", personal)}, "test.M: field tags is marked but repeated"},
		{"a mark below the top", []*message{plain("Held", textField("name", 1, personal))}, "test.Held: has marked fields but is no event"},
		{"a secret below the top", []*message{plain("Held", textField("name", 1, secret))}, "test.Held: has marked fields but is no event"},
		{"a mark in a message inside an event",
			[]*message{nested(typed("A", "a"), plain("Inner", textField("x", 1, personal)))}, "test.A.Inner: has marked"},
		{"an event held by an event",
			[]*message{typed("A", "a", textField("x", 1, personal)), typed("B", "b", messageField("a", 1, "A", unmarked))},
			"test.B: field a holds test.A, which has marked fields"},
		{"an event held further down",
			[]*message{
				typed("A", "a", textField("x", 1, personal)), plain("Held", messageField("a", 1, "A", unmarked)),
				typed("B", "b", messageField("h", 1, "Held", personal)),
			}, "test.Held: field a holds test.A, which has marked fields"},
		{"an event that holds itself",
			[]*message{typed("A", "a", textField("x", 1, personal), messageField("a", 2, "A", unmarked))},
			"test.A: field a holds test.A, which has marked fields"},
		{"a plain message that holds itself", []*message{typed("A", "a", messageField("a", 1, "A", unmarked))}, ""},
		{"one type twice", []*message{typed("A", "a"), typed("B", "a")}, `test.B: type "a" belongs to test.A already`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			events, err := registered(t, test.messages...)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error is %v; want %q", err, test.want)
			case test.want != "" && events != nil:
				t.Error("a registry came with the error")
			}
		})
	}
}

func TestPartsFollowTheMarks(t *testing.T) {
	t.Parallel()
	events, err := registered(t, typed("A", "a", textField("o", 1, unmarked), textField("p", 2, personal), textField("s", 16, secret)))
	if err != nil {
		t.Fatal(err)
	}
	a := events.byName["a"]
	msg := a.message.New()
	for _, name := range []protoreflect.Name{"o", "p", "s"} {
		msg.Set(msg.Descriptor().Fields().ByName(name), protoreflect.ValueOfString("in "+string(name)))
	}
	parts, err := a.marshal(msg.Interface())
	if err != nil {
		t.Fatal(err)
	}
	merged := a.message.New().Interface()
	for p, want := range map[part]string{openPart: "in o", personalPart: "in p", secretPart: "in s"} {
		if got := string(parts[p]); !strings.HasSuffix(got, want) || strings.Count(got, "in ") != 1 {
			t.Errorf("%s part is %q; want %q alone", p, got, want)
		}
		if err := merge(parts[p], merged); err != nil {
			t.Fatal(err)
		}
	}
	if !proto.Equal(merged, msg.Interface()) {
		t.Errorf("the parts together are %v; want %v", merged, msg)
	}
}

func TestPublishedMessagesAreAccepted(t *testing.T) {
	t.Parallel()
	files := published()
	if len(files) < 5 {
		t.Errorf("only %d files of events are known", len(files))
	}
	events, err := newRegistry(files, func(m protoreflect.MessageDescriptor) (protoreflect.MessageType, error) {
		return protoregistry.GlobalTypes.FindMessageByName(m.FullName())
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, number := range map[string]protoreflect.FieldNumber{
		"user.human.added": 4, "user.email.changed": 1, "user.password.changed": 1, "user.metadata.set": 2,
	} {
		if e := events.byName[name]; e == nil || e.parts[number] == openPart {
			t.Errorf("field %d of %s is not sealed", number, name)
		}
	}
}
