package projection_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

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
		removed(),
	}
	choices = append(choices, belongings(r)...)
	msg := choices[r.IntN(len(choices))]
	_, end := msg.(*eventv1.UserRemoved)
	return msg, !end
}

// belongings are events about credentials, links, keys, tokens and metadata of few ids, so that they meet each other.
func belongings(r *rand.Rand) []proto.Message {
	pick := func(prefix string) string { return fmt.Sprintf("%s%d", prefix, r.IntN(3)) }
	purpose := eventv1.WebAuthnPurpose(1 + r.IntN(2))
	until := timestamppb.New(time.Date(2027, 1, 2, 3, r.IntN(60), 0, 0, time.UTC))
	return []proto.Message{
		&eventv1.UserWebAuthnAdded{WebauthnId: pick("w"), Purpose: purpose, RelyingPartyId: pick("rp"), ExpiresAt: until},
		&eventv1.UserWebAuthnVerified{WebauthnId: pick("w"), Name: pick("Schlüssel")}, &eventv1.UserWebAuthnRemoved{WebauthnId: pick("w")},
		&eventv1.UserWebAuthnUsed{WebauthnId: pick("w")}, &eventv1.UserPasskeyCodeAdded{CodeId: "c"},
		&eventv1.UserTOTPAdded{TotpId: pick("t")}, &eventv1.UserTOTPVerified{TotpId: pick("t")}, &eventv1.UserTOTPRemoved{},
		&eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPSMSRemoved{}, &eventv1.UserOTPEmailAdded{}, &eventv1.UserOTPEmailRemoved{},
		&eventv1.UserMFAInitSkipped{}, &eventv1.UserInviteAccepted{},
		&eventv1.UserRecoveryCodesAdded{SetId: pick("s"), Digests: [][]byte{{1}, {2}}},
		&eventv1.UserRecoveryCodeUsed{SetId: pick("s"), Index: 1}, &eventv1.UserRecoveryCodesRemoved{},
		&eventv1.UserIDPLinked{ProviderId: pick("idp"), ExternalId: pick("ext"), Username: pick("name")},
		&eventv1.UserIDPUnlinked{ProviderId: pick("idp"), ExternalId: pick("ext")},
		&eventv1.UserMachineChanged{Name: pick("n"), Description: pick("d")},
		&eventv1.UserMachineSecretSet{Hash: "h"}, &eventv1.UserMachineSecretRemoved{},
		&eventv1.UserMachineKeyAdded{KeyId: pick("k"), ExpiresAt: until}, &eventv1.UserMachineKeyRemoved{KeyId: pick("k")},
		&eventv1.UserTokenAdded{TokenId: pick("t")}, &eventv1.UserTokenRemoved{TokenId: pick("t")},
		&eventv1.UserMetadataSet{Key: pick("Key"), Value: []byte(pick("v"))}, &eventv1.UserMetadataRemoved{Key: pick("Key")},
	}
}
