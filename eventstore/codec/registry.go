package codec

import (
	"errors"
	"fmt"
	"iter"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

// part is where a field's bytes go.
type part uint8

const (
	openPart part = iota
	personalPart
	secretPart
	partCount
)

// String is what sealed parts are bound to: it never changes.
func (p part) String() string { return [partCount]string{"open", "personal", "secret"}[p] }

// revision is what Encode writes. A shape that readers must tell apart gets the next one.
const revision = 1

// event is one event message.
type event struct {
	name    string
	message protoreflect.MessageType
	parts   map[protoreflect.FieldNumber]part // of every field
	sealed  bool                              // some field is marked
}

// registry knows the event messages by type name and by message.
type registry struct {
	byName    map[string]*event
	byMessage map[protoreflect.FullName]*event
}

// published returns the files of package signet.event.v1.
func published() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	name := eventv1.File_signet_event_v1_options_proto.Package()
	protoregistry.GlobalFiles.RangeFilesByPackage(name, func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	return files
}

// finder returns the Go type of a message.
type finder func(protoreflect.MessageDescriptor) (protoreflect.MessageType, error)

// newRegistry collects the event messages of files and checks the marks of all their messages.
func newRegistry(files []protoreflect.FileDescriptor, find finder) (*registry, error) {
	r := &registry{byName: make(map[string]*event), byMessage: make(map[protoreflect.FullName]*event)}
	for _, file := range files {
		for message := range walk(file.Messages()) {
			if err := r.add(message, find); err != nil {
				return nil, fmt.Errorf("codec: %s: %w", message.FullName(), err)
			}
		}
	}
	return r, nil
}

// walk yields messages and the messages declared inside them.
func walk(messages protoreflect.MessageDescriptors) iter.Seq[protoreflect.MessageDescriptor] {
	return func(yield func(protoreflect.MessageDescriptor) bool) {
		for i := range messages.Len() {
			if !yield(messages.Get(i)) {
				return
			}
			for inner := range walk(messages.Get(i).Messages()) {
				if !yield(inner) {
					return
				}
			}
		}
	}
}

func (r *registry) add(message protoreflect.MessageDescriptor, find finder) error {
	parts, err := partsOf(message)
	if err != nil {
		return err
	}
	name := typeOf(message)
	if name == "" {
		if hasMarks(message) {
			return errors.New("has marked fields but is no event: mark the event's field that holds it")
		}
		return nil
	}
	if other, taken := r.byName[name]; taken {
		return fmt.Errorf("type %q belongs to %s already", name, other.message.Descriptor().FullName())
	}
	kind, err := find(message)
	if err != nil {
		return err
	}
	e := &event{name: name, message: kind, parts: parts, sealed: hasMarks(message)}
	r.byName[name] = e
	r.byMessage[message.FullName()] = e
	return nil
}

// partsOf assigns every field its part. A mark must not be one that the split, which sees top-level fields only and
// relies on each being merged from one part, would miss.
func partsOf(message protoreflect.MessageDescriptor) (map[protoreflect.FieldNumber]part, error) {
	fields := message.Fields()
	parts := make(map[protoreflect.FieldNumber]part, fields.Len())
	for i := range fields.Len() {
		field := fields.Get(i)
		p, err := partOf(field)
		if err != nil {
			return nil, err
		}
		if held := field.Message(); held != nil && hasMarks(held) {
			return nil, fmt.Errorf("field %s holds %s, which has marked fields", field.Name(), held.FullName())
		}
		parts[field.Number()] = p
	}
	return parts, nil
}

func partOf(field protoreflect.FieldDescriptor) (part, error) {
	personal, secret := marks(field)
	switch {
	case personal && secret:
		return 0, fmt.Errorf("field %s is marked both personal and secret", field.Name())
	case (personal || secret) && field.Cardinality() == protoreflect.Repeated:
		return 0, fmt.Errorf("field %s is marked but repeated: put the list into a message and mark that", field.Name())
	case personal:
		return personalPart, nil
	case secret:
		return secretPart, nil
	}
	return openPart, nil
}

func marks(field protoreflect.FieldDescriptor) (personal, secret bool) {
	return proto.GetExtension(field.Options(), eventv1.E_Personal).(bool),
		proto.GetExtension(field.Options(), eventv1.E_Secret).(bool)
}

func hasMarks(message protoreflect.MessageDescriptor) bool {
	fields := message.Fields()
	for i := range fields.Len() {
		if personal, secret := marks(fields.Get(i)); personal || secret {
			return true
		}
	}
	return false
}

// typeOf returns the type option of a message.
func typeOf(message protoreflect.MessageDescriptor) string {
	return proto.GetExtension(message.Options(), eventv1.E_Type).(string)
}

// Type returns the type name of an event message, "" for messages that are no events.
func Type(msg proto.Message) string {
	if msg == nil {
		return ""
	}
	return typeOf(msg.ProtoReflect().Descriptor())
}
