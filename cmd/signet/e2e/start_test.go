package e2e_test

import (
	"net"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/types/known/durationpb"

	inboxv1 "github.com/signet-iam/signet/api/gen/signet/inbox/v1"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// What keeps a server from starting is one line that says what to do.
func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	free, nobody := func() string { return freeAddress(t) }, freeAddress(t)
	for name, c := range map[string]struct {
		env, args []string
		says      []string
	}{
		"no Postgres": {
			env: []string{"SIGNET_POSTGRES_BIN=" + dir}, args: []string{"--listen", free()},
			says: []string{"no PostgreSQL", "apt install postgresql", "SIGNET_POSTGRES_BIN", "--database-url"},
		},
		"no database": {
			args: []string{"--listen", free(), "--database-url", "postgres://somebody:sesame@" + nobody + "/signet"},
			says: []string{"cannot be reached", "--database-url", nobody},
		},
		"no database URL":          {args: []string{"--listen", free(), "--database-url", "mysql://sesame"}, says: []string{"--database-url", "postgres://"}},
		"a broken database URL":    {args: []string{"--listen", free(), "--database-url", "postgres://u:sesame@h/d?sslmode=x"}, says: []string{"--database-url"}},
		"a data directory's place": {args: []string{"--listen", free(), "--data-dir", file("file", "")}, says: []string{"data directory"}},
		"no address":               {args: []string{"--listen", "nowhere"}, says: []string{"--listen", `"nowhere"`}},
		"an unknown role":          {args: []string{"--roles", "api,cook"}, says: []string{"--roles", `"cook"`}},
		"no sender":                {args: []string{"--smtp-host", "mail"}, says: []string{"--smtp-from"}},
		"an unknown level":         {args: []string{"--log-level", "loud"}, says: []string{"--log-level", `"loud"`}},
		"an unknown flag":          {args: []string{"--listn", nobody}, says: []string{"--listn"}},
		"a misspelt key":           {args: []string{"--config", file("misspelt.yaml", "lisen: 127.0.0.1:1")}, says: []string{"configuration file", `"lisen"`}},
		"a misspelt nested key":    {args: []string{"--config", file("nested.yaml", "smtp: {hots: mail}")}, says: []string{"configuration file", "smtp-hots"}},
		"no YAML":                  {args: []string{"--config", file("no.yaml", "listen: [")}, says: []string{"configuration file"}},
		"no configuration file":    {args: []string{"--config", filepath.Join(dir, "none.yaml")}, says: []string{"none.yaml"}},
		"unusable keys":            {env: []string{"SIGNET_MASTER_KEY=sesame"}, args: []string{"--listen", free()}, says: []string{"master key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"start", "--data-dir", filepath.Join(t.TempDir(), "data")}, c.args...)
			called := signet(t, c.env, args...)
			called.refused(c.says...)
			if strings.Contains(called.out+called.err, "sesame") {
				t.Errorf("it tells the secret: %s", called.err)
			}
		})
	}
}

