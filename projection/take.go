package projection

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

// Why an event cannot be applied. The texts are shown to operators: they hold no value of an event.
var (
	// ErrGap says that the event is not the next one of its row.
	ErrGap = errors.New("events of the stream are missing before it")

	// ErrHasNulls says that Postgres cannot hold a text of the event.
	ErrHasNulls = errors.New("it has a zero byte in a text")

	errDamaged = errors.New("it is damaged")
	errUnknown = errors.New("its type is unknown to this version of the program")
)

// HasNulls reports a text that Postgres cannot hold.
func HasNulls(texts ...string) bool {
	for _, text := range texts {
		if strings.IndexByte(text, 0) >= 0 {
			return true
		}
	}
	return false
}

// Follows reports whether a row at a version knows an event already, or why it cannot be its next one.
func Follows(version uint64, ev *eventstore.Event) (known bool, err error) {
	switch {
	case ev.Version <= version:
		return true, nil
	case ev.Version != version+1:
		return false, fmt.Errorf("%w: the row is at version %d", ErrGap, version)
	}
	return false, nil
}

// Select returns the events that count, in order. Where all do they are not copied.
func Select(events []eventstore.Event, counts func(*eventstore.Event) bool) []eventstore.Event {
	n := 0
	for i := range events {
		if counts(&events[i]) {
			n++
		}
	}
	if n == len(events) {
		return events
	}
	selected := make([]eventstore.Event, 0, n)
	for i := range events {
		if counts(&events[i]) {
			selected = append(selected, events[i])
		}
	}
	return selected
}

// Taking is how a fold takes events.
type Taking struct {
	Codec *codec.Codec
	Depth codec.Depth
	// Load reads what the decoded events need. It may be nil.
	Load func([]codec.Message) error
	// One takes an event. undecoded is the error of decoding it, for Undecoded. It returns the cause why the event cannot be applied, or
	// an error that has nothing to do with it.
	One func(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error)
}

// Take is a fold's Take: it decodes events and takes them one after the other. A stream stops at the first that cannot be applied.
func (t *Taking) Take(ctx context.Context, events []eventstore.Event) ([]*EventError, error) {
	messages, undecoded, err := t.Codec.DecodeAll(ctx, events, t.Depth)
	if err != nil {
		return nil, err
	}
	if t.Load != nil {
		if err := t.Load(messages); err != nil {
			return nil, err
		}
	}
	var failed []*EventError
	stopped := make(map[eventstore.StreamID]struct{})
	for i := range events {
		ev := &events[i]
		if _, over := stopped[ev.Stream]; over {
			continue
		}
		cause, err := t.One(messages[i].Proto, undecoded[i], ev)
		if err != nil {
			return nil, err
		}
		if cause != nil {
			failed = append(failed, &EventError{Position: ev.Position, Stream: ev.Stream, Err: cause})
			stopped[ev.Stream] = struct{}{}
		}
	}
	return failed, nil
}

// Undecoded tells what an error of decoding an event is: the cause why the event cannot be applied, or an error that has nothing to
// do with it. Both are nil without an error.
func Undecoded(err error) (cause, other error) {
	switch {
	case errors.Is(err, codec.ErrUnknownType):
		return errUnknown, nil
	case errors.Is(err, codec.ErrDamaged):
		return errDamaged, nil
	}
	return nil, err
}
