package session_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore/failure"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/sessions"
	"github.com/signet-iam/signet/projection/users"
	"github.com/signet-iam/signet/query"
	"github.com/signet-iam/signet/query/session"
)

var until = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)

// Everything that is recorded of a session is there at once, under its place.
func TestGetReturnsEverything(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "user", "ann", human("o1", "ann@example.com"))
	proofs := []proto.Message{
		&eventv1.SessionAdded{
			CreatorId: "app", ExpiresAt: timestamppb.New(until),
			Agent: &eventv1.SessionAgent{
				FingerprintId: "f", Ip: "192.0.2.7", Description: "a browser",
				Headers: []*eventv1.SessionHeader{{Name: "Accept", Values: []string{"a", "b"}}},
			},
		},
		about("ann", "o1"), &eventv1.SessionPasswordChecked{}, &eventv1.SessionWebAuthnChecked{UserVerified: true}, &eventv1.SessionIntentChecked{},
		&eventv1.SessionTOTPChecked{}, &eventv1.SessionOTPSMSChecked{}, &eventv1.SessionOTPEmailChecked{}, &eventv1.SessionRecoveryCodeChecked{},
		&eventv1.SessionMetadataSet{Key: "b", Value: []byte{0, 1}}, &eventv1.SessionMetadataSet{Key: "a"}, &eventv1.SessionRefreshed{Generation: 1},
	}
	var at []time.Time
	for _, proof := range proofs {
		at = append(at, d.record(t, "session", "s1", proof).RecordedAt.UTC())
	}
	last := d.record(t, "session", "s1", &eventv1.SessionTokenSet{Digest: []byte("d")})
	want := session.Session{
		ID: "s1", CreatorID: "app", Version: 13, Position: last.Position, CreatedAt: at[0], ChangedAt: last.RecordedAt.UTC(), ExpiresAt: until,
		User: session.User{ID: "ann", Organization: "o1", LoginName: "ann@example.com", DisplayName: "D ann@example.com", CheckedAt: at[1]},
		Factors: session.Factors{
			Password: at[2], WebAuthn: at[3], UserVerified: true, Intent: at[4], TOTP: at[5], OTPSMS: at[6], OTPEmail: at[7], RecoveryCode: at[8],
		},
		Agent:    session.Agent{FingerprintID: "f", IP: "192.0.2.7", Description: "a browser", Headers: map[string][]string{"Accept": {"a", "b"}}},
		Metadata: map[string][]byte{"a": {}, "b": {0, 1}},
	}
	got, err := d.queries.Get(t.Context(), root, ask("s1"))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	d.record(t, "session", "bare", &eventv1.SessionAdded{})
	got, err = d.queries.Get(t.Context(), root, ask("bare"))
	if err != nil || !reflect.DeepEqual(got, session.Session{ID: "bare", Version: 1, Position: got.Position, CreatedAt: got.CreatedAt, ChangedAt: got.CreatedAt}) {
		t.Errorf("without anything: %+v, %v", got, err)
	}
	d.record(t, "user", "bot", &eventv1.UserMachineAdded{OrganizationId: "o1", Username: "bot", Name: "The bot"})
	d.record(t, "session", "machine", &eventv1.SessionAdded{}, about("bot", "o1"), &eventv1.SessionSecretChecked{})
	got, err = d.queries.Get(t.Context(), root, ask("machine"))
	if err != nil || got.User.LoginName != "bot" || got.User.DisplayName != "The bot" {
		t.Errorf("of a machine: %+v, %v", got, err)
	}
}

