// Package codec stands between event messages (package signet.event.v1) and the log's events.
//
// # Parts
//
// The options personal and secret on the fields of a message decide where a field's bytes go: into the open payload,
// the personal part or the secret part. Each part is protobuf of the same message, so the three concatenated are the
// message. Personal and secret parts are sealed with the subject's data key (eventstore/vault) and bound to tenant,
// stream, event id, event type and part: a sealed part that is changed, or moved to any other place, does not open. The
// split works on the wire form, and parts without fields are nil.
//
// # Invariants
//
// New refuses a set of messages in which a mark could be missed: marks stand on singular top-level fields of event
// messages only, a field has at most one, type names are unique and no message nests a marked field. Encode refuses
// fields that the message does not know, because nobody could say whether they are personal. Decode refuses an open
// payload that holds a marked field: what must be authentic is taken from sealed parts only. It follows that a
// published field never changes its mark; the golden events in testdata hold every published form for ever.
//
// # Erasure
//
// When the subject's data key is gone, sealed fields stay empty and Message.Erased says so; that is not an error. An
// event whose subject came back under a new key is erased all the same.
//
// # Failure
//
// ErrUnknownType: the event is of no type (or of a later revision) this binary knows. ErrDamaged: payload or sealed
// parts are not what Encode made. Both concern one event, and DecodeAll reports them per event. Errors of the key store
// and vault.ErrWrongKey concern all and end the call. Error texts name type and position, never content.
//
// A Codec is immutable and safe for concurrent use.
package codec
