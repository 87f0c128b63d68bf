package eventstore

import (
	"time"

	"github.com/google/uuid"
)

// Position is an event's place in the log of the whole database. Positions grow with every append and have gaps;
// 0 stands before the first event.
type Position int64

// StreamID names one stream. It is comparable and serves as a map key.
type StreamID struct {
	Tenant string
	Kind   string // the aggregate's kind, e.g. "user"
	ID     string // 1 to 200 bytes
}

// Event is one recorded fact. Payload is open protobuf; Personal and Secret, where present, are sealed protobuf of the
// same message, so that the three concatenated are the whole message once opened (see eventstore/codec).
type Event struct {
	Position   Position
	ID         uuid.UUID
	Stream     StreamID
	Version    uint64 // place in the stream, from 1 without gaps
	Type       string
	Revision   int16
	Payload    []byte
	Personal   []byte
	Secret     []byte
	Subject    string // whose data key seals Personal, Secret and Client; empty when nothing is sealed
	Actor      string // id of the user who caused it; "system" for the platform itself
	Cause      uuid.UUID
	Correlate  string // request id
	Client     []byte // sealed ip and agent
	RecordedAt time.Time
}

// NewEvent is an event on its way into the log. Its id is chosen by the caller, because sealed parts are bound to it.
type NewEvent struct {
	ID       uuid.UUID
	Type     string
	Revision int16
	Payload  []byte
	Personal []byte
	Secret   []byte
	Subject  string
}

// Metadata says who caused an append and from where.
type Metadata struct {
	Actor     string
	Cause     uuid.UUID // the event that led to this append, zero if none
	Correlate string
	Client    []byte
}

// Claim reserves a value for a stream: no two streams of a tenant hold the same kind and digest.
type Claim struct {
	Kind   string
	Digest []byte // keyed digest of the normalized value
}

// DataKey is a subject's data key, wrapped by a master key.
type DataKey struct {
	Subject string
	Wrapped []byte
}

// Deliverable is a code or link on its way to a person: sealed, bound to the event that announced it, and gone once
// delivered or expired.
type Deliverable struct {
	EventID   uuid.UUID
	Subject   string
	Sealed    []byte
	ExpiresAt time.Time
}

// Change is one atomic append to one stream.
type Change struct {
	Stream   StreamID
	Owner    string // organization that owns the stream; kept from the first append
	Expected uint64 // the stream's version the decision was made on; 0 for a stream that must not exist
	Events   []NewEvent
	Metadata Metadata

	Claims       []Claim
	Releases     []Claim
	Keys         []DataKey
	Deliverables []Deliverable
}

// Receipt tells where a change landed.
type Receipt struct {
	Position   Position // of its last event
	Version    uint64   // of the stream after it
	RecordedAt time.Time
}
