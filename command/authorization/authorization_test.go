package authorization_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/authorization"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/project"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

func do(t testing.TB, _ any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// scene returns a node with the organizations acme and corp, the project shop of acme with the roles reader, writer and seller,
// of which corp was granted the first two, and the users ann and bob.
func scene(t testing.TB) *commandtest.Node {
	t.Helper()
	n := commandtest.New(t, database(t))
	for _, id := range []string{"acme", "corp", "idle"} {
		_, err := n.Organizations.Add(t.Context(), commandtest.Admin(), id, id)
		do(t, nil, err)
	}
	_, err := n.Projects.Create(t.Context(), commandtest.Admin(), project.Create{ID: "shop", Organization: "acme", Name: "Shop"})
	do(t, nil, err)
	for _, key := range []string{"reader", "writer", "seller"} {
		addRole(t, n, key)
	}
	grant(t, n, "corp")
	grant(t, n, "idle")
	_, err = n.Projects.DeactivateGrant(t.Context(), commandtest.Admin(), "shop", "idle")
	do(t, nil, err)
	for _, id := range []string{"ann", "bob"} {
		person(t, n, id)
	}
	return n
}

func person(t testing.TB, n *commandtest.Node, id string) {
	t.Helper()
	n.Given(t, id, &eventv1.UserHumanAdded{OrganizationId: "default", Username: id, Profile: &eventv1.Profile{GivenName: id}})
}

func addRole(t testing.TB, n *commandtest.Node, key string) {
	t.Helper()
	_, err := n.Projects.AddRole(t.Context(), commandtest.Admin(), project.AddRole{ProjectID: "shop", Key: key, DisplayName: key})
	do(t, nil, err)
}

func grant(t testing.TB, n *commandtest.Node, to string) {
	t.Helper()
	_, err := n.Projects.AddGrant(t.Context(), commandtest.Admin(), project.AddGrant{
		ProjectID: "shop", Organization: to, Roles: []string{"reader", "writer"},
	})
	do(t, nil, err)
}

func in(organization string, roles ...string) authorization.Create {
	return authorization.Create{UserID: "ann", Project: "shop", Organization: organization, Roles: roles}
}

// create authorizes and returns the id.
func create(t testing.TB, n *commandtest.Node, req authorization.Create) string {
	t.Helper()
	created, err := n.Authorizations.Create(t.Context(), commandtest.Admin(), req)
	do(t, nil, err)
	return created.ID
}

// recorded returns the types of the events of a user's authorizations.
func recorded(t testing.TB, n *commandtest.Node, userID string) (types []string) {
	t.Helper()
	events, err := n.Store.ReadStream(t.Context(), eventstore.StreamID{Tenant: n.Tenant, Kind: authorization.Kind, ID: userID}, 0)
	do(t, nil, err)
	messages, _, err := n.Runtime.Codec.DecodeAll(t.Context(), events, codec.Open)
	do(t, nil, err)
	for _, m := range messages {
		types = append(types, codec.Type(m.Proto))
	}
	return types
}

// callers are those who may write authorizations of acme's users on shop, of corp's, or neither.
func callers() map[string]*permission.Caller {
	on := func(m permission.Membership, role string) *permission.Caller {
		m.Roles = []string{role}
		return commandtest.Caller("boss", m)
	}
	return map[string]*permission.Caller{
		"owner of acme":         on(permission.Membership{Organization: "acme"}, permission.OrganizationOwner),
		"owner of corp":         on(permission.Membership{Organization: "corp"}, permission.OrganizationOwner),
		"viewer of acme":        on(permission.Membership{Organization: "acme"}, permission.OrganizationOwnerViewer),
		"owner of shop":         on(permission.Membership{Organization: "acme", Project: "shop"}, permission.ProjectOwner),
		"owner of the grant":    on(permission.Membership{Organization: "acme", Project: "shop", Granted: "corp"}, permission.ProjectGrantOwner),
		"owner of the instance": on(permission.Membership{}, permission.InstanceOwner),
		"oneself":               commandtest.Caller("ann"),
	}
}

// may says by hand who may write authorizations in an organization.
func may(who, organization string) bool {
	switch who {
	case "owner of the instance", "owner of shop":
		return true
	case "owner of acme":
		return organization == "acme"
	case "owner of corp", "owner of the grant":
		return organization == "corp"
	}
	return false
}

func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	n := scene(t)
	ctx, s := t.Context(), n.Authorizations
	for _, organization := range []string{"acme", "corp"} {
		id := create(t, n, in(organization, "reader"))
		for who, caller := range callers() {
			for name, run := range map[string]func(id string) error{
				"Create": func(string) error {
					_, err := s.Create(ctx, caller, in(organization, "reader"))
					if errors.Is(err, authorization.ErrExists) {
						return nil
					}
					return err
				},
				"Update":     func(id string) error { _, err := s.Update(ctx, caller, authorization.Update{ID: id}); return err },
				"Activate":   func(id string) error { _, err := s.Activate(ctx, caller, id); return err },
				"Deactivate": func(id string) error { _, err := s.Deactivate(ctx, caller, id); return err },
			} {
				err := run(id)
				if (err == nil) != may(who, organization) || err != nil && !errors.Is(err, permission.ErrDenied) {
					t.Errorf("%s by the %s in %s: %v", name, who, organization, err)
				}
				want := permission.ErrDenied // of what is not there nobody hears but who may write everywhere
				if who == "owner of the instance" {
					want = authorization.ErrNotFound
				}
				if err := run("nothing"); name != "Create" && !errors.Is(err, want) {
					t.Errorf("%s of an unknown one by the %s: %v", name, who, err)
				}
			}
		}
		for who, caller := range callers() {
			if _, err := s.Remove(ctx, caller, id); errors.Is(err, permission.ErrDenied) == may(who, organization) {
				t.Errorf("Remove by the %s in %s: %v", who, organization, err)
			}
			if may(who, organization) {
				id = create(t, n, in(organization, "reader"))
			}
		}
	}
	if _, err := s.Create(ctx, nil, in("acme")); !errors.Is(err, permission.ErrUnauthenticated) {
		t.Errorf("by nobody: %v", err)
	}
	if _, err := s.Update(ctx, nil, authorization.Update{}); !errors.Is(err, permission.ErrUnauthenticated) {
		t.Errorf("by nobody: %v", err)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	n := scene(t)
	boss := commandtest.Caller("boss", permission.Membership{Organization: "acme", Roles: []string{permission.OrganizationOwner}})
	n.Given(t, "eve", &eventv1.UserHumanAdded{OrganizationId: "corp", Username: "eve", Profile: &eventv1.Profile{GivenName: "Eve"}})
	stranger := commandtest.Caller("boss", permission.Membership{Organization: "default", Roles: []string{permission.OrganizationOwner}})
	for _, c := range []struct {
		name string
		by   *permission.Caller
		req  authorization.Create
		want error
	}{
		{"in the owner", nil, in("acme", "seller", "reader", "seller"), nil},
		{"again", nil, in("acme"), authorization.ErrExists},
		{"under the grant", nil, in("corp", "reader"), nil},
		{"under the grant again", nil, in("corp"), authorization.ErrExists},
		{"another user", nil, authorization.Create{UserID: "bob", Project: "shop", Organization: "acme"}, nil},
		{"unknown role", nil, authorization.Create{UserID: "bob", Project: "shop", Organization: "acme", Roles: []string{"other"}}, authorization.ErrRoleUnknown},
		{"role that was not granted", nil, authorization.Create{UserID: "bob", Project: "shop", Organization: "corp", Roles: []string{"seller"}}, authorization.ErrRoleUnknown},
		{"many roles", nil, in("acme", make([]string, 1001)...), authorization.ErrRoles},
		{"in an organization without a grant", nil, in("default"), authorization.ErrProjectNotFound},
		{"in one without a grant, by its owner", stranger, in("default"), authorization.ErrProjectNotFound},
		{"unknown project, by the same", stranger, authorization.Create{UserID: "ann", Project: "other", Organization: "default"}, authorization.ErrProjectNotFound},
		{"unknown organization", nil, in("other"), authorization.ErrProjectNotFound},
		{"under an inactive grant", nil, in("idle"), authorization.ErrGrantInactive},
		{"a user of an organization that one may not read", boss, authorization.Create{UserID: "eve", Project: "shop", Organization: "acme"}, user.ErrNotFound},
		{"unknown user, by the same", boss, authorization.Create{UserID: "nobody", Project: "shop", Organization: "acme"}, user.ErrNotFound},
		{"unknown user", nil, authorization.Create{UserID: "nobody", Project: "shop", Organization: "acme"}, user.ErrNotFound},
		{"impossible ids", nil, authorization.Create{UserID: "\x00", Project: "\x00", Organization: "\x00"}, authorization.ErrProjectNotFound},
		{"nothing", nil, authorization.Create{}, authorization.ErrProjectNotFound},
	} {
		if c.by == nil {
			c.by = commandtest.Admin()
		}
		created, err := n.Authorizations.Create(t.Context(), c.by, c.req)
		if !errors.Is(err, c.want) || (err == nil) != (created.ID != "") {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && created.Receipt.Organization != c.req.Organization {
			t.Errorf("%s: %+v", c.name, created.Receipt)
		}
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	n := scene(t)
	ctx, s, admin := t.Context(), n.Authorizations, commandtest.Admin()
	id := create(t, n, in("acme", "reader"))
	for _, step := range []struct {
		run   func() error
		event string // "": none
	}{
		{func() error { _, err := s.Activate(ctx, admin, id); return err }, ""},
		{func() error { _, err := s.Deactivate(ctx, admin, id); return err }, "authorization.deactivated"},
		{func() error { _, err := s.Deactivate(ctx, admin, id); return err }, ""},
		{func() error { _, err := s.Activate(ctx, admin, id); return err }, "authorization.activated"},
		{func() error {
			_, err := s.Update(ctx, admin, authorization.Update{ID: id, Roles: []string{"reader", "reader"}})
			return err
		}, ""},
		{func() error {
			_, err := s.Update(ctx, admin, authorization.Update{ID: id, Roles: []string{"writer", "reader"}})
			return err
		}, "authorization.changed"},
		{func() error { _, err := s.Remove(ctx, admin, id); return err }, "authorization.removed"},
	} {
		before := recorded(t, n, "ann")
		do(t, nil, step.run())
		after := recorded(t, n, "ann")
		if want := append(before, step.event); step.event != "" && !slices.Equal(after, want) || step.event == "" && len(after) != len(before) {
			t.Errorf("%q: %v", step.event, after)
		}
	}
	if _, err := s.Activate(ctx, admin, id); !errors.Is(err, authorization.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
	create(t, n, in("acme"))
	other := create(t, n, in("corp", "reader"))
	for _, roles := range [][]string{{"seller"}, {"none"}} {
		if _, err := s.Update(ctx, admin, authorization.Update{ID: other, Roles: roles}); !errors.Is(err, authorization.ErrRoleUnknown) {
			t.Errorf("%v: %v", roles, err)
		}
	}
}

// An authorization ends with whatever it stands on, and none of it brings it back.
func TestAuthorizationsEndWithWhatTheyStandOn(t *testing.T) {
	t.Parallel()
	admin := commandtest.Admin()
	for name, c := range map[string]struct {
		in    string
		end   func(context.Context, *commandtest.Node) error
		begin func(testing.TB, *commandtest.Node) // what it stands on comes back, as another
	}{
		"user": {"acme", func(ctx context.Context, n *commandtest.Node) error {
			_, err := n.Users.Delete(ctx, admin, "ann")
			return err
		},
			func(t testing.TB, n *commandtest.Node) { person(t, n, "ann") }},
		"grant": {"corp", func(ctx context.Context, n *commandtest.Node) error {
			_, err := n.Projects.RemoveGrant(ctx, admin, "shop", "corp")
			return err
		}, func(t testing.TB, n *commandtest.Node) { grant(t, n, "corp") }},
		"project": {"acme", func(ctx context.Context, n *commandtest.Node) error {
			_, err := n.Projects.Remove(ctx, admin, "shop")
			return err
		}, nil},
		"owner": {"corp", func(ctx context.Context, n *commandtest.Node) error {
			_, err := n.Organizations.Remove(ctx, admin, "acme")
			return err
		}, nil},
		"organization": {"corp", func(ctx context.Context, n *commandtest.Node) error {
			_, err := n.Organizations.Remove(ctx, admin, "corp")
			return err
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := scene(t)
			id := create(t, n, in(c.in, "reader"))
			do(t, nil, c.end(t.Context(), n))
			gone := func(when string) {
				t.Helper()
				if _, err := n.Authorizations.Deactivate(t.Context(), admin, id); !errors.Is(err, authorization.ErrNotFound) {
					t.Errorf("%s: %v", when, err)
				}
			}
			gone("ended")
			if c.begin == nil {
				return
			}
			c.begin(t, n)
			gone("come back")
			create(t, n, in(c.in, "reader"))
			gone("authorized anew")
		})
	}
}

// A role that was taken away, and is there again, has to be given again.
func TestRolesThatWereTakenAway(t *testing.T) {
	t.Parallel()
	n := scene(t)
	id := create(t, n, in("acme", "reader"))
	_, err := n.Projects.RemoveRole(t.Context(), commandtest.Admin(), "shop", "reader")
	do(t, nil, err)
	update := func() error {
		_, err := n.Authorizations.Update(t.Context(), commandtest.Admin(), authorization.Update{ID: id, Roles: []string{"reader"}})
		return err
	}
	if err := update(); !errors.Is(err, authorization.ErrRoleUnknown) {
		t.Errorf("gone: %v", err)
	}
	addRole(t, n, "reader")
	do(t, nil, update())
	if types := recorded(t, n, "ann"); len(types) != 2 {
		t.Errorf("given again: %v", types)
	}
	do(t, nil, update())
	if types := recorded(t, n, "ann"); len(types) != 2 {
		t.Errorf("given twice: %v", types)
	}
}

// Of many who authorize a user for the same at the same moment, on several nodes, one does.
func TestOneAuthorizationForAUserProjectAndOrganization(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	for _, organization := range []string{"acme", "corp"} {
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = nodes[i%2].Authorizations.Create(context.WithoutCancel(t.Context()), commandtest.Admin(), in(organization, "reader"))
			})
		}
		wg.Wait()
		made := 0
		for _, err := range errs {
			switch {
			case err == nil:
				made++
			case !errors.Is(err, authorization.ErrExists):
				t.Errorf("%v", err)
			}
		}
		if made != 1 {
			t.Errorf("%d authorizations in %s", made, organization)
		}
	}
}

// There is an end to the authorizations of a user; those that have ended make room.
func TestThereIsAnEndToAuthorizations(t *testing.T) {
	t.Parallel()
	n := scene(t)
	x, err := authorization.NewExecutor(n.Runtime)
	do(t, nil, err)
	_, _, err = x.Execute(t.Context(), command.Call[authorization.State]{
		Tenant: n.Tenant, ID: "ann", Actor: "test",
		Decide: func(context.Context, *command.Snapshot[authorization.State]) (command.Decision, error) {
			d := command.Decision{Owner: "default"}
			for i := range 1000 {
				d.Add(n.Runtime.NewID(), &eventv1.AuthorizationAdded{Id: fmt.Sprint(i), ProjectId: "gone", OrganizationId: fmt.Sprint("o", i)})
			}
			return d, nil
		},
	})
	do(t, nil, err)
	create(t, n, in("acme"))
	if types := recorded(t, n, "ann"); len(types) != 1000+100+1 || types[1000] != "authorization.removed" {
		t.Errorf("%d events, %v", len(types), types[1000:])
	}
}
