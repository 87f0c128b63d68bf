package session

import (
	"strings"
	"time"

	"github.com/signet-iam/signet/query"
)

// Filter is a condition on sessions: InIDs, OfUser, BegunBy, OfAgent, Created or Expires.
type Filter interface {
	write(where *query.Conditions) error
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

// scope narrows a list to what its viewer may read.
func scope(where *query.Conditions, viewer query.Viewer) {
	organizations, all := viewer.Organizations(query.SessionRead)
	if all {
		return
	}
	var own []string
	if self := viewer.SubjectID(); self != "" {
		p := where.Bind(self)
		own = append(own, "s.user_id = "+p, "s.creator_id = "+p+" and s.creator_id <> ''")
	}
	if len(organizations) > 0 {
		own = append(own, "s.organization_id = any ("+where.Bind(organizations)+")")
	}
	if len(own) == 0 {
		own = append(own, "false")
	}
	where.Write(" and (", strings.Join(own, " or "), ")")
}

func (f InIDs) write(where *query.Conditions) error  { return where.Amongst("s.id", f) }
func (f OfUser) write(where *query.Conditions) error { return where.Equals("s.user_id", string(f)) }

// The indexes of creators and fingerprints hold no empty ones.
func (f BegunBy) write(where *query.Conditions) error {
	where.Write("s.creator_id <> '' and ")
	return where.Equals("s.creator_id", string(f))
}

func (f OfAgent) write(where *query.Conditions) error {
	if f == "" {
		return query.ErrNoCondition
	}
	where.Write("s.fingerprint_id <> '' and ")
	return where.Equals("s.fingerprint_id", string(f))
}

func (f Created) write(where *query.Conditions) error {
	return where.Moment("s.created_at", f.Is, f.At)
}
func (f Expires) write(where *query.Conditions) error {
	return where.Moment("s.expires_at", f.Is, f.At)
}
