package projects

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/signet-iam/signet/projection"
)

const (
	loadRows = `
select p.tenant, p.id, organization_id, version, position, removed, name, state, role_assertion, authorization_required,
       access_required, labeling, created_at, changed_at
  from unnest($1::text[], $2::text[]) as wanted (tenant, id)
 cross join lateral (select * from %s p where p.tenant = wanted.tenant and p.id = wanted.id offset 0) p`

	loadEnded = `
select e.tenant, e.id
  from unnest($1::text[], $2::text[]) as wanted (tenant, id)
 cross join lateral (select * from %s e where e.tenant = wanted.tenant and e.id = wanted.id offset 0) e`

	upsertRow = `
insert into %s (` + projectColumns + `)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (tenant, id) do update set version = excluded.version, position = excluded.position, removed = excluded.removed,
    name = excluded.name, name_lower = excluded.name_lower, state = excluded.state, role_assertion = excluded.role_assertion,
    authorization_required = excluded.authorization_required, access_required = excluded.access_required,
    labeling = excluded.labeling, changed_at = excluded.changed_at`
)

func (r *Row) scan(row pgx.Row) error {
	return row.Scan(&r.Tenant, &r.ID, &r.OrganizationID, &r.Version, &r.Position, &r.Removed, &r.Name, &r.State, &r.RoleAssertion,
		&r.AuthorizationRequired, &r.AccessRequired, &r.Labeling, &r.CreatedAt, &r.ChangedAt)
}

// Queue queues the changed rows and then the steps, and forgets all.
func (f *fold) Queue(batch *pgx.Batch) {
	for _, r := range projection.ChangedRows(f.rows) {
		batch.Queue(fmt.Sprintf(upsertRow, f.tables.projects),
			r.Tenant, r.ID, r.OrganizationID, int64(r.Version), int64(r.Position), r.Removed, r.Name, strings.ToLower(r.Name), r.State,
			r.RoleAssertion, r.AuthorizationRequired, r.AccessRequired, r.Labeling, r.CreatedAt, r.ChangedAt)
	}
	f.script.Queue(batch)
	clear(f.rows)
	clear(f.ended)
}

// Write is Queue at once: projects are few.
func (f *fold) Write(ctx context.Context, tx pgx.Tx) error {
	return projection.WriteQueued(ctx, tx, "projects", f.Queue)
}
