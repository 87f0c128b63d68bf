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
	n.user("ada", &eventv1.UserOTPEmailAdded{}, &eventv1.UserTOTPAdded{TotpId: "t1"}, &eventv1.UserMetadataSet{Key: "k", Value: []byte("v")},
		&eventv1.UserMetadataSet{Key: "l", Value: []byte("v")})
	n.awaitHead("users")
	n.verified(n.users())
	n.exec("update projection.users_credentials_1 set state = 2 where kind = 1")
	n.exec("delete from projection.users_credentials_1 where kind = 5")
	n.exec("update projection.users_metadata_1 set value = '' where key = 'k'")
	n.exec("update projection.users_metadata_1 set key = 'm' where key = 'l'")
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
		{Key: "credential/default/ada/1/", Kind: projection.Changed},
		{Key: "credential/default/ada/5/", Kind: projection.Missing},
		{Key: "metadata/default/ada/k", Kind: projection.Changed},
		{Key: "metadata/default/ada/l", Kind: projection.Missing},
		{Key: "metadata/default/ada/m", Kind: projection.Unexpected},
		{Key: "user/default/bob", Kind: projection.Changed},
		{Key: "user/default/cyd", Kind: projection.Missing},
		{Key: "user/default/eve", Kind: projection.Unexpected},
	}
	if !slices.Equal(v.Differences, want) || v.Differing != 9 || v.Rows != 11 {
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
	n.user("ada", person("ada"), &eventv1.UserPhoneChanged{Phone: "+41791234567"}, &eventv1.UserWebAuthnAdded{WebauthnId: "w"},
		&eventv1.UserWebAuthnVerified{WebauthnId: "w", Name: "Ada's key"}, &eventv1.UserMetadataSet{Key: "k", Value: []byte("Ada's")},
		&eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "ada@p", Username: "ada"})
	n.user("bob", person("bob"))
	n.awaitHead("users")
	n.exec("delete from eventstore.data_keys where subject = 'ada'")

	other := n.again() // a process that never held the key
	rebuilt, err := other.operator(other.users()).Rebuild(t.Context(), "users", nil)
	if err != nil || rebuilt.Parked != 0 {
		t.Fatalf("%+v, %v", rebuilt, err)
	}
	got := n.table("select id, version, state, kind, organization_id, username, given_name, display_name, email, phone, email_lower from projection.users")
	want := []string{`(ada,6,1,1,o1,"","","","","","")`, `(bob,1,1,1,o1,bob,bob,"bob Example",bob@example.com,"",bob@example.com)`}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	got = n.table(`select kind::text, name || external_id || provider_id from projection.users_credentials
		union all select key, convert_from(value, 'UTF8') from projection.users_metadata`)
	if want := []string{`(2,"")`, `(6,p)`, `(k,"")`}; !slices.Equal(got, want) {
		t.Errorf("belongings: %v", got)
	}
}
