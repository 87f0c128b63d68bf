package user

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// events draws any event of a user, as the log might hold it, whether it makes sense at that point or not.
func events() *rapid.Generator[proto.Message] {
	code := func() *eventv1.Code {
		return &eventv1.Code{Digest: []byte("digest"), ExpiresAt: timestamppb.New(time.Unix(1000, 0))}
	}
	return rapid.Custom(func(t *rapid.T) proto.Message {
		word := rapid.SampledFrom([]string{"", "a", "b", "c"})
		return rapid.SampledFrom([]proto.Message{
			&eventv1.UserHumanAdded{OrganizationId: "o", Username: word.Draw(t, "name"), Email: word.Draw(t, "email"), Phone: word.Draw(t, "phone")},
			&eventv1.UserMachineAdded{OrganizationId: "o", Username: word.Draw(t, "name")},
			&eventv1.UserUsernameChanged{Username: word.Draw(t, "name")},
			&eventv1.UserProfileChanged{Profile: &eventv1.Profile{GivenName: word.Draw(t, "given")}},
			&eventv1.UserEmailChanged{Email: word.Draw(t, "email")},
			&eventv1.UserEmailCodeAdded{Code: code()}, &eventv1.UserEmailCodeAdded{},
			&eventv1.UserEmailVerified{}, &eventv1.UserEmailCodeBlocked{Attempts: 5},
			&eventv1.UserPhoneChanged{Phone: word.Draw(t, "phone")},
			&eventv1.UserPhoneCodeAdded{Code: code()}, &eventv1.UserPhoneVerified{}, &eventv1.UserPhoneCodeBlocked{}, &eventv1.UserPhoneRemoved{},
			&eventv1.UserPasswordChanged{Hash: word.Draw(t, "hash")}, &eventv1.UserPasswordCodeAdded{Code: code()},
			&eventv1.UserPasswordCodeBlocked{}, &eventv1.UserPasswordThrottled{},
			&eventv1.UserDeactivated{}, &eventv1.UserReactivated{}, &eventv1.UserLocked{}, &eventv1.UserUnlocked{}, &eventv1.UserRemoved{},
			&eventv1.UserMetadataSet{Key: "k"},
			&eventv1.UserTokenAdded{TokenId: word.Draw(t, "token"), Digest: []byte(word.Draw(t, "digest"))},
			&eventv1.UserTokenChanged{TokenId: word.Draw(t, "token"), Name: word.Draw(t, "name"), ExpiresAt: timestamppb.New(time.Unix(2000, 0))},
			&eventv1.UserTokenRegenerated{TokenId: word.Draw(t, "token"), Digest: []byte(word.Draw(t, "digest"))},
			&eventv1.UserTokenExpired{TokenId: word.Draw(t, "token")},
			&eventv1.UserTokenRemoved{TokenId: word.Draw(t, "token")},
			&eventv1.OrganizationAdded{Name: "of another stream"}, nil,
		}).Draw(t, "event")
	})
}

func at(i int) command.Recorded {
	return command.Recorded{ID: uuid.UUID{byte(i + 1)}, Version: uint64(i) + 1, Position: eventstore.Position(i) + 1, At: time.Unix(int64(i), 0)}
}

// Any history folds, step by step, without a panic, without a change to the state before, and to a state that holds together.
func TestFoldOfAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history := rapid.SliceOfN(events(), 0, 40).Draw(t, "history")
		var state State
		for i, e := range history {
			before, kept := state, snapshot(state)
			state = fold(before, e, at(i))
			if !reflect.DeepEqual(snapshot(before), kept) {
				t.Fatalf("%T changed the state before it", e)
			}
			holdsTogether(t, &state, e)
		}
		// Folding is the same in one go and in two.
		cut := rapid.IntRange(0, len(history)).Draw(t, "cut")
		var again State
		for i, e := range history[:cut] {
			again = fold(again, e, at(i))
		}
		for i, e := range history[cut:] {
			again = fold(again, e, at(cut+i))
		}
		if !reflect.DeepEqual(state, again) {
			t.Fatalf("one go: %+v, two: %+v", state, again)
		}
	})
}

// snapshot copies what a state refers to.
func snapshot(s State) State {
	s.Tokens = append([]Token(nil), s.Tokens...)
	for _, code := range []**Code{&s.Email.Code, &s.Phone.Code, &s.PasswordCode} {
		if *code != nil {
			c := **code
			*code = &c
		}
	}
	return s
}

