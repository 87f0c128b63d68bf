package authorizations

import (
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/projection"
)

// The types of events that say it all: they are not decoded.
const (
	humanAdded     = "user.human.added"
	machineAdded   = "user.machine.added"
	userRemoved    = "user.removed"
	orgRemoved     = "org.removed"
	projectRemoved = "project.removed"
)

// fold turns each event into the statements that it means. What an event does to a row depends on nothing but what is in the
// tables by then.
type fold struct {
	projection.Script

	model *Model
}

// Take decodes events and adds what they mean.
func (f *fold) Take(ctx context.Context, _ projection.Querier, events []eventstore.Event) ([]*projection.EventError, error) {
	taking := projection.Taking{Codec: f.model.codec, Depth: codec.Open, One: f.takeOne}
	return taking.Take(ctx, projection.Select(events, counts))
}

// takeOne returns why an event cannot be applied, or an error that has nothing to do with it.
func (f *fold) takeOne(msg proto.Message, undecoded error, ev *eventstore.Event) (cause, err error) {
	if f.takeEnd(ev) {
		return nil, nil
	}
	if cause, err := projection.Undecoded(undecoded); cause != nil || err != nil {
		return cause, err
	}
	f.takeAuthorization(msg, ev)
	f.takeBasis(msg, ev)
	return nil, nil
}

// counts reports whether an event can mean anything here. Most of what happens to users and organizations does not, nor that a
// user is added who never was removed.
func counts(ev *eventstore.Event) bool {
	switch ev.Type {
	case humanAdded, machineAdded:
		return ev.Version > 1
	case userRemoved, orgRemoved:
		return true
	}
	return ev.Stream.Kind == "authorization" || ev.Stream.Kind == "project"
}

// takeEnd takes events that need no decoding, and reports whether this is one.
func (f *fold) takeEnd(ev *eventstore.Event) bool {
	tenant, id := ev.Stream.Tenant, ev.Stream.ID
	switch ev.Type {
	case humanAdded, machineAdded:
		f.Add(sqlBack, tenant, "user", id)
	case userRemoved:
		f.Add(sqlEndUser, tenant, id)
		f.Add(sqlGone, tenant, "user", id)
	case orgRemoved:
		f.Add(sqlEndOrganization, tenant, id)
		f.Add(sqlEndOrganizationOf, tenant, id)
		f.Add(sqlEndOrganizationBasis, tenant, id)
		f.Add(sqlGone, tenant, "org", id)
	case projectRemoved:
		f.Add(sqlEndProject, tenant, id)
		f.Add(sqlEndProjectBasis, tenant, id)
	default:
		return false
	}
	return true
}

// takeAuthorization takes what happens to one authorization.
func (f *fold) takeAuthorization(msg proto.Message, ev *eventstore.Event) {
	tenant, user, position, at := ev.Stream.Tenant, ev.Stream.ID, int64(ev.Position), ev.RecordedAt
	switch m := msg.(type) {
	case *eventv1.AuthorizationAdded:
		f.Add(sqlAdd, tenant, user, m.GetId(), m.GetProjectId(), m.GetOrganizationId(), sorted(m.GetRoleKeys()), position, at)
	case *eventv1.AuthorizationChanged:
		f.Add(sqlChange, tenant, user, m.GetId(), sorted(m.GetRoleKeys()), position, at)
	case *eventv1.AuthorizationDeactivated:
		f.Add(sqlActivate, tenant, user, m.GetId(), false, position, at)
	case *eventv1.AuthorizationActivated:
		f.Add(sqlActivate, tenant, user, m.GetId(), true, position, at)
	case *eventv1.AuthorizationRemoved:
		f.Add(sqlRemove, tenant, user, m.GetId())
	}
}

// takeBasis takes what happens to a project.
func (f *fold) takeBasis(msg proto.Message, ev *eventstore.Event) {
	tenant, id := ev.Stream.Tenant, ev.Stream.ID
	switch m := msg.(type) {
	case *eventv1.ProjectAdded:
		f.Add(sqlAddProject, tenant, id, m.GetOrganizationId())
	case *eventv1.ProjectRoleAdded:
		f.Add(sqlAddRole, tenant, id, m.GetKey())
	case *eventv1.ProjectRoleRemoved:
		f.Add(sqlEndRole, tenant, id, m.GetKey())
		f.Add(sqlEndRoleBasis, tenant, id, m.GetKey())
	case *eventv1.ProjectGrantAdded:
		f.Add(sqlAddGrant, tenant, id, m.GetOrganizationId())
		f.Add(sqlAddGrantRoles, tenant, id, m.GetOrganizationId(), listed(m.GetRoleKeys()))
	case *eventv1.ProjectGrantChanged:
		f.Add(sqlNarrowGrant, tenant, id, m.GetOrganizationId(), listed(m.GetRoleKeys()))
		f.Add(sqlNarrowGrantBasis, tenant, id, m.GetOrganizationId(), listed(m.GetRoleKeys()))
		f.Add(sqlAddGrantRoles, tenant, id, m.GetOrganizationId(), listed(m.GetRoleKeys()))
	case *eventv1.ProjectGrantRemoved:
		f.Add(sqlEndGrant, tenant, id, m.GetOrganizationId())
		f.Add(sqlEndGrantBasis, tenant, id, m.GetOrganizationId())
	}
}

func sorted(keys []string) []string {
	return listed(slices.Compact(slices.Sorted(slices.Values(keys))))
}

// listed returns no keys as an empty list: to Postgres nil is unknown.
func listed(keys []string) []string {
	if keys == nil {
		return []string{}
	}
	return keys
}
