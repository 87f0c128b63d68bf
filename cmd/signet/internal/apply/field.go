package apply

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
)

// fieldsOf adds every field of a message under a prefix, unset ones with their defaults.
func fieldsOf(m protoreflect.Message, prefix string, into Fields) {
	for i := range m.Descriptor().Fields().Len() {
		fd := m.Descriptor().Fields().Get(i)
		if path := prefix + string(fd.Name()); nested(fd) {
			fieldsOf(m.Get(fd).Message(), path+".", into)
		} else if text, ok := textOf(fd, m.Get(fd)); ok {
			into[path] = text
		}
	}
}

// nested reports whether a field is a message with fields of its own.
func nested(fd protoreflect.FieldDescriptor) bool {
	return fd.Kind() == protoreflect.MessageKind && !fd.IsList() && !fd.IsMap() && !isDuration(fd)
}

func isDuration(fd protoreflect.FieldDescriptor) bool {
	return fd.Kind() == protoreflect.MessageKind && fd.Message().FullName() == "google.protobuf.Duration"
}

// textOf returns the canonical text of a value; false for a kind of field that has none.
func textOf(fd protoreflect.FieldDescriptor, v protoreflect.Value) (string, bool) {
	if fd.IsMap() {
		return "", false
	}
	if !fd.IsList() {
		return scalarText(fd, v)
	}
	items := make([]string, v.List().Len())
	for i := range items {
		text, ok := scalarText(fd, v.List().Get(i))
		if !ok {
			return "", false
		}
		items[i] = text
	}
	if fd.Kind() == protoreflect.EnumKind {
		return setText(items), true
	}
	return listText(items), true
}

func scalarText(fd protoreflect.FieldDescriptor, v protoreflect.Value) (string, bool) {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return strconv.FormatBool(v.Bool()), true
	case protoreflect.StringKind:
		return v.String(), true
	case protoreflect.BytesKind:
		return string(v.Bytes()), true
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return strconv.FormatUint(v.Uint(), 10), true
	case protoreflect.EnumKind:
		return enumNumberText(fd.Enum(), v.Enum()), true
	}
	if isDuration(fd) {
		d := v.Message()
		seconds, nanos := d.Descriptor().Fields().ByName("seconds"), d.Descriptor().Fields().ByName("nanos")
		return (time.Duration(d.Get(seconds).Int())*time.Second + time.Duration(d.Get(nanos).Int())).String(), true
	}
	return "", false
}

// enumNumberText is the name of a number; of several the last, because the others are older.
func enumNumberText(enum protoreflect.EnumDescriptor, number protoreflect.EnumNumber) string {
	for i := enum.Values().Len() - 1; i >= 0; i-- {
		if value := enum.Values().Get(i); value.Number() == number {
			return enumText(value)
		}
	}
	return strconv.Itoa(int(number)) // of a newer server
}

// enumText is the name of a value without what all values of its enum begin with, in small letters.
func enumText(value protoreflect.EnumValueDescriptor) string {
	values := value.Parent().(protoreflect.EnumDescriptor).Values()
	common := string(values.Get(0).Name())
	for i := range values.Len() {
		for name := string(values.Get(i).Name()); !strings.HasPrefix(name, common); {
			common = common[:len(common)-1]
		}
	}
	common = common[:strings.LastIndexByte(common, '_')+1]
	return strings.ToLower(strings.TrimPrefix(string(value.Name()), common))
}

// listText is the canonical text of a list whose order counts.
func listText(items []string) string {
	if len(items) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(items) // strings always have a form
	return string(text)
}

// setText is the canonical text of a list whose order does not count.
func setText(items []string) string {
	items = slices.Clone(items)
	slices.Sort(items)
	return listText(slices.Compact(items))
}

// itemsOf reads the text of a list.
func itemsOf(text string) []string {
	var items []string
	_ = json.Unmarshal([]byte(text), &items) // it is our own
	return items
}

// setField gives a field of a message, by path, a value from its canonical text. A default sets nothing where that would choose
// between alternatives.
func setField(m protoreflect.Message, path, text string) error {
	name, rest, deeper := strings.Cut(path, ".")
	fd := m.Descriptor().Fields().ByName(protoreflect.Name(name))
	if fd == nil || nested(fd) != deeper {
		return fmt.Errorf("no field %s", path)
	}
	if deeper {
		return setField(m.Mutable(fd).Message(), rest, text)
	}
	if fd.IsList() {
		list := m.NewField(fd)
		for _, item := range itemsOf(text) {
			v, err := scalar(fd, item)
			if err != nil {
				return err
			}
			list.List().Append(v)
		}
		m.Set(fd, list)
		return nil
	}
	v, err := scalar(fd, text)
	if err != nil {
		return err
	}
	choice := fd.ContainingOneof() != nil && !fd.ContainingOneof().IsSynthetic()
	if (choice || isDuration(fd)) && !m.Has(fd) {
		if none, ok := textOf(fd, m.Get(fd)); ok && none == text {
			return nil
		}
	}
	m.Set(fd, v)
	return nil
}

// scalar reads the canonical text of one value.
func scalar(fd protoreflect.FieldDescriptor, text string) (protoreflect.Value, error) {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		if text == "true" || text == "false" {
			return protoreflect.ValueOfBool(text == "true"), nil
		}
		return protoreflect.Value{}, errors.New("true or false is expected")
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), nil
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(text)), nil
	case protoreflect.Uint32Kind:
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return protoreflect.Value{}, errors.New("a whole number from 0 is expected")
		}
		return protoreflect.ValueOfUint32(uint32(n)), nil
	case protoreflect.Uint64Kind:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return protoreflect.Value{}, errors.New("a whole number from 0 is expected")
		}
		return protoreflect.ValueOfUint64(n), nil
	case protoreflect.EnumKind:
		return enumValue(fd.Enum(), text)
	}
	if isDuration(fd) {
		d, err := time.ParseDuration(text)
		if err != nil {
			return protoreflect.Value{}, errors.New("a time such as 240h or 15m is expected")
		}
		return protoreflect.ValueOfMessage(durationpb.New(d).ProtoReflect()), nil
	}
	return protoreflect.Value{}, fmt.Errorf("%s: no text form", fd.FullName())
}

func enumValue(enum protoreflect.EnumDescriptor, text string) (protoreflect.Value, error) {
	names := make([]string, enum.Values().Len())
	for i := range names {
		names[i] = enumText(enum.Values().Get(i))
		if names[i] == text {
			return protoreflect.ValueOfEnum(enum.Values().Get(i).Number()), nil
		}
	}
	return protoreflect.Value{}, fmt.Errorf("one of %s is expected", strings.Join(names, ", "))
}

// fill gives a message the fields that it has; the others are for the caller.
func fill(m proto.Message, fields Fields) error {
	for path, text := range fields {
		name, _, _ := strings.Cut(path, ".")
		if m.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name)) == nil {
			continue
		}
		if err := setField(m.ProtoReflect(), path, text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
