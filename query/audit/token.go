package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/signet-iam/signet/eventstore"
)

// A token is the position up to which was looked and a digest over it and the question, direction included. The digest
// keeps questions apart; it needs no key, because a token gives nothing that Request.After and Before do not.
const (
	tokenVersion  = 1
	tokenDigest   = 16
	tokenSize     = 1 + 8 + tokenDigest
	digestPurpose = "signet audit page"
)

func (r *Request) token(tenant string, at eventstore.Position) string {
	raw := make([]byte, 0, tokenSize)
	raw = append(raw, tokenVersion)
	raw = binary.BigEndian.AppendUint64(raw, uint64(at))
	return base64.RawURLEncoding.EncodeToString(append(raw, r.digest(tenant, at)...))
}

// resume narrows r to what comes after its page token.
func (r *Request) resume(tenant string) error {
	if r.PageToken == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(r.PageToken)
	if err != nil || len(raw) != tokenSize || raw[0] != tokenVersion {
		return errToken
	}
	at := eventstore.Position(binary.BigEndian.Uint64(raw[1:]))
	if at <= 0 || string(raw[9:]) != string(r.digest(tenant, at)) {
		return errToken
	}
	if r.Ascending {
		r.After = max(r.After, at)
	} else if r.Before == 0 || at < r.Before {
		r.Before = at
	}
	return nil
}

// digest covers everything but the page size, which may change from page to page.
func (r *Request) digest(tenant string, at eventstore.Position) []byte {
	var b []byte
	text := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) }
	text(digestPurpose)
	text(tenant)
	text(r.StreamKind)
	text(r.StreamID)
	text(r.Actor)
	number(int64(len(r.Types)))
	for _, t := range r.Types {
		text(t)
	}
	number(r.Since.UnixMicro())
	number(r.Until.UnixMicro())
	number(int64(r.After))
	number(int64(r.Before))
	number(int64(at))
	if r.Ascending {
		b = append(b, 1)
	}
	sum := sha256.Sum256(b)
	return sum[:tokenDigest]
}
