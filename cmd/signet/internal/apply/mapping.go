package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/signet-iam/signet/command"
)

// mapping is a YAML mapping of which every field has to be taken.
type mapping struct {
	r      *reader
	at     Place
	values map[string]*yaml.Node
	lines  map[string]int // of those that nobody has taken
}

// mapping opens a node; nil, with a mistake, if it is something else.
func (r *reader) mapping(n *yaml.Node) *mapping {
	n = target(n)
	at := Place{File: r.file, Line: n.Line}
	if n.Kind != yaml.MappingNode {
		r.mistakes.add(at, "fields with values are expected here")
		return nil
	}
	m := &mapping{r: r, at: at, values: make(map[string]*yaml.Node), lines: make(map[string]int)}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if _, twice := m.values[name.Value]; twice {
			r.mistakes.add(Place{File: r.file, Line: name.Line}, "%s is here twice", shown(name.Value))
		}
		m.values[name.Value], m.lines[name.Value] = target(n.Content[i+1]), name.Line
	}
	return m
}

// target is the node that another one may be an alias of.
func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// end demands that every field was taken.
func (m *mapping) end() {
	for name, line := range m.lines {
		m.r.mistakes.add(Place{File: m.at.File, Line: line}, "there is no field %s here", shown(name))
	}
}

// take returns the value of a field, nil if it is not written.
func (m *mapping) take(name string) *yaml.Node {
	delete(m.lines, name)
	return m.values[name]
}

func (m *mapping) missing(name string) { m.r.mistakes.add(m.at, "%s is missing", name) }

// wrong says what the value of a field has to be.
func (m *mapping) wrong(name, format string, args ...any) {
	m.r.mistakes.add(m.place(name), "%s: %s", name, fmt.Sprintf(format, args...))
}

func (m *mapping) place(name string) Place {
	return Place{File: m.at.File, Line: m.values[name].Line}
}

// text takes a text; false if it is not written or wrong.
func (m *mapping) text(name string) (string, bool) {
	n := m.take(name)
	if n == nil {
		return "", false
	}
	text, err := literal(n)
	if err != nil {
		m.wrong(name, "%v", err)
	}
	return text, err == nil
}

// id takes the id of something, which has to be written.
func (m *mapping) id(name string) string {
	if m.values[name] == nil {
		m.missing(name)
		return ""
	}
	return m.optionalID(name)
}

func (m *mapping) optionalID(name string) string {
	id, ok := m.text(name)
	if ok && !command.ValidID(id) {
		m.wrong(name, "an id has 1 to %d bytes, no control characters, and no # in front", command.MaxID)
	}
	return id
}

// texts takes a list of texts; false if it is not written or wrong.
func (m *mapping) texts(name string) ([]string, bool) {
	n := m.take(name)
	if n == nil {
		return nil, false
	}
	items, err := literals(n)
	if err != nil {
		m.wrong(name, "%v", err)
	}
	return items, err == nil
}

// each takes a list of mappings and hands over one after the other.
func (m *mapping) each(name string, use func(*mapping)) {
	n := m.take(name)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		m.wrong(name, "a list is expected")
		return
	}
	for _, item := range n.Content {
		if entry := m.r.mapping(item); entry != nil {
			use(entry)
			entry.end()
		}
	}
}

// thing begins what a mapping says, with its state if that is written. Those that can be switched off can be inactive.
func (m *mapping) thing(states ...string) *Thing {
	t := &Thing{At: m.at, Fields: make(Fields)}
	states = append(states, stateAbsent)
	switch state, ok := m.text(fieldState); {
	case !ok:
	case !slices.Contains(states, state):
		m.wrong(fieldState, "one of %s is expected", strings.Join(states, ", "))
	case state == stateAbsent:
		t.Absent = true
	default:
		t.Fields[fieldState] = state
	}
	return t
}

const maxName = 200 // characters

// needText takes a name or an id into a field. Only what is to be absent can do without.
func (m *mapping) needText(t *Thing, name string) {
	text, ok := m.text(name)
	switch {
	case m.values[name] == nil && !t.Absent:
		m.missing(name)
	case ok && (text == "" || utf8.RuneCountInString(text) > maxName):
		m.wrong(name, "1 to %d characters are expected", maxName)
	case ok:
		t.Fields[name] = text
	}
}

