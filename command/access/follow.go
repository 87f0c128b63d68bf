package access

import (
	"slices"

	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/member"
	"github.com/signet-iam/signet/command/organization"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
)

// Observe forgets what events may have changed. It is quick, and an observer of the store (eventstore.Options.Observers).
func (a *Authenticator) Observe(events []eventstore.Event) {
	for i := range events {
		if i == 0 || events[i].Stream != events[i-1].Stream {
			a.forget(&events[i].Stream)
		}
	}
}

// dependencies are the kinds of the streams that an answer depends on one by one.
func dependencies() []string {
	return []string{user.Kind, session.Kind, member.Kind, organization.Kind, project.Kind}
}

func (a *Authenticator) forget(changed *eventstore.StreamID) {
	switch {
	case changed.Tenant != a.tenant:
	case slices.Contains(dependencies(), changed.Kind):
		a.cache.forget(stream{changed.Kind, changed.ID})
	case changed.Kind == instance.Kind:
		a.cache.forgetAll()
	}
}

// Kinds are the kinds of the streams that Changed is about.
func Kinds() []string { return append(dependencies(), instance.Kind) }

// Changed forgets what other nodes may have changed: it is to be called with the streams that a command.Follower of Kinds finds.
// Without it revocations of other nodes count after a minute.
func (a *Authenticator) Changed(streams []eventstore.StreamID) {
	for i := range streams {
		a.forget(&streams[i])
	}
}

// Lost forgets everything: what other nodes did is unknown.
func (a *Authenticator) Lost() { a.cache.forgetAll() }
