package sessions

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
)

// at is the time of the event with this version.
func at(version int) time.Time { return time.Date(2026, 3, 1, 12, 0, version, 0, time.UTC) }

// until is when what expires in these tests does.
var until = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func event(id string, version int, msg proto.Message) *eventstore.Event {
	ev := &eventstore.Event{
		Stream:  eventstore.StreamID{Tenant: "default", Kind: "session", ID: id},
		Version: uint64(version), Position: eventstore.Position(10 * version), RecordedAt: at(version),
	}
	if _, end := msg.(*eventv1.SessionEnded); end {
		ev.Type = endType
	}
	return ev
}

func added() *eventv1.SessionAdded {
	return &eventv1.SessionAdded{
		CreatorId: "app", ExpiresAt: timestamppb.New(until),
		Agent: &eventv1.SessionAgent{
			FingerprintId: "f", Ip: "192.0.2.7", Description: "a browser",
			Headers: []*eventv1.SessionHeader{{Name: "b", Values: []string{"2"}}, {Name: "a", Values: []string{"1", "<"}}, {Name: "b", Values: []string{"3"}}, {Name: "c"}},
		},
	}
}

func about(user string) *eventv1.SessionUserChecked {
	return &eventv1.SessionUserChecked{UserId: user, OrganizationId: "o1", UserVersion: 4}
}

// row is that of added, at a version.
func row(version int, change func(*Row)) Row {
	r := Row{
		Tenant: "default", ID: "s1", Version: uint64(version), Position: eventstore.Position(10 * version), CreatorID: "app",
		Agent: Agent{
			FingerprintID: "f", IP: "192.0.2.7", Description: "a browser", Headers: `{"a":["1","\u003c"],"b":["2","3"],"c":[]}`,
		},
		CreatedAt: at(1), ChangedAt: at(version), ExpiresAt: until,
	}
	if change != nil {
		change(&r)
	}
	return r
}

func given(history ...proto.Message) (got Row, err error) {
	for i, msg := range history {
		next, err := Apply(got, msg, event("s1", i+1, msg))
		if err != nil {
			if next != got {
				return next, errors.New("a refused event changed the row")
			}
			return got, err
		}
		got = next
	}
	return got, nil
}

func TestApply(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		given []proto.Message
		then  Row
	}{
		"added": {[]proto.Message{added()}, row(1, nil)},
		"added without anything, or erased": {
			[]proto.Message{&eventv1.SessionAdded{}},
			row(1, func(r *Row) { r.CreatorID, r.Agent, r.ExpiresAt = "", Agent{Headers: noHeaders}, time.Time{} }),
		},
		"about a user": {
			[]proto.Message{added(), about("u1")},
			row(2, func(r *Row) { r.UserID, r.OrganizationID, r.Checked.User = "u1", "o1", at(2) }),
		},
		"a password": {[]proto.Message{added(), &eventv1.SessionPasswordChecked{}}, row(2, func(r *Row) { r.Checked.Password = at(2) })},
		"and again": {
			[]proto.Message{added(), &eventv1.SessionPasswordChecked{}, &eventv1.SessionPasswordChecked{}},
			row(3, func(r *Row) { r.Checked.Password = at(3) }),
		},
		"a passkey": {
			[]proto.Message{added(), &eventv1.SessionWebAuthnChecked{UserVerified: true}},
			row(2, func(r *Row) { r.Checked.WebAuthn, r.Checked.UserVerified = at(2), true }),
		},
		"and then a key that verified nobody": {
			[]proto.Message{added(), &eventv1.SessionWebAuthnChecked{UserVerified: true}, &eventv1.SessionWebAuthnChecked{}},
			row(3, func(r *Row) { r.Checked.WebAuthn = at(3) }),
		},
		"a provider":      {[]proto.Message{added(), &eventv1.SessionIntentChecked{}}, row(2, func(r *Row) { r.Checked.Intent = at(2) })},
		"TOTP":            {[]proto.Message{added(), &eventv1.SessionTOTPChecked{}}, row(2, func(r *Row) { r.Checked.TOTP = at(2) })},
		"a code by SMS":   {[]proto.Message{added(), &eventv1.SessionOTPSMSChecked{}}, row(2, func(r *Row) { r.Checked.OTPSMS = at(2) })},
		"a code by email": {[]proto.Message{added(), &eventv1.SessionOTPEmailChecked{}}, row(2, func(r *Row) { r.Checked.OTPEmail = at(2) })},
		"a recovery code": {[]proto.Message{added(), &eventv1.SessionRecoveryCodeChecked{}}, row(2, func(r *Row) { r.Checked.RecoveryCode = at(2) })},
		"another lifetime": {
			[]proto.Message{added(), &eventv1.SessionLifetimeSet{ExpiresAt: timestamppb.New(until.Add(time.Nanosecond))}}, row(2, nil),
		},
		"a lifetime without end": {
			[]proto.Message{added(), &eventv1.SessionLifetimeSet{}}, row(2, func(r *Row) { r.ExpiresAt = time.Time{} }),
		},
	} {
		if got, err := given(c.given...); err != nil || got != c.then {
			t.Errorf("%s:\ngot  %+v, %v\nwant %+v", name, got, err, c.then)
		}
	}
}

