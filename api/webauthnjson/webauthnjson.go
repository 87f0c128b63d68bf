package webauthnjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/signet-iam/signet/command/user"
)

var errNoObject = errors.New("options for the browser: not a JSON object")

// Options turns what a browser is to be asked from JSON to a message. It takes less than half of the time that the way over
// plain values does, and a sixth of that of the message's own decoder.
func Options(options []byte) (*structpb.Struct, error) {
	r := reader{document: string(options)}
	if !json.Valid(options) || r.next() != '{' {
		return nil, errNoObject
	}
	out, err := r.object()
	if err != nil {
		return nil, fmt.Errorf("options for the browser: %w", err)
	}
	return out, nil
}

// Response turns what a browser answered from a message to JSON. It refuses with user.ErrUnreadableCredential.
func Response(response *structpb.Struct) ([]byte, error) {
	out, err := response.MarshalJSON()
	if err != nil { // a number that JSON does not know
		return nil, user.ErrUnreadableCredential.Because(err)
	}
	return out, nil
}

// reader builds messages from a document that is known to be valid JSON (RFC 8259). Texts share its memory.
type reader struct {
	document string
	at       int
}

// next passes over white space and returns the byte behind it.
func (r *reader) next() byte {
	for ; ; r.at++ {
		switch c := r.document[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
}

// upTo passes over the next byte and reports whether it is the end of an object or a list; a comma is passed over as well.
func (r *reader) upTo(end byte) bool {
	switch r.next() {
	case end:
		r.at++
		return true
	case ',':
		r.at++
	}
	return false
}

func (r *reader) object() (*structpb.Struct, error) {
	r.at++ // {
	fields := make(map[string]*structpb.Value)
	for !r.upTo('}') {
		r.next()
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		r.next()
		r.at++ // :
		if fields[name], err = r.value(); err != nil {
			return nil, err
		}
	}
	return &structpb.Struct{Fields: fields}, nil
}

func (r *reader) list() (*structpb.ListValue, error) {
	r.at++ // [
	list := &structpb.ListValue{}
	for !r.upTo(']') {
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		list.Values = append(list.Values, value)
	}
	return list, nil
}

func (r *reader) value() (*structpb.Value, error) {
	switch r.next() {
	case '{':
		object, err := r.object()
		return structpb.NewStructValue(object), err
	case '[':
		list, err := r.list()
		return structpb.NewListValue(list), err
	case '"':
		text, err := r.text()
		return structpb.NewStringValue(text), err
	case 't':
		r.at += len("true")
		return structpb.NewBoolValue(true), nil
	case 'f':
		r.at += len("false")
		return structpb.NewBoolValue(false), nil
	case 'n':
		r.at += len("null")
		return structpb.NewNullValue(), nil
	}
	number, err := r.number()
	return structpb.NewNumberValue(number), err
}

// text reads a text, which begins with a quotation mark.
func (r *reader) text() (string, error) {
	begin := r.at
	for r.at++; r.document[r.at] != '"'; r.at++ {
		if r.document[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
	literal := r.document[begin:r.at]
	plain := literal[1 : len(literal)-1]
	if strings.IndexByte(plain, '\\') < 0 && utf8.ValidString(plain) {
		return plain, nil
	}
	var text string
	err := json.Unmarshal([]byte(literal), &text)
	return text, err
}

// number reads a number, which may be larger than a float64 can be.
func (r *reader) number() (float64, error) {
	rest := r.document[r.at:]
	end := strings.IndexAny(rest, ",]} \t\n\r")
	r.at += end
	return strconv.ParseFloat(rest[:end], 64)
}
