package policy

import (
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// history draws events of a stream.
func history(t *rapid.T) []proto.Message {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) proto.Message {
		n := rapid.Uint32Range(1, 3).Draw(t, "n")
		locale := rapid.SampledFrom([]string{"en", "de"}).Draw(t, "locale")
		return rapid.SampledFrom([]proto.Message{
			&Login{Password: n == 1}, &PasswordComplexity{MinLength: n}, &PasswordAge{MaxAgeDays: n}, &Lockout{PasswordAttempts: n},
			&Notification{PasswordChange: n == 1}, &Privacy{CustomLinkText: locale}, &Branding{FontUrl: locale}, &Domain{},
			&Language{DefaultLanguage: locale}, &Security{Impersonation: n == 1},
			&eventv1.PolicyReset{Kind: eventv1.PolicyKind(rapid.Int32Range(0, 9).Draw(t, "kind"))},
			&eventv1.TranslationPolicySet{Locale: locale, Translations: []byte("{}")[:2*(n%2)]},
			&eventv1.OrganizationAdded{},
		}).Draw(t, "event")
	}), 0, 20).Draw(t, "history")
}

func folded(s State, events ...proto.Message) State {
	for i, e := range events {
		s = fold(s, e, command.Recorded{Version: uint64(i) + 1, At: time.Unix(int64(i), 0)})
	}
	return s
}

// What holds is the last that was set of a kind since its last reset.
func TestTheLastOfAKindHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		want := map[kind]proto.Message{}
		texts := map[string]bool{}
		for _, e := range events {
			switch e := e.(type) {
			case *eventv1.PolicyReset:
				if k, ok := resettable(e.GetKind()); ok {
					delete(want, k)
				}
			case *eventv1.TranslationPolicySet:
				texts[e.GetLocale()] = len(e.GetTranslations()) > 0
			default:
				if k, ok := kindOf(e); ok {
					want[k] = e
				}
			}
		}
		got := folded(State{}, events...)
		if len(got.policies) != len(want) {
			t.Fatalf("%d policies, want %d", len(got.policies), len(want))
		}
		for k, p := range want {
			if e := got.policies[k]; e.policy != p || e.createdAt.After(e.setAt) || e.version == 0 {
				t.Fatalf("%d: %+v, want %v", k, e, p)
			}
		}
		for locale, some := range texts {
			if _, ok := got.translations[locale]; ok != some {
				t.Fatalf("translations in %s: %t", locale, ok)
			}
		}
	})
}

// A state is shared between commands: folding one more event never writes to what was there.
func TestFoldLeavesTheStateBeforeAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := history(t)
		state, copied := folded(State{}, events...), folded(State{}, events...)
		folded(state, history(t)...)
		if !reflect.DeepEqual(state, copied) {
			t.Fatalf("changed from %+v to %+v", copied, state)
		}
	})
}
