package projects

import (
	"context"
	"fmt"

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

type key struct{ tenant, id string }

// entry is a row in memory.
type entry struct {
	row     Row
	changed bool
}

// end removes a project with its organization.
func (e *entry) end() {
	if !e.row.Removed {
		e.row.end()
		e.changed = true
	}
}

// fold holds the projects that a stretch of the log touches, and what it does to what hangs on them.
type fold struct {
	model  *Model
	tables tables
	rows   map[key]*entry
	ended  map[key]bool // organizations that are known to have ended, or not to have
	script projection.Script
}

// Len tells in rows how much is held.
func (f *fold) Len() int { return len(f.rows) + len(f.ended) + f.script.Len() }

// Take decodes and folds events.
func (f *fold) Take(ctx context.Context, q projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	messages, errs, err := f.model.codec.DecodeAll(ctx, events, codec.Personal)
	if err != nil {
		return nil, err
	}
	if err := f.load(ctx, q, events); err != nil {
		return nil, err
	}
	if err := f.loadEnded(ctx, q, named(events, messages)); err != nil {
		return nil, err
	}
	return projection.TakeEach(events, func(i int, ev *eventstore.Event) (cause, err error) {
		return f.takeOne(messages[i].Proto, errs[i], ev)
	})
}

// named returns the organizations that get something in a stretch.
func named(events []eventstore.Event, messages []codec.Message) []key {
	var all []key
	for i := range messages {
		switch m := messages[i].Proto.(type) {
		case *eventv1.ProjectAdded:
			all = append(all, key{events[i].Stream.Tenant, m.GetOrganizationId()})
		case *eventv1.ProjectGrantAdded:
			all = append(all, key{events[i].Stream.Tenant, m.GetOrganizationId()})
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
	e := f.entry(ev.Stream)
	known, cause := follows(&e.row, ev)
	if known || cause != nil {
		return cause, nil
	}
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	next, cause := Apply(e.row, msg, ev)
	if cause != nil {
		return cause, nil
	}
	if !e.row.Removed && !f.toEnded(msg, ev.Stream.Tenant) {
		f.then(e.row.steps(msg, ev))
	}
	e.row, e.changed = next, true
	if f.ended[key{ev.Stream.Tenant, next.OrganizationID}] {
		e.end()
	}
	return nil, nil
}

// takeOrganization ends what an organization owned and was granted when it ends. Nothing else about it matters here.
func (f *fold) takeOrganization(ev *eventstore.Event) {
	if ev.Type != organizationEnd {
		return
	}
	f.ended[key{ev.Stream.Tenant, ev.Stream.ID}] = true
	f.then(endOfOrganization(ev.Stream))
	for _, e := range f.rows {
		if e.row.Tenant == ev.Stream.Tenant && e.row.OrganizationID == ev.Stream.ID {
			e.end()
		}
	}
}

// toEnded reports whether a project is granted to an organization that ended just before.
func (f *fold) toEnded(msg proto.Message, tenant string) bool {
	m, grants := msg.(*eventv1.ProjectGrantAdded)
	return grants && f.ended[key{tenant, m.GetOrganizationId()}]
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
	e := f.entry(ev.Stream)
	if known, cause := follows(&e.row, ev); known || cause != nil {
		return cause
	}
	if ev.Type == projectEnd {
		f.then(endOf(ev.Stream))
	}
	e.row, e.changed = skip(e.row, ev), true
	return nil
}

func (f *fold) entry(stream eventstore.StreamID) *entry {
	k := key{stream.Tenant, stream.ID}
	e, held := f.rows[k]
	if !held {
		e = &entry{}
		f.rows[k] = e
	}
	return e
}

// load reads the rows that events continue. A stream whose first event is among them has none.
func (f *fold) load(ctx context.Context, q projection.Querier, events []eventstore.Event) error {
	var tenants, ids []string
	for i := range events {
		ev := &events[i]
		_, held := f.rows[key{ev.Stream.Tenant, ev.Stream.ID}]
		if ev.Stream.Kind == projectKind && !held && ev.Version > 1 {
			tenants, ids = append(tenants, ev.Stream.Tenant), append(ids, ev.Stream.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf(loadRows, f.tables.projects), tenants, ids)
	if err != nil {
		return fmt.Errorf("load projects: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		e := &entry{}
		if err := e.row.scan(rows); err != nil {
			return fmt.Errorf("load projects: %w", err)
		}
		if f.ended[key{e.row.Tenant, e.row.OrganizationID}] { // and the table does not know yet
			e.end()
		}
		f.rows[key{e.row.Tenant, e.row.ID}] = e
	}
	return rows.Err()
}

// loadEnded finds out which of some organizations have ended.
func (f *fold) loadEnded(ctx context.Context, q projection.Querier, organizations []key) error {
	var tenants, ids []string
	for _, k := range organizations {
		if _, held := f.ended[k]; !held {
			f.ended[k] = false
			tenants, ids = append(tenants, k.tenant), append(ids, k.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, fmt.Sprintf(loadEnded, f.tables.ended), tenants, ids)
	if err != nil {
		return fmt.Errorf("load ended organizations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k key
		if err := rows.Scan(&k.tenant, &k.id); err != nil {
			return fmt.Errorf("load ended organizations: %w", err)
		}
		f.ended[k] = true
	}
	return rows.Err()
}
