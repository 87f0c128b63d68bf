package projection_test

import (
	"fmt"
	"math/rand/v2"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
)

func removed() proto.Message { return &eventv1.UserRemoved{} }

// verified returns what makes a user have one more event, adding it first if need be.
func verified(n *node, id string) []proto.Message {
	n.t.Helper()
	head, err := n.store.StreamHead(n.t.Context(), stream("user", id))
	if err != nil {
		n.t.Fatal(err)
	}
	if head.Version == 0 {
		return []proto.Message{person(id)}
	}
	return []proto.Message{&eventv1.UserEmailVerified{}}
}

// history appends a user's life of some events, in one to three appends.
func history(n *node, r *rand.Rand, prefix string, length int) {
	n.t.Helper()
	id := fmt.Sprintf("%s%d", prefix, r.Uint64())
	life := []proto.Message{person(id)}
	exists := true
	for range r.IntN(length + 1) {
		var msg proto.Message
		msg, exists = next(r, exists)
		life = append(life, msg)
	}
	for len(life) > 0 {
		some := 1 + r.IntN(len(life))
		n.user(id, life[:some]...)
		life = life[some:]
	}
}

// next is any event that may follow.
func next(r *rand.Rand, exists bool) (proto.Message, bool) {
	name := fmt.Sprintf("Näme%d", r.IntN(1000))
	if !exists {
		if r.IntN(2) == 0 {
			return &eventv1.UserTokenRemoved{TokenId: name}, false
		}
		return &eventv1.UserMachineAdded{OrganizationId: fmt.Sprintf("o%d", r.IntN(3)), Username: name, Name: name}, true
	}
	choices := []proto.Message{
		&eventv1.UserUsernameChanged{Username: name},
		&eventv1.UserProfileChanged{Profile: &eventv1.Profile{GivenName: name, FamilyName: "F", Gender: eventv1.Gender(r.IntN(4))}},
		&eventv1.UserEmailChanged{Email: name + "@example.org"}, &eventv1.UserEmailVerified{}, &eventv1.UserEmailCodeAdded{},
		&eventv1.UserPhoneChanged{Phone: "+4179" + name}, &eventv1.UserPhoneVerified{}, &eventv1.UserPhoneRemoved{},
		&eventv1.UserPasswordChanged{Hash: "$2a$", ChangeRequired: r.IntN(2) == 0}, &eventv1.UserPasswordThrottled{Attempts: 5},
		&eventv1.UserDeactivated{}, &eventv1.UserReactivated{}, &eventv1.UserLocked{}, &eventv1.UserUnlocked{},
		&eventv1.UserMetadataSet{Key: "k", Value: []byte(name)}, &eventv1.UserTokenAdded{TokenId: name}, removed(),
	}
	msg := choices[r.IntN(len(choices))]
	_, end := msg.(*eventv1.UserRemoved)
	return msg, !end
}
