package projection_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

// tallied is the number of events that the live table has of a stream; 0 without a row.
func (n *node) tallied(id string) int64 {
	n.t.Helper()
	return one[int64](n, "select coalesce((select version from projection.tally where id = $1), 0)", id)
}

func TestPoisonParksItsStreamOnly(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	model.breakStream("bad", true)
	n.run(projection.Options{}, model)

	n.tick("user", "bad")
	n.tick("user", "good")
	poison := n.tick("user", "bad").Position
	n.tick("user", "bad")
	n.await("tally", n.tick("user", "good").Position)

	if bad, good := n.tallied("bad"), n.tallied("good"); bad != 1 || good != 2 {
		t.Errorf("bad is at %d, good at %d", bad, good)
	}
	parked := n.status(n.operator(model), "tally").Parked
	if len(parked) != 1 || parked[0].Stream != stream("user", "bad") || parked[0].Position != poison ||
		parked[0].Attempts != 1 || parked[0].Error != errBroken.Error() {
		t.Errorf("parked: %+v", parked)
	}
}

func TestParkedStreamGoesOnAfterRetry(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	model.breakStream("bad", true)
	n.run(projection.Options{}, model)
	n.tick("user", "bad")
	n.tick("user", "bad")
	n.await("tally", n.tick("user", "bad").Position)

	op := n.operator(model)
	order := projection.Order{Projection: "tally", Stream: stream("user", "bad"), Actor: "admin"}
	still, err := op.Retry(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	if still == nil || still.Attempts != 2 {
		t.Fatalf("a retry that fails again leaves %+v", still)
	}
	model.breakStream("bad", false)
	still, err = op.Retry(t.Context(), order)
	if err != nil || still != nil {
		t.Fatalf("after the cause is gone: %+v, %v", still, err)
	}
	if got := n.tallied("bad"); got != 3 {
		t.Errorf("took in %d events of 3", got)
	}
	n.await("tally", n.tick("user", "bad").Position)
	if got := n.tallied("bad"); got != 4 {
		t.Errorf("the stream does not go on: %d events of 4", got)
	}
	if _, err := op.Retry(t.Context(), order); !errors.Is(err, projection.ErrNotParked) {
		t.Errorf("retry of a stream that is not parked: %v", err)
	}
	n.verified(model)
}

func TestSkipIsRepeatedByARebuild(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	model.breakStream("bad", true)
	n.run(projection.Options{}, model)
	n.tick("user", "bad")
	poison := n.tick("user", "bad").Position
	n.await("tally", n.tick("user", "bad").Position)

	op := n.operator(model)
	order := projection.Order{Projection: "tally", Stream: stream("user", "bad"), Actor: "admin"}
	if _, err := op.Skip(t.Context(), order, poison+1); !errors.Is(err, projection.ErrNotParked) {
		t.Errorf("skip at another position: %v", err)
	}
	still, err := op.Skip(t.Context(), order, poison)
	if err != nil || still != nil {
		t.Fatalf("skip: %+v, %v", still, err)
	}
	want := n.table("select * from projection.tally")
	if len(want) != 1 || want[0] != "(default,user,bad,3,1)" {
		t.Errorf("after skip: %v", want)
	}
	n.tick("user", "bad")
	n.awaitHead("tally")
	n.verified(model)
	if _, err := op.Rebuild(t.Context(), "tally", nil); err != nil {
		t.Fatal(err)
	}
	if got := n.table("select * from projection.tally"); len(got) != 1 || got[0] != "(default,user,bad,4,1)" {
		t.Errorf("after rebuild: %v", got)
	}
	log, err := n.store.ReadLog(t.Context(), eventstore.LogQuery{Tenant: "default", StreamKind: "projection", Limit: 10})
	if err != nil || len(log) != 1 || log[0].Type != "projection.parked.skipped" || log[0].Actor != "admin" {
		t.Errorf("the order in the log: %+v, %v", log, err)
	}
}

func TestRefusedRowParksItsStreamOnly(t *testing.T) {
	t.Parallel()
	model := newTally()
	n := newNode(t, model)
	// All of it is one batch: it stands in the log before the runner starts.
	for range 3 {
		for _, id := range []string{"a", "refused1", "b", "refused2", "c"} {
			n.tick("user", id)
		}
	}
	n.run(projection.Options{}, model)
	n.awaitHead("tally")
	want := []string{"(default,user,a,3,0)", "(default,user,b,3,0)", "(default,user,c,3,0)", "(default,user,refused1,1,0)", "(default,user,refused2,1,0)"}
	check := func(when string) {
		t.Helper()
		if got := n.table("select * from projection.tally"); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v", when, got)
		}
		parked := n.status(n.operator(model), "tally").Parked
		if len(parked) != 2 || parked[0].Stream.ID != "refused1" || parked[1].Stream.ID != "refused2" {
			t.Fatalf("%s: parked %+v", when, parked)
		}
		if text := parked[0].Error; !strings.Contains(text, "23514") || strings.Contains(text, "refused1") {
			t.Errorf("%s: reason %q", when, text)
		}
	}
	check("live")
	op := n.operator(model)
	if still, err := op.Retry(t.Context(), projection.Order{Projection: "tally", Stream: stream("user", "refused1")}); err != nil || still == nil {
		t.Errorf("retry of a refused row: %+v, %v", still, err)
	}
	if _, err := op.Rebuild(t.Context(), "tally", nil); err != nil {
		t.Fatal(err)
	}
	check("rebuilt")
}

