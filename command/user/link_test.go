package user_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/user"
)

// addProvider adds a provider of an organization, of the whole instance if that is empty.
func addProvider(t *testing.T, n *commandtest.Node, organization string, linking bool) string {
	t.Helper()
	as := admin()
	as.Tenant = n.Tenant
	added, err := n.Providers.Add(t.Context(), as, provider.Add{
		Organization: organization,
		Settings: &eventv1.IdentityProvider{
			Name: "Foreign", LinkingAllowed: linking, Oidc: &eventv1.OIDCProvider{Issuer: "https://id.example.com", ClientId: "signet"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return added.ID
}

func link(ctx context.Context, n *commandtest.Node, as *permission.Caller, userID string, l user.ProviderLink) error {
	_, err := n.Users.LinkProvider(ctx, as, user.LinkProvider{UserID: userID, Link: l})
	return err
}

func unlink(ctx context.Context, n *commandtest.Node, as *permission.Caller, userID string, l user.ProviderLink) error {
	_, err := n.Users.UnlinkProvider(ctx, as, user.UnlinkProvider{UserID: userID, ProviderID: l.ProviderID, ExternalID: l.UserID})
	return err
}

// holder returns the user who is found by an account.
func holder(t *testing.T, n *commandtest.Node, l user.ProviderLink) string {
	t.Helper()
	claim, err := user.LinkClaim(t.Context(), n.Runtime.Vault, n.Tenant, l.ProviderID, l.UserID)
	if err != nil {
		t.Fatal(err)
	}
	stream, _, err := n.Store.ClaimHolder(t.Context(), n.Tenant, claim)
	if err != nil {
		t.Fatal(err)
	}
	return stream.ID
}

func TestLinkProvider(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	n.Given(t, "robot", program())
	n.Given(t, "gone", person(), &eventv1.UserRemoved{})
	whole, own := addProvider(t, n, "", true), addProvider(t, n, "default", true)
	if _, err := n.Organizations.Add(t.Context(), admin(), "elsewhere", "Elsewhere"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		userID string
		link   user.ProviderLink
		want   error
	}{
		{"of the whole instance", "minnie", user.ProviderLink{whole, "e1", "name"}, nil},
		{"the same again", "minnie", user.ProviderLink{whole, "e1", "another name"}, user.ErrLinkTaken},
		{"a second account there", "minnie", user.ProviderLink{whole, "e2", "name"}, nil},
		{"of the user's organization", "minnie", user.ProviderLink{own, "e1", "name"}, nil},
		{"of another organization", "minnie", user.ProviderLink{addProvider(t, n, "elsewhere", true), "e1", "name"}, user.ErrProviderNotFound},
		{"where linking is forbidden", "minnie", user.ProviderLink{addProvider(t, n, "", false), "e1", "name"}, user.ErrProviderNotFound},
		{"of an unknown provider", "minnie", user.ProviderLink{"nothing", "e1", "name"}, user.ErrProviderNotFound},
		{"of an unknown user", "nobody", user.ProviderLink{whole, "e3", "name"}, user.ErrNoUser},
		{"of a removed user", "gone", user.ProviderLink{whole, "e3", "name"}, user.ErrNoUser},
		{"of a program", "robot", user.ProviderLink{whole, "e3", "name"}, user.ErrNoUser},
		{"without a provider", "minnie", user.ProviderLink{"", "e3", "name"}, user.ErrInvalidLink},
		{"without an account", "minnie", user.ProviderLink{whole, "", "name"}, user.ErrInvalidLink},
		{"with control characters", "minnie", user.ProviderLink{whole, "e\x00", "name"}, user.ErrInvalidLink},
		{"too long", "minnie", user.ProviderLink{whole, strings.Repeat("e", 201), "name"}, user.ErrInvalidLink},
	} {
		before := n.Version(t, c.userID)
		if err := link(t.Context(), n, admin(), c.userID, c.link); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		var want []string
		if c.want == nil {
			want = []string{"user.idp.linked"}
			if got := holder(t, n, c.link); got != c.userID {
				t.Errorf("%s: the account leads to %q", c.name, got)
			}
		}
		if got := commandtest.Types(n.Recorded(t, c.userID, before)); !slices.Equal(got, want) {
			t.Errorf("%s: recorded %q", c.name, got)
		}
	}
}

func TestUserHasFewLinks(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	history := []proto.Message{person()}
	for i := range 20 {
		history = append(history, &eventv1.UserIDPLinked{ProviderId: "p", ExternalId: fmt.Sprint(i)})
	}
	n.Given(t, "minnie", history...)
	if err := link(t.Context(), n, admin(), "minnie", user.ProviderLink{addProvider(t, n, "", true), "e", "n"}); !errors.Is(err, user.ErrTooManyLinks) {
		t.Error(err)
	}
}

// An account belongs to one user, however many try to get it at once, and can be had again once it is free.
func TestAnAccountIsLinkedOnce(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	another := n.Another(t)
	account := user.ProviderLink{addProvider(t, n, "", true), "e", "n"}
	var won atomic.Value
	var winners atomic.Int32
	var linking sync.WaitGroup
	for i := range 8 {
		id, node := fmt.Sprintf("user-%d", i), []*commandtest.Node{n, another}[i%2]
		n.Given(t, id, person())
		linking.Go(func() {
			switch err := link(context.Background(), node, admin(), id, account); {
			case err == nil:
				winners.Add(1)
				won.Store(id)
			case !errors.Is(err, user.ErrLinkTaken):
				t.Error(err)
			}
		})
	}
	linking.Wait()
	if winners.Load() != 1 || holder(t, n, account) != won.Load() {
		t.Fatalf("%d users got the account", winners.Load())
	}
	if err := unlink(t.Context(), n, admin(), won.Load().(string), account); err != nil {
		t.Fatal(err)
	}
	n.Given(t, "next", person())
	if err := link(t.Context(), n, admin(), "next", account); err != nil {
		t.Errorf("after it was unlinked: %v", err)
	}
	if _, err := n.Users.Delete(t.Context(), admin(), "next"); err != nil {
		t.Fatal(err)
	}
	n.Given(t, "last", person())
	if err := link(t.Context(), n, admin(), "last", account); err != nil {
		t.Errorf("after its user was removed: %v", err)
	}
}

func TestUnlinkProvider(t *testing.T) {
	t.Parallel()
	account := user.ProviderLink{ProviderID: "p", UserID: "e", Username: "n"}
	linked := &eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "e", Username: "n"}
	drop := func(ctx context.Context, n *commandtest.Node, as *permission.Caller) error {
		return unlink(ctx, n, as, "minnie", account)
	}
	run(t, []scenario{
		{"linked, its provider long gone", []proto.Message{person(), linked}, minnie(), drop, []string{"user.idp.unlinked"}, nil},
		{"linked, by an owner", []proto.Message{person(), linked}, owner(), drop, []string{"user.idp.unlinked"}, nil},
		{"linked, by a stranger", []proto.Message{person(), linked}, stranger(), drop, nil, permission.ErrDenied},
		{"another account", []proto.Message{person(), &eventv1.UserIDPLinked{ProviderId: "p", ExternalId: "f"}}, admin(), drop, nil, user.ErrLinkNotFound},
		{"not linked", []proto.Message{person()}, admin(), drop, nil, user.ErrLinkNotFound},
		{"nobody", nil, admin(), drop, nil, user.ErrLinkNotFound},
	})
}

func TestAddHumanWithLinks(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	whole := addProvider(t, n, "", true)
	account := user.ProviderLink{whole, "e", "n"}
	add := func(id string, links ...user.ProviderLink) error {
		req := human()
		req.UserID, req.Username, req.Links = id, &id, links
		_, err := n.Users.AddHuman(t.Context(), owner(), req)
		return err
	}
	if err := add("minnie", account, user.ProviderLink{whole, "f", "m"}); err != nil {
		t.Fatal(err)
	}
	if got := commandtest.Types(n.Recorded(t, "minnie", 0)); !slices.Contains(got, "user.idp.linked") || holder(t, n, account) != "minnie" {
		t.Errorf("recorded %q", got)
	}
	for name, c := range map[string]struct {
		links []user.ProviderLink
		want  error
	}{
		"an account somebody has": {[]user.ProviderLink{{whole, "e", "n"}}, user.ErrLinkTaken},
		"an unknown provider":     {[]user.ProviderLink{{"nothing", "e", "n"}}, user.ErrProviderNotFound},
		"twice the same":          {[]user.ProviderLink{{whole, "g", "n"}, {whole, "g", "m"}}, user.ErrInvalidLink},
		"too many":                {make([]user.ProviderLink, 21), user.ErrTooManyLinks},
	} {
		if err := add("mickey", c.links...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if v := n.Version(t, "mickey"); v != 0 {
		t.Errorf("%d events of a user who was refused", v)
	}
}
