package memberships

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
	f.takeDecoded(msg, ev)
	return nil, nil
}

// counts reports whether an event means anything here. Most of what happens to users does not, nor that one is added who never
// was removed.
func counts(ev *eventstore.Event) bool {
	switch ev.Type {
	case humanAdded, machineAdded:
		return ev.Version > 1
	case userRemoved, orgRemoved, projectRemoved, "membership.set", "instance.member.set", "project.grant.added", "project.grant.removed":
		return true
	}
	return false
}

// takeEnd takes events that need no decoding, and reports whether this is one.
func (f *fold) takeEnd(ev *eventstore.Event) bool {
	tenant, id := ev.Stream.Tenant, ev.Stream.ID
	switch ev.Type {
	case humanAdded, machineAdded:
		f.Add(sqlBack, tenant, "user", id, "")
	case userRemoved:
		f.Add(sqlEndUser, tenant, id)
		f.Add(sqlGone, tenant, "user", id, "")
	case orgRemoved:
		f.Add(sqlEndOrganization, tenant, id)
		f.Add(sqlEndGranted, tenant, id)
		f.Add(sqlGone, tenant, "org", id, "")
	case projectRemoved:
		f.Add(sqlEndProject, tenant, id)
		f.Add(sqlGone, tenant, "project", id, "")
	default:
		return false
	}
	return true
}

func (f *fold) takeDecoded(msg proto.Message, ev *eventstore.Event) {
	tenant, id := ev.Stream.Tenant, ev.Stream.ID
	switch m := msg.(type) {
	case *eventv1.MembershipSet:
		f.set(ev, membership{id, m.GetOrganizationId(), m.GetProjectId(), m.GetGrantedOrganizationId(), m.GetRoles()})
	case *eventv1.InstanceMemberSet:
		f.set(ev, membership{user: m.GetUserId(), roles: m.GetRoles()})
	case *eventv1.ProjectGrantAdded:
		f.Add(sqlBack, tenant, "grant", id, m.GetOrganizationId())
	case *eventv1.ProjectGrantRemoved:
		f.Add(sqlEndGrant, tenant, id, m.GetOrganizationId())
		f.Add(sqlGone, tenant, "grant", id, m.GetOrganizationId())
	}
}

// membership is what an event sets.
type membership struct {
	user, organization, project, granted string
	roles                                []string
}

func (f *fold) set(ev *eventstore.Event, m membership) {
	on := []any{ev.Stream.Tenant, m.user, m.organization, m.project, m.granted}
	if len(m.roles) == 0 {
		f.Add(sqlEnd, on...)
		return
	}
	roles := slices.Sorted(slices.Values(m.roles))
	f.Add(sqlSet, append(on, roles, int64(ev.Position), ev.RecordedAt)...)
}
