package projects

import (
	"context"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// The types of events that need no understanding.
const (
	projectEnd      = "project.removed"
	organizationEnd = "org.removed"
)

// entry is a row in memory.
type entry = projection.Entry[Row]

// end removes a project with its organization.
func end(e *entry) {
	if !e.Row.Removed {
		e.Row.end()
		e.Changed = true
	}
}

// fold holds the projects that a stretch of the log touches, and what it does to what hangs on them.
type fold struct {
	model  *Model
	tables tables
	rows   projection.Rows[entry]
	ended  map[projection.Key]bool // organizations that are known to have ended, or not to have
	script projection.Script
}

// Len tells in rows how much is held.
func (f *fold) Len() int { return len(f.rows) + len(f.ended) + f.script.Len() }

// Take decodes and folds events.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	load := func(messages []codec.Message) error {
		if err := f.load(ctx, q, events); err != nil {
			return err
		}
		return f.loadEnded(ctx, q, named(events, messages))
	}
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Personal, Load: load, One: f.takeOne}
	return taking.Take(ctx, events)
}

// named returns the organizations that get something in a stretch.
func named(events []eventstore.Event, messages []codec.Message) []projection.Key {
	var all []projection.Key
	for i := range messages {
		switch m := messages[i].Proto.(type) {
		case *eventv1.ProjectAdded:
			all = append(all, projection.Key{Tenant: events[i].Stream.Tenant, ID: m.GetOrganizationId()})
		case *eventv1.ProjectGrantAdded:
			all = append(all, projection.Key{Tenant: events[i].Stream.Tenant, ID: m.GetOrganizationId()})
		}
	}
	return all
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if ev.Stream.Kind == organizationKind {
		_, err = projection.Undecoded(undecoded)
		f.takeOrganization(ev)
		return nil, err
	}
	e := f.rows.Of(ev.Stream)
	known, cause := projection.Follows(e.Row.Version, ev)
	if known || cause != nil {
		return cause, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.Row, msg, ev)
	if cause != nil {
		return cause, nil
	}
	if !e.Row.Removed && !f.toEnded(msg, ev.Stream.Tenant) {
		f.then(e.Row.steps(msg, ev))
	}
	e.Row, e.Changed = next, true
	if f.ended[projection.Key{Tenant: ev.Stream.Tenant, ID: next.OrganizationID}] {
		end(e)
	}
	return nil, nil
}

// takeOrganization ends what an organization owned and was granted when it ends. Nothing else about it matters here.
func (f *fold) takeOrganization(ev *eventstore.Event) {
	if ev.Type != organizationEnd {
		return
	}
	f.ended[projection.KeyOf(ev.Stream)] = true
	f.then(endOfOrganization(ev.Stream))
	for _, e := range f.rows {
		if e.Row.Tenant == ev.Stream.Tenant && e.Row.OrganizationID == ev.Stream.ID {
			end(e)
		}
	}
}

// toEnded reports whether a project is granted to an organization that ended just before.
func (f *fold) toEnded(msg proto.Message, tenant string) bool {
	m, grants := msg.(*eventv1.ProjectGrantAdded)
	return grants && f.ended[projection.Key{Tenant: tenant, ID: m.GetOrganizationId()}]
}

// Skip counts an event without applying it. Ends need no understanding.
func (f *fold) Skip(ctx context.Context, q projection.Querier, ev *eventstore.Event) error {
	if ev.Stream.Kind == organizationKind {
		f.takeOrganization(ev)
		return nil
	}
	if err := f.load(ctx, q, []eventstore.Event{*ev}); err != nil {
		return err
	}
	e := f.rows.Of(ev.Stream)
	if known, cause := projection.Follows(e.Row.Version, ev); known || cause != nil {
		return cause
	}
	if ev.Type == projectEnd {
		f.then(endOf(ev.Stream))
	}
	e.Row, e.Changed = skip(e.Row, ev), true
	return nil
}

// load reads the rows that events continue.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	missing := f.rows.Missing(events, projectKind)
	loading := projection.Loading{What: "projects", Query: loadRows, Table: f.tables.projects}
	return missing.Load(ctx, q, loading, func(rows pgx.Rows) error {
		e := &entry{}
		err := e.Row.scan(rows)
		if f.ended[projection.Key{Tenant: e.Row.Tenant, ID: e.Row.OrganizationID}] { // and the table does not know yet
			end(e)
		}
		f.rows[projection.Key{Tenant: e.Row.Tenant, ID: e.Row.ID}] = e
		return err
	})
}

// loadEnded finds out which of some organizations have ended.
func (f *fold) loadEnded(ctx context.Context, q projection.Querier, organizations []projection.Key) error {
	var unknown projection.Keys
	for _, k := range organizations {
		if _, known := f.ended[k]; !known {
			f.ended[k] = false
			unknown.Add(k)
		}
	}
	loading := projection.Loading{What: "ended organizations", Query: loadEnded, Table: f.tables.ended}
	return unknown.Load(ctx, q, loading, func(rows pgx.Rows) error {
		var k projection.Key
		err := rows.Scan(&k.Tenant, &k.ID)
		f.ended[k] = true
		return err
	})
}
