package api

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	objectv2 "github.com/signet-iam/signet/api/gen/signet/object/v2"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// What generated code writes is what reflection reads, with every field of every message set.
func TestCodecWritesEverything(t *testing.T) {
	t.Parallel()
	for _, machine := range []bool{true, false} {
		list := &userv2.ListUsersResponse{}
		populate(list.ProtoReflect())
		u := list.GetResult()[0]
		if machine {
			u.Type = &userv2.User_Machine{Machine: &userv2.MachineUser{Name: "robot", HasSecret: true}}
		} else {
			human := &userv2.HumanUser{}
			populate(human.ProtoReflect())
			u.Type = &userv2.User_Human{Human: human}
		}
		list.Result = append(list.Result, &userv2.User{}, u)
		for _, m := range []proto.Message{list, &userv2.ListUsersResponse{}} {
			wantWritten(t, m, true)
		}
	}
	options, err := structpb.NewStruct(map[string]any{
		"publicKey": map[string]any{"challenge": "x", "timeout": 300_000, "none": nil, "params": []any{true, map[string]any{"alg": -7}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	details := &objectv2.Details{}
	populate(details.ProtoReflect())
	wantWritten(t, &userv2.RegisterPasskeyResponse{Details: details, PasskeyId: "p", PublicKeyCredentialCreationOptions: options}, true)
	wantWritten(t, &userv2.RegisterU2FResponse{Details: details, U2FId: "u", PublicKeyCredentialCreationOptions: options}, true)
	wantWritten(t, durationpb.New(1), false)
}

func wantWritten(t *testing.T, m proto.Message, generated bool) {
	t.Helper()
	if _, is := m.(unrolled); is != generated {
		t.Errorf("%T has code of its own: %t", m, is)
	}
	codec := protoCodec{}
	alone, err := codec.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	appended, err := codec.MarshalAppend([]byte("before"), m)
	if err != nil {
		t.Fatal(err)
	}
	behind, ok := bytes.CutPrefix(appended, []byte("before"))
	if !ok {
		t.Errorf("%T: what was written before is lost", m)
	}
	for _, written := range [][]byte{alone, behind} { // entries of maps come in any order
		read := m.ProtoReflect().New().Interface()
		if err := codec.Unmarshal(written, read); err != nil || !proto.Equal(read, m) {
			t.Errorf("read as %v, %v; want %v", read, err, m)
		}
	}
}

func TestCodecWantsMessages(t *testing.T) {
	t.Parallel()
	if _, err := (protoCodec{}).Marshal("text"); err == nil {
		t.Error("a text was written")
	}
	if err := (protoCodec{}).Unmarshal(nil, new(int)); err == nil {
		t.Error("a number was read")
	}
}

// populate sets all fields of a message, each list with one element; of alternatives the last.
func populate(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsList() && f.Message() != nil:
			list := m.Mutable(f).List()
			populate(list.AppendMutable().Message())
		case f.IsList():
			m.Mutable(f).List().Append(scalar(f))
		case f.Message() != nil:
			populate(m.Mutable(f).Message())
		default:
			m.Set(f, scalar(f))
		}
	}
}

func scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("text of " + string(f.Name()))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(-300)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1 << 40)
	default:
		return protoreflect.ValueOfUint64(1 << 50)
	}
}
