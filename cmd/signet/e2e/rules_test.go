package e2e_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// path leads through messages and lists to a field.
type path []protoreflect.FieldDescriptor

func (p path) String() string {
	names := make([]string, len(p))
	for i, field := range p {
		names[i] = string(field.Name())
	}
	return strings.Join(names, ".")
}

func (p path) with(field protoreflect.FieldDescriptor) path { return append(slices.Clone(p), field) }

// reach goes to the message at the end of a path and makes what is missing on the way, so that it breaks no rule.
func (p path) reach(m protoreflect.Message) protoreflect.Message {
	for _, field := range p {
		switch {
		case field.IsList():
			list := m.Mutable(field).List()
			if list.Len() == 0 {
				fill(list.AppendMutable().Message())
			}
			m = list.Get(0).Message()
		default:
			if !m.Has(field) {
				fill(m.Mutable(field).Message())
			}
			m = m.Mutable(field).Message()
		}
	}
	return m
}

// walk visits every field that a request may hold, each message type once on a path.
func walk(m protoreflect.MessageDescriptor, at path, visit func(at path, field protoreflect.FieldDescriptor)) {
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		visit(at, field)
		inner := field.Message()
		if inner == nil || field.IsMap() || inner.ParentFile().Package() == "google.protobuf" {
			continue
		}
		if slices.ContainsFunc(at, func(f protoreflect.FieldDescriptor) bool { return f.Message() == inner }) {
			continue
		}
		walk(inner, at.with(field), visit)
	}
}

// rules are the limits of a field, by names such as "string.max_len".
func rules(field protoreflect.FieldDescriptor) map[string]protoreflect.Value {
	found := make(map[string]protoreflect.Value)
	declared, err := protovalidate.ResolveFieldRules(field)
	if err != nil || declared == nil {
		return found
	}
	collect(declared.ProtoReflect(), found)
	return found
}

// collect notes rules, and those for the items of a list below "items.".
func collect(declared protoreflect.Message, into map[string]protoreflect.Value) {
	declared.Range(func(kind protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if kind.Message() == nil {
			into[string(kind.Name())] = v
			return true
		}
		v.Message().Range(func(rule protoreflect.FieldDescriptor, limit protoreflect.Value) bool {
			if rule.Name() == "items" {
				items := make(map[string]protoreflect.Value)
				collect(limit.Message(), items)
				for name, limit := range items {
					into["items."+name] = limit
				}
				return true
			}
			into[string(kind.Name())+"."+string(rule.Name())] = limit
			return true
		})
		return true
	})
}

// oneofRequired reports whether one of some fields has to be set.
func oneofRequired(o protoreflect.OneofDescriptor) bool {
	declared, err := protovalidate.ResolveOneofRules(o)
	return err == nil && declared.GetRequired()
}

// fill sets what a message needs to break no rule, and nothing else.
func fill(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		limits := rules(field)
		choice := field.ContainingOneof()
		chosen := choice != nil && !choice.IsSynthetic() && oneofRequired(choice) && m.WhichOneof(choice) == nil
		switch {
		case choice != nil && !chosen:
		case limits["timestamp.gt"].IsValid():
			m.Set(field, protoreflect.ValueOfMessage(timestamppb.New(time.Now().AddDate(1, 0, 0)).ProtoReflect()))
		case field.Message() != nil && !field.IsList() && (chosen || limits["required"].IsValid()):
			fill(m.Mutable(field).Message())
		case field.Kind() == protoreflect.StringKind && !field.IsList():
			m.Set(field, protoreflect.ValueOfString(sample(limits)))
		case field.Kind() == protoreflect.BytesKind && limits["bytes.min_len"].IsValid():
			m.Set(field, protoreflect.ValueOfBytes([]byte("value")))
		case limits["int32.gte"].IsValid():
			m.Set(field, limits["int32.gte"])
		}
	}
}

// sample is a text within limits.
func sample(limits map[string]protoreflect.Value) string {
	switch {
	case limits["string.email"].IsValid():
		return "someone@example.com"
	case limits["string.pattern"].IsValid():
		return "user.added"
	case limits["string.prefix"].IsValid():
		return limits["string.prefix"].String() + "41791234567"
	case limits["string.min_len"].IsValid():
		return "sample"
	}
	return ""
}

// violation is a request that breaks one rule.
type violation struct {
	at      path
	rule    string
	request proto.Message
}

func (v violation) String() string { return fmt.Sprintf("%s breaks %s", v.at, v.rule) }

