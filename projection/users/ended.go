package users

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// The kinds of stream that the model follows. Organizations tell of their end.
const (
	kindUser         = "user"
	kindOrganization = "org"
)

const (
	createEnded = `
create table %s (
    tenant          text collate "C" not null,
    organization_id text collate "C" not null,
    primary key (tenant, organization_id)
)`

	loadEnded = `
select e.tenant, e.organization_id
  from unnest($1::text[], $2::text[]) as wanted (tenant, organization_id)
  join %s e using (tenant, organization_id)`

	insertEnded = `
insert into %s (tenant, organization_id)
select * from unnest($1::text[], $2::text[])
on conflict do nothing`

	// What users of ended organizations have goes before the users, by whom it is found.
	emptyEnded = `
delete from %s c
 using %s u, unnest($1::text[], $2::text[]) as ended (tenant, organization_id)
 where u.tenant = ended.tenant and u.organization_id = ended.organization_id and u.state <> 3
   and c.tenant = u.tenant and c.user_id = u.id`

	// It leaves of a row what Row.end leaves of it.
	endUsers = `
update %s u
   set state = 3, username = '', given_name = '', family_name = '', nick_name = '', display_name = '', preferred_language = '',
       gender = 0, email = '', email_verified = false, phone = '', phone_verified = false, has_password = false,
       password_change_required = false, password_changed_at = null, mfa_init_skipped_at = null, machine_name = '',
       machine_description = '', has_secret = false, signed_tokens = false, avatar = '', username_lower = '', given_name_lower = '',
       family_name_lower = '', nick_name_lower = '', display_name_lower = '', email_lower = ''
  from unnest($1::text[], $2::text[]) as ended (tenant, organization_id)
 where u.tenant = ended.tenant and u.organization_id = ended.organization_id and u.state <> 3`

	clearCounts = `
update %s c set count = 0
  from unnest($1::text[], $2::text[]) as ended (tenant, organization_id)
 where c.tenant = ended.tenant and c.organization_id = ended.organization_id`
)

func endedTable(generation int) string { return fmt.Sprintf("projection.users_ended_%d", generation) }

// endings is what is known in memory of organizations that have ended.
type endings struct {
	table string                // of those that are known to have ended
	known map[organization]bool // whether it has ended, of those that events depended on
	fresh []organization        // that the tables do not know to have ended
}

// has reports whether an organization has ended.
func (e *endings) has(tenant, id string) bool { return e.known[organization{tenant, id}] }

func (e *endings) add(o organization) {
	if !e.known[o] {
		e.known[o] = true
		e.fresh = append(e.fresh, o)
	}
}

// home returns the organization of a user who is added.
func home(msg proto.Message) (string, bool) {
	switch m := msg.(type) {
	case *eventv1.UserHumanAdded:
		return m.GetOrganizationId(), true
	case *eventv1.UserMachineAdded:
		return m.GetOrganizationId(), true
	}
	return "", false
}

// loadEndings reads whether the organizations have ended that users are added to.
func (f *fold) loadEndings(ctx context.Context, q projection.Querier, messages []codec.Message, events []eventstore.Event) error {
	var unknown projection.Keys
	for i := range events {
		id, added := home(messages[i].Proto)
		o := organization{events[i].Stream.Tenant, id}
		if _, known := f.endings.known[o]; known || !added {
			continue
		}
		f.endings.known[o] = false
		unknown.Add(projection.Key{Tenant: o.tenant, ID: o.id})
	}
	loading := projection.Loading{What: "ended organizations", Query: loadEnded, Table: f.endings.table}
	return unknown.Load(ctx, q, loading, func(rows pgx.Rows) error {
		var o organization
		err := rows.Scan(&o.tenant, &o.id)
		f.endings.known[o] = true
		return err
	})
}

// takeOrganization ends the users of an organization that ends: those in memory here, the others in their table.
func (f *fold) takeOrganization(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if cause, err = projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	if _, ends := msg.(*eventv1.OrganizationRemoved); !ends {
		return nil, nil
	}
	if projection.HasNulls(ev.Stream.ID) {
		return projection.ErrHasNulls, nil
	}
	f.endings.add(organization{ev.Stream.Tenant, ev.Stream.ID})
	for _, e := range f.rows {
		f.outlive(e)
	}
	return nil, nil
}

// outlive ends a user whose organization has ended.
func (f *fold) outlive(e *entry) {
	if !e.row.exists() || !f.endings.has(e.row.Tenant, e.row.OrganizationID) {
		return
	}
	f.take(e, &change{empty: true})
	next := e.row
	next.end()
	f.replace(e, next)
}

// queueEndings queues what the tables do not know of endings. It goes before the rows: those are as they are to be.
func (f *fold) queueEndings(batch *pgx.Batch) {
	if len(f.endings.fresh) == 0 {
		return
	}
	var tenants, ids []string
	for _, o := range f.endings.fresh {
		tenants, ids = append(tenants, o.tenant), append(ids, o.id)
	}
	batch.Queue(fmt.Sprintf(insertEnded, f.endings.table), tenants, ids)
	for _, table := range []string{credentialsTable(f.generation), metadataTable(f.generation)} {
		batch.Queue(fmt.Sprintf(emptyEnded, table, f.table), tenants, ids)
	}
	batch.Queue(fmt.Sprintf(endUsers, f.table), tenants, ids)
	batch.Queue(fmt.Sprintf(clearCounts, countTable(f.generation)), tenants, ids)
	f.endings.fresh = slices.Delete(f.endings.fresh, 0, len(f.endings.fresh))
}
