package projection

import (
	"errors"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

var (
	errDamaged = errors.New("it is damaged")
	errUnknown = errors.New("its type is unknown to this version of the program")
)

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

// TakeEach hands events to a fold, one after the other, and returns those that cannot be applied. A stream stops at the first of
// them. take returns the cause, or an error that has nothing to do with the event.
func TakeEach(events []eventstore.Event, take func(i int, ev *eventstore.Event) (cause, err error)) ([]*EventError, error) {
	var failed []*EventError
	stopped := make(map[eventstore.StreamID]struct{})
	for i := range events {
		ev := &events[i]
		if _, over := stopped[ev.Stream]; over {
			continue
		}
		cause, err := take(i, ev)
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
