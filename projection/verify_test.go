package projection_test

import (
	"slices"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

func TestVerifyFindsEveryDifference(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	for _, id := range []string{"ada", "bob", "cyd", "dan"} {
		n.user(id, person(id))
	}
	n.awaitHead("users")
	n.verified(n.users())
	n.exec("update projection.users_1 set email_verified = true where id = 'bob'")
	n.exec("delete from projection.users_1 where id = 'cyd'")
	n.exec("insert into projection.users_1 select (jsonb_populate_record(u, '{\"id\": \"eve\"}')).* from projection.users_1 u where id = 'ada'")
	n.exec("update projection.users_count_1 set count = count + 1")

	op := n.operator(n.users())
	before := n.status(op, "users")
	v, err := op.Verify(t.Context(), "users", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []projection.Difference{
		{Key: "count/default/o1", Kind: projection.Changed},
		{Key: "user/default/bob", Kind: projection.Changed},
		{Key: "user/default/cyd", Kind: projection.Missing},
		{Key: "user/default/eve", Kind: projection.Unexpected},
	}
	if !slices.Equal(v.Differences, want) || v.Differing != 4 || v.Rows != 6 {
		t.Errorf("found %+v", v)
	}
	if after := n.status(op, "users"); after.Generation != before.Generation || after.Position != before.Position {
		t.Errorf("verify changed what is live: %+v", after)
	}
	if _, err := op.Rebuild(t.Context(), "users", nil); err != nil {
		t.Fatal(err)
	}
	n.verified(n.users())
}

func TestVerifyBesideWrites(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				n.user("ada", verified(n, "ada")...)
			}
		}
	}()
	for range 5 {
		n.verified(n.users())
	}
	close(stop)
	<-ended
}

// Erasing a subject's key takes the person out of every table that is built after it.
func TestErasedSubjectFoldsToBlanks(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	n.run(projection.Options{}, n.users())
	n.user("ada", person("ada"), &eventv1.UserPhoneChanged{Phone: "+41791234567"})
	n.user("bob", person("bob"))
	n.awaitHead("users")
	n.exec("delete from eventstore.data_keys where subject = 'ada'")

	other := n.again() // a process that never held the key
	rebuilt, err := other.operator(other.users()).Rebuild(t.Context(), "users", nil)
	if err != nil || rebuilt.Parked != 0 {
		t.Fatalf("%+v, %v", rebuilt, err)
	}
	got := n.table("select id, version, state, kind, organization_id, username, given_name, display_name, email, phone, email_lower from projection.users")
	want := []string{`(ada,2,1,1,o1,"","","","","","")`, `(bob,1,1,1,o1,bob,bob,"bob Example",bob@example.com,"",bob@example.com)`}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