// violations breaks every rule of a request's type, one at a time. A rule it does not know fails the test.
func violations(t testing.TB, valid proto.Message) (found []violation) {
	t.Helper()
	add := func(at path, field protoreflect.FieldDescriptor, rule string, spoil func(protoreflect.Message)) {
		request := proto.Clone(valid)
		spoil(at.reach(request.ProtoReflect()))
		found = append(found, violation{at: at.with(field), rule: rule, request: request})
	}
	walk(valid.ProtoReflect().Descriptor(), nil, func(at path, field protoreflect.FieldDescriptor) {
		for rule, limit := range rules(field) {
			switch rule {
			case "ignore", "map.keys", "map.values": // when the others do not count; what is inside has its own limits
				continue
			case "map.max_pairs":
				add(at, field, rule, func(m protoreflect.Message) { crowd(m.Mutable(field).Map(), int(limit.Uint())+1) })
				continue
			case "required":
				add(at, field, rule, func(m protoreflect.Message) { m.Clear(field) })
				continue
			}
			bad, known := broken(rule, limit)
			if !known {
				t.Fatalf("%s has the rule %s, which this test cannot break: teach it", field.FullName(), rule)
			}
			add(at, field, rule, func(m protoreflect.Message) { m.Set(field, listed(m, field, bad)) })
		}
		if choice := field.ContainingOneof(); choice != nil && !choice.IsSynthetic() && choice.Fields().Get(0) == field && oneofRequired(choice) {
			add(at, field, "oneof required", func(m protoreflect.Message) { m.Clear(m.WhichOneof(choice)) })
		}
	})
	return found
}

// crowd puts entries into a map.
func crowd(into protoreflect.Map, entries int) {
	for i := range entries {
		into.Set(protoreflect.ValueOfString(fmt.Sprintf("key-%d", i)).MapKey(), into.NewValue())
	}
}

// listed wraps values for a list; of messages it makes as many.
func listed(m protoreflect.Message, field protoreflect.FieldDescriptor, values []protoreflect.Value) protoreflect.Value {
	if !field.IsList() {
		return values[0]
	}
	list := m.NewField(field)
	for _, v := range values {
		if field.Message() != nil {
			fill(list.List().AppendMutable().Message())
			continue
		}
		list.List().Append(v)
	}
	return list
}

// broken returns a value just outside of a limit; several for a list that is too long.
func broken(rule string, limit protoreflect.Value) (values []protoreflect.Value, known bool) {
	one := func(v any) ([]protoreflect.Value, bool) { return []protoreflect.Value{protoreflect.ValueOf(v)}, true }
	switch strings.TrimPrefix(rule, "items.") {
	case "string.min_len":
		return one(strings.Repeat("x", int(limit.Uint())-1))
	case "string.max_bytes":
		return one(strings.Repeat("x", int(limit.Uint())+1))
	case "string.max_len", "string.len":
		return one(strings.Repeat("ü", int(limit.Uint())+1))
	case "string.email":
		return one("no address")
	case "string.pattern", "string.prefix":
		return one("No match!")
	case "string.uri_ref":
		return one("%zz")
	case "bytes.min_len":
		return one(make([]byte, limit.Uint()-1))
	case "bytes.max_len":
		return one(make([]byte, limit.Uint()+1))
	case "enum.not_in":
		return one(protoreflect.EnumNumber(limit.List().Get(0).Int()))
	case "enum.defined_only":
		return one(protoreflect.EnumNumber(999))
	case "bool.const":
		return one(!limit.Bool())
	case "int32.gte":
		return one(int32(limit.Int() - 1))
	case "int32.lte":
		return one(int32(min(limit.Int()+1, math.MaxInt32)))
	case "int64.gte":
		return one(limit.Int() - 1)
	case "uint32.lte":
		return one(uint32(limit.Uint() + 1))
	case "timestamp.gt":
		return []protoreflect.Value{limit}, true
	case "duration.gte", "duration.gt":
		return one(durationpb.New(-time.Second).ProtoReflect())
	case "duration.lte":
		return one(durationpb.New(time.Duration(limit.Message().Get(limit.Message().Descriptor().Fields().ByName("seconds")).Int()+1) * time.Second).ProtoReflect())
	case "repeated.min_items":
		return nil, true
	case "repeated.unique":
		return []protoreflect.Value{protoreflect.ValueOfString("twice"), protoreflect.ValueOfString("twice")}, true
	case "repeated.max_items":
		for range limit.Uint() + 1 {
			values = append(values, protoreflect.ValueOfString("user.added"))
		}
		return values, true
	}
	return nil, false
}