// A change, a new name of the user, and the end are there at once.
func TestReadsSeeWrites(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "user", "ann", human("o1", "ann0"))
	for i := range 10 {
		id, name := fmt.Sprintf("s%d", i), fmt.Sprintf("ann%d", i+1)
		d.record(t, "session", id, &eventv1.SessionAdded{}, about("ann", "o1"))
		got, err := d.queries.Get(t.Context(), root, ask(id))
		if err != nil || got.Version != 2 || got.User.LoginName != fmt.Sprintf("ann%d", i) {
			t.Fatalf("begun: %+v, %v", got, err)
		}
		d.record(t, "session", id, &eventv1.SessionPasswordChecked{})
		d.record(t, "user", "ann", &eventv1.UserUsernameChanged{Username: name})
		got, err = d.queries.Get(t.Context(), root, ask(id))
		if err != nil || got.Factors.Password.IsZero() || got.User.LoginName != name {
			t.Fatalf("proven, and renamed: %+v, %v", got, err)
		}
		list, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: strong()})
		if err != nil || list.Total != 1 || list.Rows[0].ID != id || list.Rows[0].User.LoginName != name {
			t.Fatalf("list: %+v, %v", list, err)
		}
		receipt := d.record(t, "session", id, &eventv1.SessionMetadataSet{Key: "k"}, &eventv1.SessionEnded{})
		if _, err := d.queries.Get(t.Context(), root, ask(id)); !errors.Is(err, session.ErrNotFound) {
			t.Fatalf("ended: %v", err)
		}
		list, err = d.queries.List(t.Context(), root, session.ListRequest{Consistency: strong()})
		if err != nil || list.Total != 0 || len(list.Rows) != 0 || list.Position < receipt.Position {
			t.Fatalf("list of none: %+v, %v", list, err)
		}
	}
}

// Without a projection a read fails instead of lying; the end alone is known from the log.
func TestReadsThatAreBehind(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	brief := query.Consistency{Timeout: time.Millisecond}
	d.record(t, "session", "s", &eventv1.SessionAdded{}, about("ann", "o1"))
	if _, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: brief}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("get: %v", err)
	}
	if _, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: brief}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("list: %v", err)
	}
	eventual := query.Consistency{Mode: query.Eventual}
	if _, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: eventual}); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("get without waiting: %v", err)
	}
	d.record(t, "session", "s", &eventv1.SessionEnded{})
	if _, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: brief}); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("get what has ended: %v", err)
	}
}

func TestNamesThatAreBehind(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.run(t, sessions.New(d.codec)) // and nobody knows of users
	d.record(t, "user", "ann", human("o1", "ann"))
	created := d.record(t, "session", "s", &eventv1.SessionAdded{}, about("ann", "o1"))
	must(t, d.log.Await(t.Context(), sessions.Name, created.Position))
	brief := query.Consistency{Timeout: time.Millisecond}
	if _, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: brief}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("get: %v", err)
	}
	if _, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: brief}); !errors.Is(err, query.ErrBehind) {
		t.Errorf("list: %v", err)
	}
	eventual := query.Consistency{Mode: query.Eventual}
	if got, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: eventual}); err != nil || got.User.ID != "ann" || got.User.LoginName != "" {
		t.Errorf("get without waiting: %+v, %v", got, err)
	}
	// Whoever asks before the names are there gets them all the same.
	var asking sync.WaitGroup
	for _, c := range []query.Consistency{strong(), {MinPosition: created.Position, Timeout: long}} {
		asking.Go(func() {
			if got, err := d.queries.Get(t.Context(), root, session.GetRequest{ID: "s", Consistency: c}); err != nil || got.User.LoginName != "ann" {
				t.Errorf("get: %+v, %v", got, err)
			}
		})
		asking.Go(func() {
			list, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: c})
			if err != nil || len(list.Rows) != 1 || list.Rows[0].User.LoginName != "ann" {
				t.Errorf("list: %+v, %v", list, err)
			}
		})
	}
	d.run(t, users.New(d.codec))
	asking.Wait()
}