func holdsTogether(t *rapid.T, s *State, last proto.Message) {
	switch last.(type) {
	case *eventv1.UserHumanAdded, *eventv1.UserMachineAdded:
		if s.Lifecycle != Active || len(s.Tokens) > 0 || s.PasswordHash != "" || s.Email.Code != nil || s.Email.Verified {
			t.Fatalf("a new user inherits: %+v", s)
		}
	case *eventv1.UserRemoved:
		if s.Exists() || s.Username != "" || s.PasswordHash != "" || len(s.Tokens) > 0 || s.Profile != nil || s.Email != (Address{}) {
			t.Fatalf("something is left of a removed user: %+v", s)
		}
	case *eventv1.UserEmailVerified:
		if !s.Email.Verified || s.Email.Code != nil {
			t.Fatalf("a used code is left: %+v", s)
		}
	case *eventv1.UserEmailChanged:
		if s.Email.Verified || s.Email.Code != nil {
			t.Fatalf("a new address is proven: %+v", s)
		}
	case *eventv1.UserPhoneChanged, *eventv1.UserPhoneRemoved:
		if s.Phone.Verified || s.Phone.Code != nil {
			t.Fatalf("a new number is proven: %+v", s)
		}
	case *eventv1.UserPasswordChanged:
		if s.PasswordCode != nil {
			t.Fatalf("a reset code outlives the password: %+v", s)
		}
	case *eventv1.UserEmailCodeAdded:
		if s.Email.Code == nil || s.Email.Code.Blocked {
			t.Fatalf("a new code cannot be used: %+v", s)
		}
	}
}

func TestTokensOfAState(t *testing.T) {
	t.Parallel()
	s := State{Tokens: []Token{
		{ID: "for ever", Digest: []byte("a")}, {ID: "until 10", Digest: []byte("b"), ExpiresAt: time.Unix(10, 0)},
		{ID: "ended by force", Digest: []byte("f"), ExpiresAt: time.Unix(5, 0), Expired: true},
	}}
	for _, c := range []struct {
		digest string
		now    int64
		id     string
	}{{"a", 1 << 40, "for ever"}, {"b", 9, "until 10"}, {"b", 10, ""}, {"c", 0, ""}, {"", 0, ""}, {"f", 4, ""}} {
		if token, ok := s.Token([]byte(c.digest), time.Unix(c.now, 0)); token.ID != c.id || ok != (c.id != "") {
			t.Errorf("digest %q at %d: %q", c.digest, c.now, token.ID)
		}
	}
	for _, c := range []struct {
		id   string
		now  int64
		good bool
	}{{"for ever", 1 << 40, true}, {"until 10", 9, true}, {"until 10", 10, false}, {"ended by force", 4, false}, {"unknown", 0, false}, {"", 0, false}} {
		if token, ok := s.TokenByID(c.id, time.Unix(c.now, 0)); ok != c.good || ok && token.ID != c.id {
			t.Errorf("token %q at %d: %v", c.id, c.now, ok)
		}
	}
}

// A token that was expired by force stays so, and a new value has an age of its own.
func TestTokensFold(t *testing.T) {
	t.Parallel()
	var s State
	for i, e := range []proto.Message{
		&eventv1.UserHumanAdded{},
		&eventv1.UserTokenAdded{TokenId: "t", Name: "old", Digest: []byte("a")},
		&eventv1.UserTokenRegenerated{TokenId: "t", Digest: []byte("b")},
		&eventv1.UserTokenChanged{TokenId: "t", Name: "new", ExpiresAt: timestamppb.New(time.Unix(100, 0))},
	} {
		s = fold(s, e, at(i))
	}
	want := Token{ID: "t", Name: "new", Digest: []byte("b"), ExpiresAt: time.Unix(100, 0).UTC(), Since: 3}
	if !reflect.DeepEqual(s.Tokens, []Token{want}) {
		t.Errorf("%+v", s.Tokens)
	}
	s = fold(s, &eventv1.UserTokenExpired{TokenId: "t"}, at(4))
	s = fold(s, &eventv1.UserTokenChanged{TokenId: "t", Name: "newer"}, at(5))
	want.Name, want.Expired, want.ExpiresAt = "newer", true, time.Unix(4, 0)
	if !reflect.DeepEqual(s.Tokens, []Token{want}) {
		t.Errorf("%+v", s.Tokens)
	}
}
