package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for what must happen. It is long because a test machine may be busy, and costs nothing where
// the product works.
const patience = 60 * time.Second

// server is a process of the binary under test that serves. It may be killed and started again: its address and its data
// directory stay.
type server struct {
	t       testing.TB
	dir     string // data directory
	address string // host:port
	args    []string
	env     []string
	logFile string // what all its processes said

	process *process // nil while there is none
}

// settings of a server. The zero value starts one like `signet start` on a new data directory.
type settings struct {
	dir     string
	address string
	args    []string
	env     []string
	// unready keeps start from waiting for /readyz.
	unready bool
}

// start starts a server and returns once it is ready. It is stopped when the test ends, and its log is looked through.
func start(t testing.TB, s settings) *server {
	t.Helper()
	if s.dir == "" {
		s.dir = filepath.Join(t.TempDir(), "data")
	}
	if s.address == "" {
		s.address = freeAddress(t)
	}
	n := &server{t: t, dir: s.dir, address: s.address, args: s.args, env: s.env, logFile: filepath.Join(t.TempDir(), "signet.log")}
	t.Cleanup(n.finish)
	n.launch()
	if s.unready {
		n.await("/healthz")
	} else {
		n.await("/readyz")
	}
	return n
}

// launch starts a process and returns at once.
func (n *server) launch() {
	n.t.Helper()
	args := append([]string{"start", "--data-dir", n.dir, "--listen", n.address, "--log-level", "debug"}, n.args...)
	log, err := os.OpenFile(n.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer log.Close()
	cmd := command(n.env, args...)
	cmd.Stderr = log
	if n.process, err = launch(cmd); err != nil {
		n.t.Fatal(err)
	}
}

// restart starts a process in the place of one that has ended and waits until it is ready.
func (n *server) restart() {
	n.t.Helper()
	n.launch()
	n.await("/readyz")
}

// await waits until a path answers 200.
func (n *server) await(path string) {
	n.t.Helper()
	eventually(n.t, path, func() error {
		select {
		case <-n.process.ended:
			n.t.Fatalf("signet start ended: %v\n%s", n.process.err, n.log())
		default:
		}
		return n.get(path)
	})
}

// get fails unless a path answers 200.
func (n *server) get(path string) error {
	res, err := http.Get(n.url() + path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var body bytes.Buffer
		_, _ = body.ReadFrom(res.Body)
		return fmt.Errorf("%s: %s", res.Status, body.String())
	}
	return nil
}

func (n *server) url() string { return "http://" + n.address }

// token is the administrator's.
func (n *server) token() string {
	n.t.Helper()
	token, err := os.ReadFile(filepath.Join(n.dir, "admin.pat"))
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

func (n *server) log() string {
	text, err := os.ReadFile(n.logFile)
	if err != nil {
		n.t.Fatal(err)
	}
	return string(text)
}

// kill ends the process with SIGKILL. Its Postgres is left to itself.
func (n *server) kill() {
	n.t.Helper()
	if err := n.process.cmd.Process.Kill(); err != nil {
		n.t.Fatal(err)
	}
	<-n.process.ended
	n.process = nil
}

// stop asks the process to end, and demands that it does so in order.
func (n *server) stop() {
	n.t.Helper()
	p := n.process
	n.process = nil
	if err := p.stop(); err != nil {
		n.t.Errorf("SIGTERM: %v\n%s", err, tail(n.log(), 20))
	}
}

// trouble is what no log may hold.
var trouble = regexp.MustCompile(`(?m)^.*("message":"(panic|fault)"|DATA RACE|^panic:|^fatal error:|^goroutine \d+ \[).*$`)

// finish is the end of every server.
func (n *server) finish() {
	if n.process != nil {
		n.stop()
	}
	awaitGone(n.t, n.postmaster())
	for _, line := range trouble.FindAllString(n.log(), 5) {
		n.t.Errorf("the server's log says: %s", line)
	}
	if n.t.Failed() {
		n.t.Logf("the end of the log of %s:\n%s", n.address, tail(n.log(), 40))
	}
}

// postmaster returns the process id of the private Postgres, 0 if there is none.
func (n *server) postmaster() int {
	text, err := os.ReadFile(filepath.Join(n.dir, "postgres", "cluster", "postmaster.pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.SplitN(string(text), "\n", 2)[0])
	if err != nil {
		return 0
	}
	return max(pid, 0)
}

// awaitGone waits until a process no longer exists.
func awaitGone(t testing.TB, pid int) {
	t.Helper()
	if pid == 0 {
		return
	}
	eventually(t, fmt.Sprintf("end of process %d", pid), func() error {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return nil
		}
		return errors.New("it lives")
	})
}

// process is a child and how it ended.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // after ended
}

// command is a call of the binary under test.
func command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Env = environment(env...)
	return cmd
}

// environment is the caller's but for Signet's own variables, which a test sets itself.
func environment(more ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "SIGNET_") })
	return append(env, more...)
}

func launch(cmd *exec.Cmd) (*process, error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop sends SIGTERM and waits for a clean end.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
		return p.err
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("still running after %s", patience)
	}
}

// Ports are taken from outside the range from which the system gives them to clients: a port that a server has to come
// back to must not go to somebody else meanwhile.
var (
	firstPort = rand.Uint32N(10_000)
	nextPort  atomic.Uint32
)

func freeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+(firstPort+nextPort.Add(1))%10_000)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}

// eventually waits for what nothing announces to somebody outside the process.
func eventually(t testing.TB, what string, holds func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := holds()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("%s: not within %s: %v", what, patience, err)
		case <-tick.C:
		}
	}
}

// reach waits until a number has grown to a goal. It gives up when the number stands still.
func reach(t testing.TB, what string, goal int64, current func() int64) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	have, since := current(), time.Now()
	for have < goal {
		if time.Since(since) > patience {
			t.Fatalf("%s: %d of %d, and none more within %s", what, have, goal, patience)
		}
		<-tick.C
		if now := current(); now > have {
			have, since = now, time.Now()
		}
	}
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