func TestWhoMayReadWhat(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	d.record(t, "session", "of ann", &eventv1.SessionAdded{CreatorId: "app"}, about("ann", "o1"))
	d.record(t, "session", "of bob", &eventv1.SessionAdded{}, about("bob", "o2"))
	d.record(t, "session", "of nobody", &eventv1.SessionAdded{CreatorId: "app"})
	d.record(t, "session", "ended", &eventv1.SessionAdded{CreatorId: "app"}, about("ann", "o1"), &eventv1.SessionEnded{})
	var (
		manager = viewer{subject: "mia", organizations: []string{"o1"}}
		app     = viewer{subject: "app"}
		ann     = viewer{subject: "ann"}
		nobody  = viewer{}
	)
	for _, c := range []struct {
		name   string
		viewer viewer
		id     string
		shown  bool
		want   *failure.Error
	}{
		{"administrator reads any", root, "of bob", false, nil},
		{"administrator, one without a user", root, "of nobody", false, nil},
		{"administrator, unknown", root, "unknown", false, session.ErrNotFound},
		{"administrator, ended", root, "ended", false, session.ErrNotFound},
		{"manager, of its organization", manager, "of ann", false, nil},
		{"manager, of another", manager, "of bob", false, query.ErrDenied},
		{"manager, without a user", manager, "of nobody", false, query.ErrDenied},
		{"manager, unknown", manager, "unknown", false, session.ErrNotFound},
		{"who began it", app, "of ann", false, nil},
		{"who began it, without a user", app, "of nobody", false, nil},
		{"who began another", app, "of bob", false, query.ErrDenied},
		{"its user", ann, "of ann", false, nil},
		{"another user", ann, "of bob", false, query.ErrDenied},
		{"another user, unknown", ann, "unknown", false, query.ErrDenied},
		{"another user, ended", ann, "ended", false, query.ErrDenied},
		{"with the token", ann, "of bob", true, nil},
		{"nobody with the token", nobody, "of bob", true, nil},
		{"with the token, ended", ann, "ended", true, session.ErrNotFound},
		{"nobody, one that nobody began", nobody, "of bob", false, query.ErrDenied},
		{"nobody, one without a user", nobody, "of nobody", false, query.ErrDenied},
	} {
		r := ask(c.id)
		r.Shown = c.shown
		got, err := d.queries.Get(t.Context(), c.viewer, r)
		switch {
		case c.want == nil && (err != nil || got.ID != c.id):
			t.Errorf("%s: %q, %v", c.name, got.ID, err)
		case c.want != nil && (!errors.Is(err, c.want) || got.ID != ""):
			t.Errorf("%s: %q, %v", c.name, got.ID, err)
		}
	}
}

func TestIDsThatCannotBe(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, id := range []string{"", "a\x00b", strings.Repeat("x", 201)} {
		_, err := d.queries.Get(t.Context(), root, ask(id))
		var refusal *failure.Error
		if !errors.As(err, &refusal) || refusal.Kind != failure.InvalidArgument {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A rebuild from the log yields the same rows.
func TestRebuild(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.runAll(t)
	agent := &eventv1.SessionAgent{FingerprintId: "f", Headers: []*eventv1.SessionHeader{{Name: "b"}, {Name: "a", Values: []string{"1"}}}}
	d.record(t, "session", "a", &eventv1.SessionAdded{Agent: agent}, about("ann", "o1"), &eventv1.SessionMetadataSet{Key: "k", Value: []byte("v")})
	d.record(t, "session", "b", &eventv1.SessionAdded{Agent: agent})
	d.record(t, "session", "c", &eventv1.SessionAdded{Agent: agent}, &eventv1.SessionMetadataSet{Key: "k"})
	if _, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: strong()}); err != nil {
		t.Fatal(err)
	}
	d.record(t, "session", "b", &eventv1.SessionRefreshed{Generation: 2})
	d.record(t, "session", "c", &eventv1.SessionEnded{})
	if _, err := d.queries.List(t.Context(), root, session.ListRequest{Consistency: strong()}); err != nil {
		t.Fatal(err)
	}
	operator := projection.NewOperator(d.projection(), projection.Options{}, users.New(d.codec), sessions.New(d.codec))
	if found, err := operator.Verify(t.Context(), sessions.Name, nil); err != nil || found.Rows != 3 || found.Differing != 0 {
		t.Errorf("verify: %+v, %v", found, err)
	}
}
