package codec

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/vault"
)

// place is what a sealed part of an event is bound to.
type place struct {
	stream eventstore.StreamID
	id     uuid.UUID
	kind   string
}

func placeOf(ev *eventstore.Event) place { return place{ev.Stream, ev.ID, ev.Type} }

// appendBinding writes the binding of one part. Every piece carries its length, so that no two places share a binding.
func (p *place) appendBinding(dst []byte, which part) []byte {
	dst = appendPiece(dst, "event")
	dst = appendStream(dst, p.stream)
	dst = appendPiece(dst, string(p.id[:]))
	dst = appendPiece(dst, p.kind)
	return appendPiece(dst, which.String())
}

// seal seals one part; there is nothing to seal in an empty one.
func (p *place) seal(key vault.Key, which part, plaintext []byte) ([]byte, error) {
	if len(plaintext) == 0 {
		return nil, nil
	}
	value, err := key.Seal(p.appendBinding(make([]byte, 0, 192), which), plaintext)
	if err != nil {
		return nil, fmt.Errorf("codec: seal %s part of %s: %w", which, p.kind, err)
	}
	return value, nil
}

func appendStream(dst []byte, stream eventstore.StreamID) []byte {
	dst = appendPiece(dst, stream.Tenant)
	dst = appendPiece(dst, stream.Kind)
	return appendPiece(dst, stream.ID)
}

func appendPiece(dst []byte, piece string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(piece)))
	return append(dst, piece...)
}
