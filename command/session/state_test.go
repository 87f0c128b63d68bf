package session

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/user"
)

func dawn() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// history draws events of a session, in any order.
func history(t *rapid.T) []proto.Message {
	key := rapid.SampledFrom([]string{"a", "b", "c"})
	version := rapid.Uint64Range(1, 9)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) proto.Message {
		v := version.Draw(t, "user version")
		return rapid.SampledFrom([]proto.Message{
			&eventv1.SessionAdded{CreatorId: "c", ExpiresAt: timestamppb.New(dawn().Add(time.Hour))},
			&eventv1.SessionUserChecked{UserId: "u", OrganizationId: "o", UserVersion: v},
			&eventv1.SessionPasswordChecked{UserVersion: v},
			&eventv1.SessionWebAuthnChallenged{Ceremony: []byte("q")},
			&eventv1.SessionWebAuthnChecked{UserVersion: v, UserVerified: true},
			&eventv1.SessionWebAuthnFailed{},
			&eventv1.SessionIntentChecked{UserVersion: v},
			&eventv1.SessionTOTPChecked{UserVersion: v},
			&eventv1.SessionOTPSMSChallenged{CodeId: "s"}, &eventv1.SessionOTPSMSChecked{UserVersion: v},
			&eventv1.SessionOTPEmailChallenged{CodeId: "e"}, &eventv1.SessionOTPEmailChecked{UserVersion: v},
			&eventv1.SessionRecoveryCodeChecked{UserVersion: v},
			&eventv1.SessionSecretChecked{UserVersion: v},
			&eventv1.SessionTokenChecked{UserVersion: v, TokenId: "t"},
			&eventv1.SessionMetadataSet{Key: key.Draw(t, "key"), Value: []byte("v")},
			&eventv1.SessionMetadataRemoved{Key: key.Draw(t, "key")},
			&eventv1.SessionLifetimeSet{ExpiresAt: timestamppb.New(dawn().Add(2 * time.Hour))},
			&eventv1.SessionTokenSet{Digest: []byte{byte(v)}},
			&eventv1.SessionRefreshed{Generation: uint32(v), Digest: []byte{byte(v)}, ExpiresAt: timestamppb.New(dawn().Add(time.Minute))},
			&eventv1.SessionEnded{},
			&eventv1.UserLocked{}, // not a session's
		}).Draw(t, "event")
	}), 0, 30).Draw(t, "history")
}

func folded(s State, events ...proto.Message) State {
	for i, e := range events {
		s = fold(s, e, command.Recorded{Version: uint64(i) + 1, At: dawn().Add(time.Duration(i) * time.Second)})
	}
	return s
}

// A state is shared between commands: folding one more event never writes to what was there.
func TestFoldLeavesTheStateBeforeAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		state := folded(State{}, events...)
		copied := state
		copied.Metadata = maps.Clone(state.Metadata)
		copied.Ceremony, copied.TokenDigest = slices.Clone(state.Ceremony), slices.Clone(state.TokenDigest)
		copied.Refresh.Digest = slices.Clone(state.Refresh.Digest)
		folded(state, history(t)...)
		if !reflect.DeepEqual(state, copied) {
			t.Fatalf("changed\n from %+v\n to %+v", copied, state)
		}
	})
}

// Whatever happened before: once it ended a session has no token, speaks for nobody, and nothing can be continued.
func TestAnEndedSessionIsGoodForNothing(t *testing.T) {
	t.Parallel()
	u := &user.State{Lifecycle: user.Active}
	rapid.Check(t, func(t *rapid.T) {
		s := folded(State{}, append(history(t), &eventv1.SessionEnded{})...)
		if s.Good(u, dawn()) || s.running(dawn()) || s.TokenDigest != nil || s.Refresh.Digest != nil || s.Ceremony != nil || s.Proven {
			t.Fatalf("%+v", s)
		}
	})
}

// The version that counts is that of the last proof, and naming the user once more does not move it.
func TestTheUserVersionIsThatOfTheLastProof(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want uint64
		proven := false
		events := history(t)
		for _, e := range events {
			switch e := e.(type) {
			case *eventv1.SessionAdded, *eventv1.SessionEnded:
				proven = false
				if _, added := e.(*eventv1.SessionAdded); added {
					want = 0
				}
			case *eventv1.SessionUserChecked:
				if !proven {
					want = e.GetUserVersion()
				}
			default:
				if p, ok := e.(interface{ GetUserVersion() uint64 }); ok {
					want, proven = p.GetUserVersion(), true
				}
			}
		}
		if got := folded(State{}, events...); got.UserVersion != want || got.Proven != proven {
			t.Fatalf("version %d, proven %v; want %d, %v", got.UserVersion, got.Proven, want, proven)
		}
	})
}

