package user

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/signet-iam/signet/eventstore"
)

// columnCount is the number of entries in columns.
const columnCount = 28

var errWireFormat = errors.New("user: the connection does not answer in binary format")

// decode takes one row as it came over the wire. A row that the outer join left empty yields the zero User. The values live only
// until the next row, so that text copies them.
func decode(values [][]byte, u *User, text *arena) error {
	if len(values) < columnCount {
		return fmt.Errorf("user: %d columns instead of %d", len(values), columnCount)
	}
	text.copy(values[:13], [13]*string{
		&u.ID, &u.Organization, &u.Username,
		&u.Human.GivenName, &u.Human.FamilyName, &u.Human.NickName, &u.Human.DisplayName,
		&u.Human.PreferredLanguage, &u.Human.Email, &u.Human.Phone,
		&u.Machine.Name, &u.Machine.Description, &u.Avatar,
	})
	d := fixed{values: values[13:columnCount]}
	u.State = State(d.int16())
	u.Kind = Kind(d.int16())
	u.Human.Gender = Gender(d.int16())
	u.Human.EmailVerified = d.bool()
	u.Human.PhoneVerified = d.bool()
	u.Human.HasPassword = d.bool()
	u.Human.PasswordChangeRequired = d.bool()
	u.Machine.HasSecret = d.bool()
	u.Machine.SignedTokens = d.bool()
	u.Version = uint64(d.int64())
	u.Position = eventstore.Position(d.int64())
	u.Human.PasswordChangedAt = d.time()
	u.Human.MFAInitSkippedAt = d.time()
	u.CreatedAt = d.time()
	u.ChangedAt = d.time()
	return d.err
}

// arena holds the texts of a page one after the other, so that they need no memory each. They last until it is reset.
type arena struct {
	all []byte
}

func (t *arena) reset() { t.all = t.all[:0] }

// copy gives all destinations their text.
func (t *arena) copy(values [][]byte, into [13]*string) {
	size := 0
	for _, v := range values {
		size += len(v)
	}
	if cap(t.all)-len(t.all) < size {
		t.all = make([]byte, 0, max(size, 2*cap(t.all))) // texts in the old piece stay where they are
	}
	for i, v := range values {
		start := len(t.all)
		t.all = append(t.all, v...)
		*into[i] = unsafe.String(unsafe.SliceData(t.all[start:]), len(v)) //nolint:gosec // nothing before the end is written again until reset
	}
}

// fixed reads values of fixed size in the binary format, NULL as zero.
type fixed struct {
	values [][]byte
	err    error
}

func (d *fixed) next(size int) []byte {
	v := d.values[0]
	d.values = d.values[1:]
	if v == nil {
		return nil
	}
	if len(v) != size {
		d.err = errWireFormat
		return nil
	}
	return v
}

func (d *fixed) int16() int16 {
	if v := d.next(2); v != nil {
		return int16(binary.BigEndian.Uint16(v))
	}
	return 0
}

func (d *fixed) int64() int64 {
	if v := d.next(8); v != nil {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}

func (d *fixed) bool() bool {
	v := d.next(1)
	return v != nil && v[0] != 0
}

// postgresEpoch is 2000-01-01 in Unix microseconds.
const postgresEpoch = 946_684_800_000_000

func (d *fixed) time() time.Time {
	if v := d.next(8); v != nil {
		return time.UnixMicro(int64(binary.BigEndian.Uint64(v)) + postgresEpoch).UTC()
	}
	return time.Time{}
}
