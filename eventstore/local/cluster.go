package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	superuser   = "signet"
	database    = "signet"
	clusterName = "cluster"
)

// cluster is a PostgreSQL data directory and what is needed to run programs on it. Its files are opened through root,
// because they belong to another account, which could otherwise make root follow a link of its choice.
type cluster struct {
	path    string
	account account
	root    *os.Root
	handle  *os.File // the open directory to hand over, nil where the account reaches path by itself
}

func openCluster(path string, acct account) (*cluster, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	c := &cluster{path: path, account: acct, root: root}
	if !acct.switched {
		return c, nil
	}
	barrier, err := acct.barrier(path)
	if err == nil && barrier != "" && handedOver == "" {
		err = &UnreachableError{Path: barrier, Account: acct.name}
	}
	if err == nil && barrier != "" {
		c.handle, err = root.Open(".")
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return c, nil
}

func (c *cluster) close() {
	_ = c.root.Close()
	if c.handle != nil {
		_ = c.handle.Close()
	}
}

// command prepares a server program to run on the cluster. Its environment is empty but for PATH, so that no PG*
// variable of the user changes what it does and no secret of signet's reaches it.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	dir := c.path
	var handles []*os.File
	if c.handle != nil {
		dir, handles = handedOver, []*os.File{c.handle}
	}
	cmd := exec.Command(program, append([]string{"-D", dir}, args...)...)
	cmd.ExtraFiles = handles
	cmd.Dir = "/" // wherever signet was started, the account may not be allowed there
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_MESSAGES=C"}
	return cmd
}

// clusterVersion returns the major version that made the cluster at path, 0 if there is none.
func clusterVersion(path string) (int, error) {
	text, err := os.ReadFile(filepath.Join(path, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return 0, nil
		}
	}
	if err != nil {
		return 0, err
	}
	version, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s holds no PostgreSQL cluster: %w", path, err)
	}
	return version, nil
}

// configure writes the settings. It leaves a file that already says the same alone.
func (c *cluster) configure(conf string) error {
	if err := c.replaceFile("postgresql.conf", conf); err != nil {
		return fmt.Errorf("write postgres settings: %w", err)
	}
	return nil
}

func (c *cluster) replaceFile(name, text string) error {
	if old, err := c.root.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	draft := name + ".signet"
	if err := c.discard(draft); err != nil {
		return err
	}
	f, err := c.root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil && c.account.switched {
		err = f.Chown(int(c.account.uid), int(c.account.gid))
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return c.root.Rename(draft, name)
}
