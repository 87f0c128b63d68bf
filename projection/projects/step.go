package projects

import (
	"strings"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
)

// step is a statement on what hangs on projects. Steps are taken in the order of the log, after the rows of the projects are
// written. Tables stand in braces, because each generation has its own.
type step struct {
	sql  string
	args []any
}

// then adds steps to those that are to be taken.
func (f *fold) then(steps []step) {
	for _, s := range steps {
		f.script.Add(s.sql, s.args...)
	}
}

// Each is about one project: $1 is the tenant, $2 its id.
const (
	addRole = `
insert into {roles} (` + roleColumns + `)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict (tenant, project_id, key) do update set display_name = excluded.display_name,
    display_name_lower = excluded.display_name_lower, role_group = excluded.role_group, created_at = excluded.created_at,
    changed_at = excluded.changed_at`

	changeRole = `
update {roles}
   set display_name = coalesce($4::text, display_name), display_name_lower = coalesce($5::text, display_name_lower),
       role_group = coalesce($6::text, role_group), changed_at = $7
 where tenant = $1 and project_id = $2 and key = $3`

	removeRole = "delete from {roles} where tenant = $1 and project_id = $2 and key = $3"

	ungrantRole = `
update {grants}
   set roles = array_remove(roles, $3), changed_at = $4
 where tenant = $1 and project_id = $2 and $3 = any (roles)`

	addGrant = `
insert into {grants} (` + grantColumns + `)
values ($1, $2, $3, $4, $5, 1, $6, $6)
on conflict (tenant, project_id, granted_organization_id) do update set roles = excluded.roles, state = excluded.state,
    created_at = excluded.created_at, changed_at = excluded.changed_at`

	changeGrant = `
update {grants}
   set roles = $4, changed_at = $5
 where tenant = $1 and project_id = $2 and granted_organization_id = $3`

	moveGrant = `
update {grants}
   set state = $4, changed_at = $5
 where tenant = $1 and project_id = $2 and granted_organization_id = $3`

	removeGrant = "delete from {grants} where tenant = $1 and project_id = $2 and granted_organization_id = $3"

	removeRoles  = "delete from {roles} where tenant = $1 and project_id = $2"
	removeGrants = "delete from {grants} where tenant = $1 and project_id = $2"
)

// Each is about one organization that ended: $1 is the tenant, $2 its id.
const (
	endProjects = `
update {projects}
   set removed = true, name = '', name_lower = '', state = 0, role_assertion = false, authorization_required = false,
       access_required = false, labeling = 0
 where tenant = $1 and organization_id = $2 and not removed`

	endRoles = `
delete from {roles} r
 using {projects} p
 where p.tenant = $1 and p.organization_id = $2 and r.tenant = p.tenant and r.project_id = p.id`

	endGrants = "delete from {grants} where tenant = $1 and (organization_id = $2 or granted_organization_id = $2)"

	noteEnd = "insert into {ended} (tenant, id) values ($1, $2) on conflict do nothing"
)

// steps returns what an event does to the roles and grants of its project.
func (r *Row) steps(msg proto.Message, ev *eventstore.Event) []step {
	tenant, id, at := ev.Stream.Tenant, ev.Stream.ID, ev.RecordedAt
	one := func(sql string, args ...any) []step { return []step{{sql, append([]any{tenant, id}, args...)}} }
	switch m := msg.(type) {
	case *eventv1.ProjectRemoved:
		return endOf(ev.Stream)
	case *eventv1.ProjectRoleAdded:
		return one(addRole, m.GetKey(), strings.ToLower(m.GetKey()), m.GetDisplayName(), strings.ToLower(m.GetDisplayName()), m.GetGroup(), at)
	case *eventv1.ProjectRoleChanged:
		return one(changeRole, m.GetKey(), m.DisplayName, lowered(m.DisplayName), m.Group, at)
	case *eventv1.ProjectRoleRemoved:
		return append(one(removeRole, m.GetKey()), one(ungrantRole, m.GetKey(), at)...)
	case *eventv1.ProjectGrantAdded:
		return one(addGrant, m.GetOrganizationId(), r.OrganizationID, array(m.GetRoleKeys()), at)
	case *eventv1.ProjectGrantChanged:
		return one(changeGrant, m.GetOrganizationId(), array(m.GetRoleKeys()), at)
	case *eventv1.ProjectGrantDeactivated:
		return one(moveGrant, m.GetOrganizationId(), inactive, at)
	case *eventv1.ProjectGrantActivated:
		return one(moveGrant, m.GetOrganizationId(), active, at)
	case *eventv1.ProjectGrantRemoved:
		return one(removeGrant, m.GetOrganizationId())
	}
	return nil
}

// endOf returns the steps at the end of a project.
func endOf(project eventstore.StreamID) []step {
	args := []any{project.Tenant, project.ID}
	return []step{{removeRoles, args}, {removeGrants, args}}
}

// endOfOrganization returns the steps at the end of an organization.
func endOfOrganization(organization eventstore.StreamID) (all []step) {
	args := []any{organization.Tenant, organization.ID}
	for _, sql := range [...]string{endProjects, endRoles, endGrants, noteEnd} {
		all = append(all, step{sql, args})
	}
	return all
}

func lowered(text *string) *string {
	if text == nil {
		return nil
	}
	lower := strings.ToLower(*text)
	return &lower
}

// array never is null.
func array(keys []string) []string { return append([]string{}, keys...) }
