package e2e_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/eventstore/storetest"
)

// Read models are looked at, compared and rebuilt beside a running server and without one.
func TestProjectionCommands(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	admin := n.admin()
	id := admin.add(t, verified("first@example.com"))
	admin.add(t, verified("second@example.com"))
	status := n.signet("projection", "status").succeeds()
	lines := strings.Split(strings.TrimSpace(status), "\n")
	models := []string{"NAME", "authorizations", "memberships", "organizations", "projects", "providers", "sessions", "users"}
	named := slices.EqualFunc(lines, models, strings.HasPrefix)
	if !named || strings.Contains(status, "nobody") {
		t.Errorf("status says %q", status)
	}
	n.verify("users")

	// The row of one user is changed behind the server's back.
	change, err := n.sql().Exec(t.Context(), `update projection.users set given_name = 'Eve' where id = $1`, id)
	if err != nil || change.RowsAffected() != 1 {
		t.Fatalf("update: %d rows, %v", change.RowsAffected(), err)
	}
	verify := n.signet("projection", "verify", "users")
	verify.refused("users: 1 of ", "rows differ", "rebuild")
	if !strings.Contains(verify.out, id) {
		t.Errorf("verify does not name the row: %q", verify.out)
	}
	n.signet("projection", "rebuild", "users").succeeds()
	n.verify("users")
	got, err := admin.users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: id})
	if err != nil || got.GetUser().GetHuman().GetProfile().GetGivenName() != "Ada" {
		t.Errorf("after the rebuild: %v, %v", got, err)
	}

	n.signet("projection", "rebuild", "nothing").refused(`"nothing"`)
	n.signet("projection", "verify", "nothing").refused(`"nothing"`)
	n.signet("projection", "retry", "users", "nothing").refused("kind/id")
	n.signet("projection", "retry", "users", "user/"+id).refused("not parked")
	n.signet("projection", "skip", "users", "user/"+id, "1").refused("not parked")

	n.stop()
	if status := n.signet("projection", "status").succeeds(); !strings.Contains(status, "nobody") {
		t.Errorf("status without a server: %q", status)
	}
	n.verify("users")
	n.signet("projection", "rebuild", "users").succeeds()
	n.restart()
	if _, err := n.admin().users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: id}); err != nil {
		t.Errorf("after a rebuild without a server: %v", err)
	}
}

// The log is read as lines of JSON: what is there, and what comes.
func TestEventsTail(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	admin := n.admin()
	id := admin.add(t, person("tailed@example.com"))
	code := admin.mail(t, "tailed@example.com").GetCode()

	type event struct {
		Position, StreamId, Type, ActorId string
		Payload                           map[string]any
	}
	var types []string
	for line := range strings.Lines(n.signet("events", "tail", "--no-follow", "--stream", id).succeeds()) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Position == "" || e.StreamId != id || e.ActorId != "admin" {
			t.Errorf("line %q: %v", line, err)
		}
		if strings.Contains(line, code) {
			t.Errorf("line %q holds the code", line)
		}
		types = append(types, e.Type)
	}
	if len(types) < 2 || types[0] != "user.human.added" {
		t.Errorf("types %v", types)
	}

	cmd := command(nil, "events", "tail", "--data-dir", n.dir, "--type", "user.locked", "--type", "user.unlocked")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	follower, err := launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if _, err := admin.users.LockUser(t.Context(), &userv2.LockUserRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || !strings.Contains(lines.Text(), `"user.locked"`) {
		t.Errorf("the tail says %q", lines.Text())
	}
	if _, err := admin.users.UnlockUser(t.Context(), &userv2.UnlockUserRequest{UserId: id}); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || !strings.Contains(lines.Text(), `"user.unlocked"`) {
		t.Errorf("the tail says %q", lines.Text())
	}
	if err := follower.stop(); err != nil {
		t.Errorf("the tail ends with %v", err)
	}
}

// The master key is rotated while the server works. Everything written under the old key is read and changed, by this
// process, by another node on the same file, and after a restart.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	a, b := pair(t)
	keys := filepath.Join(a.dir, "master.keys")
	before, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	token := a.token()
	first, second := a.client(token), b.client(token)
	old := first.add(t, person("old@example.com"))
	if out := a.signet("keys", "rotate").succeeds(); !strings.Contains(out, keys) || !strings.Contains(out, "back this file up") {
		t.Errorf("rotate says %q", out)
	}
	after, err := os.ReadFile(keys)
	if err != nil || len(after) <= len(before) {
		t.Errorf("the key file has not grown: %d bytes, %d before, %v", len(after), len(before), err)
	}
	if info, err := os.Stat(keys); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	verify := func(c *client, id, email string) {
		t.Helper()
		if _, err := c.users.VerifyEmail(t.Context(), &userv2.VerifyEmailRequest{
			UserId: id, VerificationCode: c.mail(t, email).GetCode(),
		}); err != nil {
			t.Errorf("verify %s: %v", email, err)
		}
	}
	verify(second, old, "old@example.com")
	verify(first, second.add(t, person("new-b@example.com")), "new-b@example.com")
	verify(second, first.add(t, person("new-a@example.com")), "new-a@example.com")
	b.stop()
	a.stop()
	a.restart()
	got, err := a.client(token).users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: old})
	if err != nil || !got.GetUser().GetHuman().GetEmail().GetIsVerified() {
		t.Errorf("after a restart: %v, %v", got, err)
	}
	a.signet("keys", "rotate").succeeds()
	n := &server{t: t, dir: a.dir, env: []string{"SIGNET_MASTER_KEY=" + string(after)}}
	n.signet("keys", "rotate").refused("SIGNET_MASTER_KEY")
}

// Who has lost the administrator's token makes another.
func TestAdminToken(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	first := n.token()
	file := filepath.Join(n.dir, "admin.pat")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if out := n.signet("admin-token").succeeds(); !strings.Contains(out, file) {
		t.Errorf("admin-token says %q", out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("token file: %v", err)
	}
	if n.token() == first {
		t.Error("it is the same token")
	}
	n.admin().add(t, verified("again@example.com"))
	_, err := n.client(first+"x").users.ListUsers(t.Context(), &userv2.ListUsersRequest{})
	wantCode(t, "a token that nobody made", err, connect.CodeUnauthenticated)
}

// A database is prepared before the first server starts, as often as anybody likes.
func TestMigrate(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	at := []string{"migrate", "--database-url", cluster.DSN(), "--data-dir", filepath.Join(t.TempDir(), "data")}
	signet(t, nil, at...).succeeds()
	signet(t, nil, at...).succeeds()
}