// A flag wins over a variable, and a variable over the file. A taken port tells which of them was read.
func TestSettingsHaveAnOrder(t *testing.T) {
	t.Parallel()
	taken := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l.Addr().String()
	}
	inFile, inVariable, inFlag := taken(), taken(), taken()
	config := filepath.Join(t.TempDir(), "signet.yaml")
	if err := os.WriteFile(config, []byte("listen: "+inFile+"\nsmtp: {port: 25}\nroles: [api, notifier]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	says := []string{"is taken", "--listen"}
	variable := []string{"SIGNET_LISTEN=" + inVariable}
	signet(t, nil, "start", "--data-dir", dir, "--config", config).refused(append(says, inFile)...)
	signet(t, []string{"SIGNET_CONFIG=" + config}, "start", "--data-dir", dir).refused(append(says, inFile)...)
	signet(t, variable, "start", "--data-dir", dir, "--config", config).refused(append(says, inVariable)...)
	signet(t, variable, "start", "--data-dir", dir, "--config", config, "--listen", inFlag).refused(append(says, inFlag)...)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("a server that could not start has left %v", left)
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	help := signet(t, nil, "--help").succeeds()
	for _, word := range []string{"start", "migrate", "projection", "events", "keys", "admin-token", "version"} {
		if !strings.Contains(help, word) {
			t.Errorf("--help does not tell of %s:\n%s", word, help)
		}
	}
	for _, command := range [][]string{{"start"}, {"projection", "rebuild"}, {"events", "tail"}, {"keys", "rotate"}} {
		if help := signet(t, nil, append(command, "--help")...).succeeds(); !strings.Contains(help, "--data-dir") {
			t.Errorf("%v --help does not tell of --data-dir:\n%s", command, help)
		}
	}
	if help := signet(t, nil, "start", "--help").succeeds(); !strings.Contains(help, "$SIGNET_SMTP_HOST") {
		t.Errorf("start --help does not tell of variables:\n%s", help)
	}
	if version := signet(t, nil, "version").succeeds(); !strings.HasPrefix(version, "signet ") || strings.Count(version, "\n") != 1 {
		t.Errorf("version says %q", version)
	}
	signet(t, nil).refused("start")
	signet(t, nil, "cook").refused("cook")
}

// A data directory belongs to one server, and its keys to its database.
func TestDirectoryAndKeysBelongTogether(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	n.admin().add(t, verified("kept@example.com"))
	other := freeAddress(t)
	signet(t, nil, "start", "--data-dir", n.dir, "--listen", other).refused("in use by process "+strconv.Itoa(n.process.cmd.Process.Pid), "another data directory")
	signet(t, nil, "start", "--data-dir", n.dir, "--listen", n.address).refused(n.address, "is taken", "--listen")

	keys := filepath.Join(n.dir, "master.keys")
	content, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	apart := t.TempDir()
	join := []string{"start", "--data-dir", apart, "--listen", other, "--database-url", n.dsn()}
	signet(t, nil, join...).refused("master keys are not in", "master.keys", "--master-key-file")
	if left, err := filepath.Glob(filepath.Join(apart, "*")); err != nil || len(left) != 0 {
		t.Errorf("a node without the keys has left %v", left)
	}
	foreign := start(t, settings{})
	signet(t, nil, append(join, "--master-key-file", filepath.Join(foreign.dir, "master.keys"))...).refused("master key")
	signet(t, nil, append(join, "--master-key-file", filepath.Join(apart, "none"))...).refused("master keys are not in")

	n.stop()
	if err := os.Rename(keys, keys+".away"); err != nil {
		t.Fatal(err)
	}
	signet(t, nil, "start", "--data-dir", n.dir, "--listen", other).refused("master keys are not in", keys)
	n.env = []string{"SIGNET_MASTER_KEY=" + string(content)}
	n.restart()
	listed, err := n.admin().users.ListUsers(t.Context(), byEmail("kept@example.com"))
	if err != nil || len(listed.GetResult()) != 1 {
		t.Errorf("with the keys in a variable: %v, %v", listed, err)
	}
}

// SIGTERM under load: a request under way is answered, the port closes, the private Postgres is gone, the exit code is 0,
// and the next start finds everything.
func TestStopsInOrder(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	l := newLoad(t, n.admin(), rate.Inf, func(err error) bool {
		// Nobody is there, or a connection was closed for being idle just when the next request went out on it.
		return !connect.IsWireError(err)
	})
	l.await(numbers().acknowledged)
	waiting := n.waitInVain(t)
	postmaster := n.postmaster()
	n.stop()
	wantCode(t, "the request that was under way", <-waiting, connect.CodeDeadlineExceeded)
	awaitGone(t, postmaster)
	if _, err := net.Dial("tcp", n.address); err == nil {
		t.Error("somebody still listens")
	}
	l.drain()
	n.restart()
	l.checkAll()
	if strings.Contains(n.log(), "database system was interrupted") {
		t.Error("Postgres had to recover")
	}
	if _, err := n.admin().users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "nobody"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("after all this: %v", err)
	}
}

// waitInVain waits for a message that never comes, on a connection of its own, and returns once the request is on its way.
func (n *server) waitInVain(t testing.TB) <-chan error {
	t.Helper()
	sent, ended := make(chan struct{}), make(chan error, 1)
	c := n.admin()
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) },
	})
	go func() {
		_, err := c.inbox.WaitMessage(ctx, &inboxv1.WaitMessageRequest{Recipient: "nobody@example.com", Timeout: durationpb.New(time.Second)})
		ended <- err
	}()
	<-sent
	// Connections are accepted in their order: an answer on a later one says that the server has this one in hand.
	if _, err := n.admin().users.GetUserByID(t.Context(), &userv2.GetUserByIDRequest{UserId: "admin"}); err != nil {
		t.Fatalf("a request behind it: %v", err)
	}
	return ended
}
