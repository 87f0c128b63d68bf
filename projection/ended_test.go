package projection_test

import (
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/projection"
	"github.com/signet-iam/signet/projection/users"
)

// The users of an organization end with it: those the table has, those of the same stretch of the log, and those who are added
// after its end. What their own streams say later changes nothing, and a rebuild makes the same of it.
func TestUsersEndWithTheirOrganization(t *testing.T) {
	t.Parallel()
	in := func(organization, name string) *eventv1.UserHumanAdded {
		p := person(name)
		p.OrganizationId = organization
		return p
	}
	for name, stepwise := range map[string]bool{"event by event": true, "in one stretch": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, users.New(nil))
			run := func() { n.run(projection.Options{}, n.users()) }
			if stepwise {
				run()
			}
			for _, step := range []func(){
				func() { n.user("ada", in("gone", "ada"), &eventv1.UserOTPEmailAdded{}, metadata("k", "v")) },
				func() { n.user("bob", in("stays", "bob"), &eventv1.UserOTPEmailAdded{}, metadata("k", "v")) },
				func() { n.user("was", in("gone", "was"), &eventv1.UserRemoved{}) },
				func() {
					n.raw(stream("org", "gone"), &eventv1.OrganizationAdded{Name: "Gone"}, &eventv1.OrganizationRemoved{})
				},
				func() { n.user("late", in("gone", "late"), metadata("k", "v")) },
				func() { n.user("ada", metadata("l", "v"), &eventv1.UserEmailVerified{}) },
				func() { n.user("cyd", in("stays", "cyd")) },
				func() { n.user("late", &eventv1.UserRemoved{}) },
			} {
				step()
				if stepwise {
					n.awaitHead("users")
				}
			}
			if !stepwise {
				run()
				n.awaitHead("users")
			}
			shown := n.table("select id, username, version from projection.users where state <> 3")
			if want := []string{"(bob,bob,3)", "(cyd,cyd,1)"}; !slices.Equal(shown, want) {
				t.Errorf("shown are %v", shown)
			}
			ended := n.table("select id, version, username, email from projection.users where state = 3")
			if want := []string{`(ada,5,"","")`, `(late,3,"","")`, `(was,2,"","")`}; !slices.Equal(ended, want) {
				t.Errorf("ended are %v", ended)
			}
			left := n.table("select user_id from projection.users_credentials union all select user_id from projection.users_metadata")
			if want := []string{"(bob)", "(bob)"}; !slices.Equal(left, want) {
				t.Errorf("of %v something is left", left)
			}
			counts := n.table("select organization_id, count from projection.users_count where count <> 0")
			if want := []string{"(stays,2)"}; !slices.Equal(counts, want) {
				t.Errorf("counted %v", counts)
			}
			n.verified(n.users())
			op := n.operator(n.users())
			if _, err := op.Rebuild(t.Context(), "users", nil); err != nil {
				t.Fatal(err)
			}
			n.verified(n.users())
		})
	}
}

// More users than one statement takes, and an organization that ends while their rows are in memory only.
func TestAnOrganizationOfManyEnds(t *testing.T) {
	t.Parallel()
	n := newNode(t, users.New(nil))
	for i := range 30 {
		history := []proto.Message{person(fmt.Sprintf("u%d", i))}
		for range 30 {
			history = append(history, &eventv1.UserEmailVerified{})
		}
		n.user(fmt.Sprintf("u%d", i), history...)
	}
	n.raw(stream("org", "o1"), &eventv1.OrganizationAdded{Name: "O"}, &eventv1.OrganizationRemoved{})
	n.run(projection.Options{}, n.users())
	n.awaitHead("users")
	if left := one[int64](n, "select count(*) from projection.users where state <> 3"); left != 0 {
		t.Errorf("%d are left", left)
	}
	n.verified(n.users())
}

func metadata(key, value string) *eventv1.UserMetadataSet {
	return &eventv1.UserMetadataSet{Key: key, Value: []byte(value)}
}
