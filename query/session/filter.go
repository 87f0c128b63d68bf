package session

import (
	"strconv"
	"strings"
	"time"

	"github.com/signet-iam/signet/query"
)

// Limits of the conditions of one list.
const (
	MaxFilters = 20
	MaxListed  = 1000 // values in all InIDs together
	MaxText    = 1024 // bytes of one text
)

// Filter is a condition on sessions: InIDs, OfUser, BegunBy, OfAgent, Created or Expires.
type Filter interface {
	write(b *builder) error
}

type (
	// InIDs holds for sessions with one of these ids.
	InIDs []string
	// OfUser holds for sessions about this user.
	OfUser string
	// BegunBy holds for sessions that this user asked for. It never holds for those of people who signed in directly.
	BegunBy string
	// OfAgent holds for sessions of the user agent with this fingerprint.
	OfAgent string
	// Created compares the moment at which a session began.
	Created struct {
		Is query.Moment
		At time.Time
	}
	// Expires compares the moment at which a session expires. It never holds for one that does not.
	Expires struct {
		Is query.Moment
		At time.Time
	}
)

// builder writes the conditions of one list. Text that reaches sql comes from this package only; every value becomes a
// parameter.
type builder struct {
	sql    strings.Builder
	args   []any
	listed int
}

// bind makes a value the next parameter and returns its placeholder.
func (b *builder) bind(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) write(parts ...string) {
	for _, p := range parts {
		b.sql.WriteString(p)
	}
}

// scope narrows a list to what its viewer may read.
func (b *builder) scope(viewer query.Viewer) {
	organizations, all := viewer.Organizations(query.SessionRead)
	if all {
		return
	}
	var own []string
	if self := viewer.SubjectID(); self != "" {
		p := b.bind(self)
		own = append(own, "s.user_id = "+p, "s.creator_id = "+p+" and s.creator_id <> ''")
	}
	if len(organizations) > 0 {
		own = append(own, "s.organization_id = any ("+b.bind(organizations)+")")
	}
	if len(own) == 0 {
		own = append(own, "false")
	}
	b.write(" and (", strings.Join(own, " or "), ")")
}

func (f InIDs) write(b *builder) error {
	if b.listed += len(f); b.listed > MaxListed {
		return errTooManyListed
	}
	for _, id := range f {
		if !validText(id) {
			return errInvalidText
		}
	}
	b.write("s.id = any (", b.bind([]string(f)), ")")
	return nil
}

func (f OfUser) write(b *builder) error { return b.equals("s.user_id", string(f)) }

// The indexes of creators and fingerprints hold no empty ones.
func (f BegunBy) write(b *builder) error {
	b.write("s.creator_id <> '' and ")
	return b.equals("s.creator_id", string(f))
}

func (f OfAgent) write(b *builder) error {
	if f == "" {
		return errNoCondition
	}
	b.write("s.fingerprint_id <> '' and ")
	return b.equals("s.fingerprint_id", string(f))
}

func (f Created) write(b *builder) error { return b.compare("s.created_at", f.Is, f.At) }
func (f Expires) write(b *builder) error { return b.compare("s.expires_at", f.Is, f.At) }

func (b *builder) equals(column, value string) error {
	if !validText(value) {
		return errInvalidText
	}
	b.write(column, " = ", b.bind(value))
	return nil
}

func (b *builder) compare(column string, is query.Moment, at time.Time) error {
	operator, known := is.Operator()
	if !known {
		return errUnknownMethod
	}
	b.write(column, operator, b.bind(at))
	return nil
}

// validText reports whether Postgres can take a text and an index could hold it.
func validText(v string) bool { return len(v) <= MaxText && !strings.Contains(v, "\x00") }
