package user_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore/failure"
)

// Callers of the tests. All belong to the default organization.
func admin() *permission.Caller    { return commandtest.Admin() }
func stranger() *permission.Caller { return commandtest.Caller("stranger") }
func foreign() *permission.Caller {
	return commandtest.Caller("foreign", permission.Membership{Organization: "elsewhere", Roles: []string{permission.OrganizationOwner}})
}
func reader() *permission.Caller {
	return commandtest.Caller("reader", permission.Membership{Roles: []string{permission.InstanceOwnerViewer}})
}
func owner() *permission.Caller {
	return commandtest.Caller("owner", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
}
func minnie() *permission.Caller { return commandtest.Caller("minnie") }

const goodPassword = "Correct-Horse-7"

// Histories.
func person() proto.Message {
	return &eventv1.UserHumanAdded{
		OrganizationId: "default", Username: "minnie", Email: "minnie@mouse.com",
		Profile: &eventv1.Profile{GivenName: "Minnie", FamilyName: "Mouse", DisplayName: "Minnie Mouse", PreferredLanguage: "und"},
	}
}
func program() proto.Message {
	return &eventv1.UserMachineAdded{OrganizationId: "default", Username: "robot", Name: "Robot"}
}

// equipment is everything besides a password with which a person can prove who it is.
func equipment() []proto.Message {
	return []proto.Message{
		&eventv1.UserTOTPAdded{TotpId: "t", Seed: []byte("12345678901234567890")}, &eventv1.UserTOTPVerified{TotpId: "t"},
		&eventv1.UserOTPSMSAdded{}, &eventv1.UserOTPEmailAdded{},
		&eventv1.UserRecoveryCodesAdded{SetId: "s", Digests: [][]byte{[]byte("digest")}},
		&eventv1.UserInviteCodeAdded{Code: &eventv1.Code{Medium: eventv1.CodeMedium_CODE_MEDIUM_EMAIL}},
	}
}

func text(s string) *string { return &s }

func human() user.AddHuman {
	return user.AddHuman{
		UserID: "minnie", Username: text("minnie"), Profile: user.Profile{GivenName: "Minnie", FamilyName: "Mouse"},
		Email: user.EmailChange{Address: "minnie@mouse.com"},
	}
}

// scenario is one command on one history.
type scenario struct {
	name  string
	given []proto.Message // history of minnie
	as    *permission.Caller
	when  func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error
	then  []string // types of the new events
	fails error
}

func run(t *testing.T, scenarios []scenario) {
	t.Helper()
	warm := commandtest.New(t, database(t))
	cold := warm.Another(t)
	for i, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tenant := fmt.Sprintf("tenant-%d", i)
			n, as := warm.In(t, tenant), *s.as
			as.Tenant = tenant
			if len(s.given) > 0 {
				n.Given(t, "minnie", s.given...)
			}
			before := n.Version(t, "minnie")
			for _, node := range []*commandtest.Node{cold.In(t, tenant), n} {
				err := s.when(t.Context(), node, &as)
				if !errors.Is(err, s.fails) {
					t.Fatalf("%v, want %v", err, s.fails)
				}
				if refusal := (*failure.Error)(nil); err != nil && !errors.As(err, &refusal) {
					t.Fatalf("not a refusal: %v", err)
				}
				if got := commandtest.Types(n.Recorded(t, "minnie", before)); !slices.Equal(got, s.then) {
					t.Fatalf("recorded %q, want %q", got, s.then)
				}
				if len(s.then) > 0 {
					return // the second would meet another state
				}
			}
		})
	}
}
