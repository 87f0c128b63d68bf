package local

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const unfinished = "cluster.new-" // how the directories begin in which clusters are made

// initializer makes the cluster of a directory that has none.
type initializer struct {
	dir     string
	bin     binaries
	account account
	forker  *forker
	durable bool
}

// locales are the ways to get an encoding of UTF-8 that sorts text by code point, the same on every machine and in
// every version of its libraries, and still knows the letters of all scripts. Machines differ in which they have.
func (i initializer) locales() [][]string {
	var ways [][]string
	if i.bin.major >= 17 {
		ways = append(ways, []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"})
	}
	for _, ctype := range []string{"C.UTF-8", "en_US.UTF-8", "UTF-8", "C"} {
		ways = append(ways, []string{"--locale=C", "--lc-ctype=" + ctype})
	}
	return ways
}

// run makes the cluster under a temporary name and gives it its own with one rename.
func (i initializer) run(ctx context.Context) error {
	draft, err := os.MkdirTemp(i.dir, unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(draft) }()
	if i.account.switched {
		if err := os.Chown(draft, int(i.account.uid), int(i.account.gid)); err != nil {
			return err
		}
	}
	if err := i.initdb(ctx, draft); err != nil {
		return err
	}
	if err := os.Rename(draft, filepath.Join(i.dir, clusterName)); err != nil {
		return err
	}
	return syncDir(i.dir)
}

func (i initializer) initdb(ctx context.Context, draft string) error {
	c, err := openCluster(draft, i.account)
	if err != nil {
		return err
	}
	defer c.close()
	var output string
	for _, locale := range i.locales() {
		args := append([]string{"--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--data-checksums"}, locale...)
		if !i.durable {
			args = append(args, "--no-sync")
		}
		output, err = i.await(ctx, c.command(i.bin.initdb(), args...))
		if err == nil || !strings.Contains(output, "locale") || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return &StartError{Program: "initdb", Reason: reasonIn(output), Err: err}
	}
	return nil
}

// await runs a command to its end and returns what it said. The command dies with ctx and with this process.
func (i initializer) await(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.SysProcAttr = i.account.processAttributes(syscall.SIGKILL)
	if err := i.forker.start(cmd); err != nil {
		return err.Error(), err
	}
	stop := context.AfterFunc(ctx, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer stop()
	err := cmd.Wait()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return output.String(), err
}

// removeUnfinished clears what a crash left of an initialization.
func removeUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