// Events that no reducer can read, as they come from a newer program or a damaged disk.
func TestUnreadableUserEventsAreParked(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	for id, event := range map[string]eventstore.NewEvent{
		"newer":   {Type: "user.from.the.future", Revision: 1, Payload: []byte{}},
		"damaged": {Type: "user.email.verified", Revision: 1, Payload: []byte("\xff\xff")},
		"torn":    {Type: "user.email.changed", Revision: 1, Payload: []byte{}, Personal: []byte("not sealed at all, but long enough"), Subject: "torn"},
	} {
		n.user(id, person(id))
		event.ID = uuid.Must(uuid.NewV7())
		n.append(eventstore.Change{Stream: stream("user", id), Events: []eventstore.NewEvent{event}})
		n.user(id, &eventv1.UserEmailVerified{})
	}
	n.user("nul", person("a\x00b"))
	n.await("users", n.user("fine", person("fine")).Position)

	parked := n.status(n.operator(n.users()), "users").Parked
	if len(parked) != 4 {
		t.Fatalf("parked: %+v", parked)
	}
	for _, p := range parked {
		if strings.Contains(p.Error, "\x00") || strings.Contains(p.Error, "@") || p.Error == "" {
			t.Errorf("%s: reason %q", p.Stream.ID, p.Error)
		}
	}
	if got := one[int64](n, "select count(*) from projection.users where version = 1"); got != 4 {
		t.Errorf("%d users are at their first event, want newer, damaged, torn and fine", got)
	}
	n.verified(n.users())
}

// belongs are the credentials and the metadata in the live tables, by kind or key.
func (n *node) belongs() []string {
	return n.table(`select user_id, kind::text, state::text from projection.users_credentials
		union all select user_id, key, convert_from(value, 'UTF8') from projection.users_metadata`)
}

// Credentials and metadata stay behind a parked event with their user, and go on with it.
func TestBelongingsOfAParkedUser(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	n.user("ada", person("ada"), &eventv1.UserOTPEmailAdded{}, &eventv1.UserTOTPAdded{TotpId: "t"}, &eventv1.UserMetadataSet{Key: "k", Value: []byte("1")})
	poison := n.append(eventstore.Change{Stream: stream("user", "ada"), Events: []eventstore.NewEvent{{
		ID: uuid.Must(uuid.NewV7()), Type: "user.metadata.set", Revision: 1, Payload: []byte("\xff\xff"),
	}}})
	n.user("ada", &eventv1.UserTOTPVerified{TotpId: "t"}, &eventv1.UserOTPEmailRemoved{}, &eventv1.UserMetadataSet{Key: "k", Value: []byte("2")})
	// A key that no index can hold is refused by the database and not by the reducer.
	n.user("eve", person("eve"), &eventv1.UserOTPSMSAdded{})
	huge := make([]byte, 20_000)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range huge {
		huge[i] = byte('!' + r.IntN(90))
	}
	refused := n.user("eve", &eventv1.UserMetadataSet{Key: string(huge)})
	n.user("eve", &eventv1.UserOTPSMSRemoved{})
	n.awaitHead("users")

	if got, want := n.belongs(), []string{"(ada,1,1)", "(ada,5,2)", "(ada,k,1)", "(eve,4,2)"}; !slices.Equal(got, want) {
		t.Errorf("parked: %v, want %v", got, want)
	}
	n.verified(n.users())
	op := n.operator(n.users())
	for id, at := range map[string]eventstore.Position{"ada": poison.Position, "eve": refused.Position} {
		order := projection.Order{Projection: "users", Stream: stream("user", id), Actor: "admin"}
		if still, err := op.Skip(t.Context(), order, at); err != nil || still != nil {
			t.Fatalf("skip %s: %+v, %v", id, still, err)
		}
	}
	want := []string{"(ada,1,2)", "(ada,k,2)"}
	if got := n.belongs(); !slices.Equal(got, want) {
		t.Errorf("after skip: %v, want %v", got, want)
	}
	n.verified(n.users())
	if _, err := op.Rebuild(t.Context(), "users", nil); err != nil {
		t.Fatal(err)
	}
	if got := n.belongs(); !slices.Equal(got, want) {
		t.Errorf("rebuilt: %v, want %v", got, want)
	}
}
