package notification

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
	"github.com/signet-iam/signet/notification/channel"
)

// person is the fold of a user up to a code event: whom to write to, and how.
type person struct {
	organization string
	username     string
	profile      *eventv1.Profile
	email        string
	phone        string
}

func (p *person) apply(msg proto.Message) {
	switch m := msg.(type) {
	case *eventv1.UserHumanAdded:
		*p = person{organization: m.OrganizationId, username: m.Username, profile: m.Profile, email: m.Email, phone: m.Phone}
	case *eventv1.UserUsernameChanged:
		p.username = m.Username
	case *eventv1.UserProfileChanged:
		p.profile = m.Profile
	case *eventv1.UserEmailChanged:
		p.email = m.Email
	case *eventv1.UserPhoneChanged:
		p.phone = m.Phone
	case *eventv1.UserPhoneRemoved:
		p.phone = ""
	}
}

// recipient returns the address for a channel, "" if there is none.
func (p *person) recipient(ch channel.Channel) string {
	if ch == channel.Email {
		return p.email
	}
	return p.phone
}

// reachable is what the user's stream says about a code.
type reachable struct {
	person person
	void   string // why the code is void, "" when it is good
}

// readPerson folds the user up to the code event ev and looks whether a later event makes the code void.
func readPerson(ctx context.Context, log *eventstore.Store, c *codec.Codec, subject codeEvent) (reachable, error) {
	events, err := log.ReadStream(ctx, subject.event.Stream, 0)
	if err != nil {
		return reachable{}, fmt.Errorf("notification: read user: %w", err)
	}
	var shaping, ending []eventstore.Event
	var result reachable
	for i := range events {
		ev := &events[i]
		switch {
		case ev.Version <= subject.event.Version && shapes(ev.Type):
			shaping = append(shaping, *ev)
		case ev.Version > subject.event.Version && ev.Type == typeRemoved:
			result.void = reasonUserRemoved
		case ev.Version > subject.event.Version && result.void == "" && subject.topic.voidedBy(ev.Type, subject.channel):
			result.void = reasonSuperseded
		case ev.Version > subject.event.Version && slices.Contains(subject.topic.ending, ev.Type):
			ending = append(ending, *ev)
		}
	}
	if result.void == "" && len(ending) > 0 {
		if result.void, err = endedBy(ctx, c, ending, subject.codeID); err != nil {
			return reachable{}, err
		}
	}
	messages, failures, err := c.DecodeAll(ctx, shaping, codec.Personal)
	if err != nil {
		return reachable{}, fmt.Errorf("notification: decode user: %w", err)
	}
	for i, msg := range messages {
		if failures[i] != nil {
			return reachable{}, fmt.Errorf("notification: decode user: %w", failures[i])
		}
		result.person.apply(msg.Proto)
	}
	return result, nil
}

// endedBy returns why a code is void if one of these events names it.
func endedBy(ctx context.Context, c *codec.Codec, events []eventstore.Event, codeID string) (string, error) {
	messages, failures, err := c.DecodeAll(ctx, events, codec.Open)
	if err != nil {
		return "", fmt.Errorf("notification: decode user: %w", err)
	}
	for i, msg := range messages {
		if failures[i] != nil {
			return "", fmt.Errorf("notification: decode user: %w", failures[i])
		}
		if codeIDOf(msg.Proto) == codeID {
			return reasonSuperseded, nil
		}
	}
	return "", nil
}

// shapes reports whether events of this type say something about whom to write to.
func shapes(eventType string) bool {
	switch eventType {
	case typeHumanAdded, typeUsernameChanged, typeProfileChanged, typeEmailChanged, typePhoneChanged, typePhoneRemoved:
		return true
	}
	return false
}
