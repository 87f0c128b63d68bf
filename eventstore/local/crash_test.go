package local_test

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-iam/signet/eventstore/local"
)

func TestDeadServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	p := start(t, local.PostgresConfig{Dir: newCluster(t)})
	keep(t, p.DSN())
	for round := uint64(1); round <= 2; round++ {
		if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await(t, func() bool { return p.Restarts() == round })
		if got := query(t, p.DSN(), "SELECT word FROM kept"); got != "here" {
			t.Errorf("read %q", got)
		}
	}
	select {
	case <-p.Done():
		t.Error("Done is closed")
	default:
	}
}

func TestDoneWhenTheClusterIsGone(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	p, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "cluster"), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(startTime):
		t.Fatal("Done stays open")
	}
	if !errors.Is(p.Err(), fs.ErrNotExist) {
		t.Errorf("Err() = %v", p.Err())
	}
}

func TestStopWithoutTime(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	p, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	keep(t, p.DSN())
	pid := p.PID()
	now, cancel := context.WithCancel(t.Context())
	cancel()
	_ = p.Stop(now) // an error or not, by who is quicker
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the server lives after Stop: %v", err)
	}
	if got := query(t, start(t, local.PostgresConfig{Dir: dir}).DSN(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("read %q", got)
	}
}

// A kill in the middle of the first start leaves a draft, never half a cluster.
func TestUnfinishedClusterIsRemoved(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	draft := filepath.Join(dir, "cluster.new-1", "base")
	if err := os.MkdirAll(draft, 0o700); err != nil {
		t.Fatal(err)
	}
	start(t, local.PostgresConfig{Dir: dir})
	if _, err := os.Stat(draft); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the draft is still there: %v", err)
	}
}

func TestInterruptedFirstStart(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := make(chan error, 1)
	go func() {
		_, err := local.StartPostgres(ctx, local.PostgresConfig{Dir: dir})
		interrupted <- err
	}()
	await(t, func() bool { return len(matches(t, dir, "cluster.new-*/base")) > 0 })
	cancel()
	if err := <-interrupted; !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted start: %v", err)
	}
	if left := matches(t, dir, "cluster*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	start(t, local.PostgresConfig{Dir: dir})
}

func matches(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A pid file whose pid belongs to another process by now must not keep the server from starting, and that process must
// come to no harm.
func TestStalePid(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	stop(t, start(t, local.PostgresConfig{Dir: dir}))
	bystander := exec.Command("sleep", "600")
	sameUserAsServer(t, bystander, filepath.Join(dir, "cluster"))
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- bystander.Wait() }()
	t.Cleanup(func() { bystander.Process.Kill() })

	for name, content := range map[string]string{
		"of a bystander": strconv.Itoa(bystander.Process.Pid) + "\n/elsewhere\n1\n5432\n\n\n  1 1\nready\n",
		"empty":          "",
		"of nobody":      "2147483000\n/elsewhere\n1\n5432\n\n\n  1 1\nready\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "cluster", "postmaster.pid"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := local.StartPostgres(t.Context(), local.PostgresConfig{Dir: dir})
		if err != nil {
			t.Fatalf("pid file %s: %v", name, err)
		}
		stop(t, p)
	}
	select {
	case err := <-exited:
		t.Errorf("the bystander was ended: %v", err)
	default:
	}
}

// sameUserAsServer lets a command run as the owner of the cluster: PostgreSQL takes only such a process for a server.
func sameUserAsServer(t *testing.T, cmd *exec.Cmd, cluster string) {
	t.Helper()
	info, err := os.Stat(cluster)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
}

func TestOwnerKilled(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	for round := range 3 {
		owner, pid := startOwner(t, dir)
		attached, err := local.AttachPostgres(t.Context(), local.PostgresConfig{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		keep(t, attached.DSN())
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		// The kernel gives the lock up with the process; there is no need to wait for anything else.
		_ = owner.Wait()
		began := time.Now()
		p := start(t, local.PostgresConfig{Dir: dir})
		t.Logf("start after kill -9 of the owner: %v", time.Since(began).Round(time.Millisecond))
		if p.PID() == pid {
			t.Error("the server of the killed owner still runs")
		}
		if got := query(t, p.DSN(), "SELECT count(*)::text FROM kept"); got != strconv.Itoa(round+1) {
			t.Errorf("read %s rows in round %d", got, round)
		}
		stop(t, p)
	}
}

func TestServerDiesWithItsOwner(t *testing.T) {
	t.Parallel()
	owner, pid := startOwner(t, newCluster(t))
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	await(t, func() bool { return !running(pid) })
}

// running reports whether a process runs; one that nobody has waited for yet does not.
func running(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(status), ") Z ")
}

// startOwner runs this binary as the owner of a directory and returns it with its server's pid.
func startOwner(t *testing.T, dir string) (*exec.Cmd, int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), ownerVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("owner: %s", line)
	}
	return cmd, pid
}
