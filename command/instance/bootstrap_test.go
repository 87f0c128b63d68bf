package instance_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/signet-iam/signet/command/access"
	"github.com/signet-iam/signet/command/instance"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func setup() instance.Setup { return instance.Setup{Tenant: commandtest.Tenant} }

func isOwner(t *testing.T, n *commandtest.Node, token string) {
	t.Helper()
	caller, err := n.Access.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if caller.UserID != "admin" || caller.Organization != "default" || !caller.May(permission.InstanceWrite, "") {
		t.Errorf("the administrator is %+v", caller)
	}
}

func TestBootstrapOnce(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	first, err := n.Instance.Bootstrap(t.Context(), setup())
	if err != nil || !first.Created || first.AdminID != "admin" {
		t.Fatalf("%v, %v", first.Created, err)
	}
	isOwner(t, n, first.AdminToken)
	for range 2 {
		again, err := n.Instance.Bootstrap(t.Context(), setup())
		if err != nil || again.Created || again.AdminToken != "" {
			t.Errorf("again: %v, %v", again.Created, err)
		}
	}
	if exists, err := n.Homes.Exists(t.Context(), n.Tenant, "default"); err != nil || !exists {
		t.Errorf("first organization: %v, %v", exists, err)
	}
	isOwner(t, n.Another(t), first.AdminToken)
}

// Many processes set one tenant up at the same time: one of them gets the token.
func TestBootstrapAtOnce(t *testing.T) {
	t.Parallel()
	const processes = 6
	n := commandtest.Bare(t, database(t))
	nodes := make([]*commandtest.Node, processes)
	for i := range nodes {
		nodes[i] = n.Another(t)
	}
	results := make([]instance.Result, processes)
	var wg sync.WaitGroup
	for i, node := range nodes {
		wg.Go(func() {
			var err error
			if results[i], err = node.Instance.Bootstrap(t.Context(), setup()); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	created := 0
	for _, r := range results {
		if r.Created {
			created++
			for _, node := range nodes {
				isOwner(t, node, r.AdminToken)
			}
		}
	}
	if created != 1 {
		t.Errorf("%d processes made the administrator", created)
	}
}

// A crash after each step leaves something that the next start completes.
func TestBootstrapAfterACrash(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	if err := n.Runtime.Vault.EnsureDigestKey(t.Context(), n.Tenant, n.KeepDigestKey); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Organizations.Add(t.Context(), permission.System(n.Tenant), "default", "Default"); err != nil {
		t.Fatal(err)
	}
	lost, err := n.Users.AddMachine(t.Context(), permission.System(n.Tenant), user.AddMachine{
		UserID: "admin", Organization: "default", Name: "Administrator", Token: &user.NewToken{},
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := n.Instance.Bootstrap(t.Context(), setup())
	if err != nil || result.Created {
		t.Fatalf("%v, %v", result.Created, err)
	}
	isOwner(t, n, lost.Token.Token)
	token, err := n.Instance.IssueAdminToken(t.Context(), setup())
	if err != nil || token == "" || token == lost.Token.Token {
		t.Fatalf("another token: %v", err)
	}
	isOwner(t, n, token)
}

func TestIssueAdminTokenPutsTheAdministratorBack(t *testing.T) {
	t.Parallel()
	system := permission.System(commandtest.Tenant)
	for name, harm := range map[string]func(*testing.T, *commandtest.Node) error{
		"nothing": func(*testing.T, *commandtest.Node) error { return nil },
		"locked": func(t *testing.T, n *commandtest.Node) error {
			_, err := n.Users.Lock(t.Context(), system, "admin")
			return err
		},
		"deactivated": func(t *testing.T, n *commandtest.Node) error {
			_, err := n.Users.Deactivate(t.Context(), system, "admin")
			return err
		},
		"removed": func(t *testing.T, n *commandtest.Node) error {
			_, err := n.Users.Delete(t.Context(), system, "admin")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := commandtest.New(t, database(t))
			if err := harm(t, n); err != nil {
				t.Fatal(err)
			}
			token, err := n.Instance.IssueAdminToken(t.Context(), setup())
			if err != nil {
				t.Fatal(err)
			}
			isOwner(t, n, token)
		})
	}
	t.Run("never set up", func(t *testing.T) {
		t.Parallel()
		n := commandtest.Bare(t, database(t))
		token, err := n.Instance.IssueAdminToken(t.Context(), setup())
		if err != nil {
			t.Fatal(err)
		}
		isOwner(t, n, token)
	})
}

// Whoever adds a user under the id of a removed owner gets no owner.
func TestRolesEndWithTheUser(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	system := permission.System(n.Tenant)
	if _, err := n.Users.Delete(t.Context(), system, "admin"); err != nil {
		t.Fatal(err)
	}
	added, err := n.Users.AddMachine(t.Context(), system, user.AddMachine{
		UserID: "admin", Organization: "default", Name: "Impostor", Token: &user.NewToken{},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range []*commandtest.Node{n, n.Another(t)} {
		caller, err := node.Access.Authenticate(t.Context(), added.Token.Token)
		if err != nil || caller.May(permission.UserRead, "") {
			t.Errorf("the impostor is %+v, %v", caller, err)
		}
	}
}

// A removed administrator stays away until somebody asks for it.
func TestBootstrapDoesNotBringTheAdministratorBack(t *testing.T) {
	t.Parallel()
	n := commandtest.Bare(t, database(t))
	first, err := n.Instance.Bootstrap(t.Context(), setup())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Users.Delete(t.Context(), permission.System(n.Tenant), "admin"); err != nil {
		t.Fatal(err)
	}
	if again, err := n.Another(t).Instance.Bootstrap(t.Context(), setup()); err != nil || again.Created {
		t.Errorf("%v, %v", again.Created, err)
	}
	if _, err := n.Access.Authenticate(t.Context(), first.AdminToken); !errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("the token of a removed administrator: %v", err)
	}
}