// settings takes the fields of a message, but for some, and holds what is written against the message's rules.
func (m *mapping) settings(t *Thing, message proto.Message, except ...string) {
	m.message(t, message.ProtoReflect().Descriptor(), "", except...)
	whole := message.ProtoReflect().New().Interface()
	broken := new(protovalidate.ValidationError)
	if err := fill(whole, t.Fields); err != nil || !errors.As(protovalidate.Validate(whole), &broken) {
		return
	}
	for _, violation := range broken.Violations {
		elements := violation.Proto.GetField().GetElements()
		names := make([]string, len(elements))
		for i, element := range elements {
			names[i] = element.GetFieldName()
		}
		path := strings.Join(names, ".")
		if _, written := t.Fields[path]; written && m.values[names[0]] != nil { // else it is for what the server has already
			m.r.mistakes.add(m.place(names[0]), "%s: %s", path, violation.Proto.GetMessage())
		}
	}
}

// message takes the fields of a message under a prefix, but for some.
func (m *mapping) message(t *Thing, d protoreflect.MessageDescriptor, prefix string, except ...string) {
	for i := range d.Fields().Len() {
		fd := d.Fields().Get(i)
		name := string(fd.Name())
		if slices.Contains(except, name) || m.values[name] == nil {
			continue
		}
		n := m.take(name)
		if nested(fd) {
			if inner := m.r.mapping(n); inner != nil {
				inner.message(t, fd.Message(), prefix+name+".")
				inner.end()
			}
			continue
		}
		text, err := canonical(fd, n)
		if err != nil {
			m.wrong(name, "%v", err)
			continue
		}
		t.Fields[prefix+name] = text
	}
}

// canonical brings what a file writes into the text that the server's value has.
func canonical(fd protoreflect.FieldDescriptor, n *yaml.Node) (string, error) {
	if !fd.IsList() {
		text, err := literal(n)
		if err != nil {
			return "", err
		}
		return canonicalScalar(fd, text)
	}
	items, err := literals(n)
	if err != nil {
		return "", err
	}
	for i, item := range items {
		if items[i], err = canonicalScalar(fd, item); err != nil {
			return "", err
		}
	}
	if fd.Kind() == protoreflect.EnumKind {
		return setText(items), nil
	}
	return listText(items), nil
}

func canonicalScalar(fd protoreflect.FieldDescriptor, text string) (string, error) {
	v, err := scalar(fd, text)
	if err != nil {
		return "", err
	}
	text, _ = scalarText(fd, v)
	return text, nil
}

const reference = "${env:"

// literal reads a text that stands in the file.
func literal(n *yaml.Node) (string, error) {
	switch n = target(n); {
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
		return "", errors.New("one value is expected")
	case strings.Contains(n.Value, reference):
		return "", errors.New("only credentials come from the environment")
	}
	return n.Value, nil
}

func literals(n *yaml.Node) ([]string, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, errors.New("a list is expected")
	}
	items := make([]string, len(n.Content))
	for i, item := range n.Content {
		text, err := literal(item)
		if err != nil {
			return nil, err
		}
		items[i] = text
	}
	return items, nil
}

// secrets takes the secrets of a message, each of which is a reference to the environment.
func (m *mapping) secrets(t *Thing, d protoreflect.MessageDescriptor) {
	t.Secrets = make(Fields)
	for i := range d.Fields().Len() {
		name := string(d.Fields().Get(i).Name())
		n := m.take(name)
		if n == nil {
			continue
		}
		inner, opened := strings.CutPrefix(n.Value, reference)
		variable, closed := strings.CutSuffix(inner, "}")
		if !opened || !closed || variable == "" {
			m.wrong(name, "secrets stand in no file: name a variable of the environment as ${env:NAME}")
			continue
		}
		value, found := m.r.env(variable)
		if !found || value == "" {
			m.wrong(name, "the environment has no value for %s", shown(variable))
			continue
		}
		t.Secrets[name] = value
	}
}
