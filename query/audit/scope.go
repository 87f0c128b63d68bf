package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/query"
)

const userKind = "user"

// authorize says which streams to read, and refuses a question for one that the viewer may not see.
func (p *pager) authorize(ctx context.Context, r *Request) ([]eventstore.LogQuery, error) {
	tenant, subject := p.viewer.TenantID(), p.viewer.SubjectID()
	if tenant == "" || subject == "" {
		return nil, query.ErrDenied
	}
	auditor := query.MayAnywhere(p.viewer, query.AuditRead)
	own := eventstore.LogQuery{Tenant: tenant, StreamKind: userKind, StreamID: subject}
	switch {
	case r.StreamID == subject && (r.StreamKind == userKind || r.StreamKind == "" && !auditor):
		return []eventstore.LogQuery{own}, nil
	case !auditor && r.StreamID == "" && r.StreamKind == "":
		return []eventstore.LogQuery{own}, nil
	case !auditor:
		return nil, query.ErrDenied
	case r.StreamID == "":
		return []eventstore.LogQuery{{Tenant: tenant, StreamKind: r.StreamKind}}, nil
	default:
		return p.named(ctx, r)
	}
}

// named returns the streams that r names by id. An auditor of some organizations is refused those of others, and gets the
// same refusal for what does not exist.
func (p *pager) named(ctx context.Context, r *Request) ([]eventstore.LogQuery, error) {
	if err := p.findStreams(ctx, r); err != nil {
		return nil, query.Fault("find a stream", err)
	}
	var streams []eventstore.LogQuery
	for id := range p.owners {
		if p.visible(id) {
			streams = append(streams, eventstore.LogQuery{Tenant: id.Tenant, StreamKind: id.Kind, StreamID: id.ID})
		}
	}
	if len(streams) == 0 && !p.viewer.May(query.AuditRead, "") {
		return nil, query.ErrDenied
	}
	return streams, nil
}

func (p *pager) findStreams(ctx context.Context, r *Request) error {
	if r.StreamKind != "" {
		return p.owner(ctx, sqlOwners, []string{r.StreamKind}, []string{r.StreamID})
	}
	return p.owner(ctx, sqlStreamsByID, r.StreamID)
}

// learnOwners finds out to which organizations the streams of these events belong.
func (p *pager) learnOwners(ctx context.Context, events []eventstore.Event) error {
	var kinds, ids []string
	asked := make(map[eventstore.StreamID]bool)
	for i := range events {
		id := events[i].Stream
		if _, known := p.owners[id]; known || asked[id] {
			continue
		}
		asked[id] = true
		kinds, ids = append(kinds, id.Kind), append(ids, id.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return p.owner(ctx, sqlOwners, kinds, ids)
}

func (p *pager) owner(ctx context.Context, sql string, args ...any) error {
	rows, err := p.queries.pool.Query(ctx, sql, append([]any{p.viewer.TenantID()}, args...)...)
	if err != nil {
		return err
	}
	id, owner := eventstore.StreamID{Tenant: p.viewer.TenantID()}, ""
	_, err = pgx.ForEachRow(rows, []any{&id.Kind, &id.ID, &owner}, func() error {
		p.owners[id] = owner
		return nil
	})
	return err
}

// visible reports whether the viewer may see a stream whose owner is known.
func (p *pager) visible(id eventstore.StreamID) bool {
	return p.own(id) || p.viewer.May(query.AuditRead, p.owners[id])
}

func (p *pager) own(id eventstore.StreamID) bool {
	return id.Kind == userKind && id.ID == p.viewer.SubjectID()
}

// personal reports whether the viewer may read the person an event is about.
func (p *pager) personal(e *eventstore.Event) bool {
	if p.own(e.Stream) && (e.Subject == "" || e.Subject == p.viewer.SubjectID()) {
		return true
	}
	return p.viewer.May(query.UserRead, p.owners[e.Stream])
}

// client reports whether the viewer may know where a change came from.
func (p *pager) client(e *eventstore.Event) bool {
	return e.Actor == p.viewer.SubjectID() || p.viewer.May(query.UserRead, p.owners[e.Stream])
}