func TestWhenASessionIsGood(t *testing.T) {
	t.Parallel()
	begun := []proto.Message{
		&eventv1.SessionAdded{ExpiresAt: timestamppb.New(dawn().Add(time.Hour))},
		&eventv1.SessionUserChecked{UserId: "u", UserVersion: 4},
	}
	proven := &eventv1.SessionPasswordChecked{UserVersion: 4}
	active := user.State{Lifecycle: user.Active, SessionsSince: 4}
	holder := user.State{Lifecycle: user.Active, Tokens: []user.Token{{ID: "t"}, {ID: "old", ExpiresAt: dawn()}, {ID: "forced", Expired: true}, {ID: "anew", Since: 5}}}
	byToken := func(id string) proto.Message { return &eventv1.SessionTokenChecked{UserVersion: 4, TokenId: id} }
	for name, c := range map[string]struct {
		more []proto.Message
		u    user.State
		at   time.Duration
		good bool
	}{
		"proven":                               {more: []proto.Message{proven}, u: active, good: true},
		"a name only":                          {u: active},
		"a challenge only":                     {more: []proto.Message{&eventv1.SessionWebAuthnChallenged{}, &eventv1.SessionWebAuthnFailed{}}, u: active},
		"until it expires":                     {more: []proto.Message{proven}, u: active, at: time.Hour - 1, good: true},
		"expired":                              {more: []proto.Message{proven}, u: active, at: time.Hour},
		"its life was made longer":             {more: []proto.Message{proven, &eventv1.SessionLifetimeSet{ExpiresAt: timestamppb.New(dawn().Add(2 * time.Hour))}}, u: active, at: time.Hour, good: true},
		"ended":                                {more: []proto.Message{proven, &eventv1.SessionEnded{}}, u: active},
		"the user's sessions ended since":      {more: []proto.Message{proven}, u: user.State{Lifecycle: user.Active, SessionsSince: 5}},
		"naming the user again brings no back": {more: []proto.Message{proven, &eventv1.SessionUserChecked{UserId: "u", UserVersion: 5}}, u: user.State{Lifecycle: user.Active, SessionsSince: 5}},
		"locked":                               {more: []proto.Message{proven}, u: user.State{Lifecycle: user.Locked, SessionsSince: 4}},
		"inactive":                             {more: []proto.Message{proven}, u: user.State{Lifecycle: user.Inactive}},
		"removed":                              {more: []proto.Message{proven}, u: user.State{Lifecycle: user.Removed}},
		"nobody":                               {more: []proto.Message{proven}},
		"on a token":                           {more: []proto.Message{byToken("t")}, u: holder, good: true},
		"on a token that is gone":              {more: []proto.Message{byToken("gone")}, u: holder},
		"on a token that expired":              {more: []proto.Message{byToken("old")}, u: holder},
		"on a token that was expired":          {more: []proto.Message{byToken("forced")}, u: holder},
		"on a token with another value now":    {more: []proto.Message{byToken("anew")}, u: holder},
		"begun anew":                           {more: []proto.Message{proven, &eventv1.SessionAdded{}}, u: active},
	} {
		s := folded(State{}, append(slices.Clone(begun), c.more...)...)
		if got := s.Good(&c.u, dawn().Add(c.at)); got != c.good {
			t.Errorf("%s: good %v", name, got)
		}
	}
}

// Of several proofs the session names the version of the last: one before a change of the user spoils the others.
func TestProofsAcrossAChangeOfTheUser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		versions []uint64
		u        user.State
		want     error
	}{
		"all after it":     {[]uint64{7, 8, 7}, user.State{Lifecycle: user.Active, SessionsSince: 7}, nil},
		"one before it":    {[]uint64{6, 8}, user.State{Lifecycle: user.Active, SessionsSince: 7}, ErrUserChanged},
		"the last before":  {[]uint64{8, 6}, user.State{Lifecycle: user.Active, SessionsSince: 7}, ErrUserChanged},
		"locked meanwhile": {[]uint64{6}, user.State{Lifecycle: user.Locked, SessionsSince: 7}, user.ErrCannotSignIn},
	} {
		var proofs []proof
		for _, at := range c.versions {
			proofs = append(proofs, proof{at: at})
		}
		p := person{state: c.u}
		if err := p.stillHolds(proofs); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
