package command

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/signet-iam/signet/eventstore"
)

// Aggregate describes one kind of stream whose state is an S.
type Aggregate[S any] struct {
	Kind string
	// Fold returns the state after an event. It must not change anything reachable from the state it was given, because
	// other commands may be looking at it: slices and maps are replaced, never written to. Messages it does not know are
	// not its business and leave the state as it was.
	Fold func(state S, msg proto.Message, at Recorded) S
	// Organization returns which organization owns the stream of this id.
	Organization func(id string, s *S) string
	// Cached bounds the number of states kept in memory.
	Cached int
}

// Recorded says where and when an event was recorded.
type Recorded struct {
	ID       uuid.UUID
	Version  uint64
	Position eventstore.Position // of an event just appended: of the last event of its append
	At       time.Time
}

// Snapshot is the state of a stream at a version. It is shared: nobody may change it.
type Snapshot[S any] struct {
	State    S
	Version  uint64
	Position eventstore.Position
	At       time.Time // when the last event was recorded
}

// with returns the snapshot after one more event.
func (a *Aggregate[S]) with(s Snapshot[S], msg proto.Message, at Recorded) Snapshot[S] {
	s.State = a.Fold(s.State, msg, at)
	s.Version, s.Position, s.At = at.Version, at.Position, at.At
	return s
}

func (a *Aggregate[S]) receipt(id string, s *Snapshot[S]) Receipt {
	return Receipt{Position: s.Position, Version: s.Version, ChangedAt: s.At.UTC(), Organization: a.Organization(id, &s.State)}
}

// Decision is what a command wants to happen to a stream. Without events nothing does.
type Decision struct {
	Owner    string // organization of a stream that begins here
	Subject  string // whose data key seals the events; empty when nothing in them is sealed
	Events   []Event
	Claims   []eventstore.Claim
	Releases []eventstore.Claim
	// Refusal is the command's answer once the events are written: "wrong code", and the code is void from now on.
	Refusal error
}

// Event is a fact about to be recorded.
type Event struct {
	ID      uuid.UUID
	Message proto.Message
	// Code, if not empty, travels beside the event to the person it is meant for, sealed, until CodeExpires.
	Code        string
	CodeExpires time.Time
}

// Add appends an event.
func (d *Decision) Add(id uuid.UUID, msg proto.Message) {
	d.Events = append(d.Events, Event{ID: id, Message: msg})
}
