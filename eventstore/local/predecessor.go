package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pidFile = "postmaster.pid"
	// How long a server may take to write its last checkpoint before it is stopped without one. Stopping it earlier
	// makes the next start slower: it would have to redo what the checkpoint was about to make unnecessary.
	fastShutdownTime      = 20 * time.Second
	immediateShutdownTime = 5 * time.Second
	pollInterval          = 2 * time.Millisecond
)

// postmaster reads the server's pid file: the pid, and whether it accepts connections. The pid is 0 without a file.
func (c *cluster) postmaster() (pid int, ready bool, err error) {
	text, err := c.root.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	lines := strings.Split(string(text), "\n")
	pid, malformed := strconv.Atoi(strings.TrimSpace(lines[0]))
	if malformed != nil {
		return 0, false, nil //nolint:nilerr // a server is just writing it, or died before it had
	}
	const statusLine = 7
	return pid, len(lines) > statusLine && strings.TrimSpace(lines[statusLine]) == "ready", nil
}

// retirePredecessor makes sure that no server of an earlier owner runs on the cluster, and that its pid file does not
// keep a new one from starting.
func (c *cluster) retirePredecessor(ctx context.Context) error {
	pid, _, err := c.postmaster()
	if err != nil {
		return err
	}
	if pid == 0 { // no file, or one without contents, which PostgreSQL would refuse
		return c.discard(pidFile)
	}
	if !worksIn(pid, c.path) {
		return c.disown()
	}
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, fastShutdownTime},
		{syscall.SIGQUIT, immediateShutdownTime},
		{syscall.SIGKILL, immediateShutdownTime},
	} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the previous PostgreSQL (process %d): %w", pid, err)
		}
		gone, err := awaitTrue(ctx, step.wait, func() bool { return !worksIn(pid, c.path) })
		if err != nil {
			return err
		}
		if gone {
			return c.disown()
		}
	}
	return fmt.Errorf("the previous PostgreSQL (process %d) does not stop", pid)
}

// discard removes a file if it is there.
func (c *cluster) discard(name string) error {
	if err := c.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// disown puts this process's pid into a pid file left behind. PostgreSQL takes a pid that lives for a running server,
// even when it was given to something else since, but never its own parent's. Removing the file instead would disable
// its check that no orphan of the old server still uses the shared memory named in there.
func (c *cluster) disown() error {
	text, err := c.root.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := c.discard(socketName + ".lock"); err != nil {
		return err
	}
	return c.replaceFile(pidFile, strconv.Itoa(os.Getpid())+"\n"+rest)
}

// awaitTrue polls a condition that nothing announces.
func awaitTrue(ctx context.Context, limit time.Duration, cond func() bool) (bool, error) {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-deadline.C:
			return cond(), nil
		case <-tick.C:
		}
	}
	return true, nil
}