func TestEventsThatShowNothingStillCount(t *testing.T) {
	t.Parallel()
	for _, msg := range []proto.Message{
		&eventv1.SessionTokenSet{Digest: []byte("d")}, &eventv1.SessionRefreshed{Generation: 2, ExpiresAt: timestamppb.Now()},
		&eventv1.SessionWebAuthnChallenged{}, &eventv1.SessionWebAuthnFailed{}, &eventv1.SessionOTPSMSChallenged{},
		&eventv1.SessionOTPEmailChallenged{}, &eventv1.SessionSecretChecked{}, &eventv1.SessionTokenChecked{TokenId: "t"},
		&eventv1.SessionMetadataSet{Key: "k"}, &eventv1.SessionMetadataRemoved{Key: "k"},
	} {
		got, err := given(added(), msg)
		if err != nil || got != row(2, nil) || !onlyMoved(row(1, nil), got) {
			t.Errorf("%T: %+v, %v", msg, got, err)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	null := func(agent *eventv1.SessionAgent) []proto.Message {
		return []proto.Message{&eventv1.SessionAdded{Agent: agent}}
	}
	for name, c := range map[string]struct {
		given []proto.Message
		want  error
	}{
		"a change of none":          {[]proto.Message{about("u1")}, errNoSession},
		"a second beginning":        {[]proto.Message{added(), added()}, errExists},
		"a null in an id":           {[]proto.Message{added(), about("\x00")}, projection.ErrHasNulls},
		"a null in a fingerprint":   {null(&eventv1.SessionAgent{FingerprintId: "\x00"}), projection.ErrHasNulls},
		"a null in a header's name": {null(&eventv1.SessionAgent{Headers: []*eventv1.SessionHeader{{Name: "\x00"}}}), projection.ErrHasNulls},
		"a null in a header":        {null(&eventv1.SessionAgent{Headers: []*eventv1.SessionHeader{{Name: "a", Values: []string{"b", "\x00"}}}}), projection.ErrHasNulls},
	} {
		if _, err := given(c.given...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := given(null(&eventv1.SessionAgent{Headers: []*eventv1.SessionHeader{{Name: `\u0000`}}})...); err != nil {
		t.Errorf("the spelling of a null: %v", err)
	}
}

func TestFollows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row   uint64
		event int
		known bool
		err   error
	}{{3, 2, true, nil}, {3, 3, true, nil}, {3, 4, false, nil}, {3, 5, false, projection.ErrGap}, {0, 1, false, nil}, {0, 2, false, errNoSession}} {
		known, err := follows(&Row{Version: c.row}, event("s1", c.event, nil))
		if known != c.known || !errors.Is(err, c.err) {
			t.Errorf("version %d after %d: %v, %v", c.event, c.row, known, err)
		}
	}
}
