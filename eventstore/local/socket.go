package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// Every platform's limit is at least 104 bytes with the closing zero.
	socketPathLimit = 103
	socketName      = ".s.PGSQL.5432"
	stateName       = "state.json"
	shortDirPrefix  = "signet-pg-"
)

// state tells another process how to reach the server of a directory, and the next start what this one left.
type state struct {
	PID       int    `json:"pid"` // of the owner
	SocketDir string `json:"socket_dir"`
	Temporary bool   `json:"temporary,omitempty"` // SocketDir was made for this and goes with it
}

func readState(dir string) (state, error) {
	var s state
	text, err := os.ReadFile(filepath.Join(dir, stateName))
	if err != nil {
		return state{}, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return state{}, fmt.Errorf("%s: %w", stateName, err)
	}
	return s, nil
}

// write replaces the state file. It need not survive a crash of the machine.
func (s state) write(dir string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	draft := filepath.Join(dir, stateName+".new")
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, filepath.Join(dir, stateName))
}

func (s state) remove(dir string) {
	_ = os.Remove(filepath.Join(dir, stateName))
	if s.Temporary {
		_ = os.RemoveAll(s.SocketDir)
	}
}

// socketPlace decides where the socket goes: the directory asked for, or the cluster's own, or, where that path is too
// long for a socket, a private directory with a short name; the one of the previous start if it is still there.
func socketPlace(asked, dir string, acct account) (state, error) {
	s := state{PID: os.Getpid(), SocketDir: filepath.Join(dir, clusterName)}
	if asked != "" {
		s.SocketDir = asked
		if !socketFits(asked) {
			return state{}, fmt.Errorf("socket directory %s is too long: a socket's path has at most %d bytes", asked, socketPathLimit)
		}
		return s, prepareSocketDir(asked, acct)
	}
	if socketFits(s.SocketDir) {
		return s, nil
	}
	if old, err := readState(dir); err == nil && old.Temporary && isPrivate(old.SocketDir, acct) {
		old.PID = s.PID
		return old, nil
	}
	return shortSocketDir(acct)
}

func socketFits(dir string) bool { return len(filepath.Join(dir, socketName)) <= socketPathLimit }

// prepareSocketDir makes a directory the caller chose, and gives it to the account if it made it.
func prepareSocketDir(dir string, acct account) error {
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return acct.own(dir)
}

func shortSocketDir(acct account) (state, error) {
	var failed error
	for _, temp := range slices.Compact([]string{os.TempDir(), "/tmp"}) {
		dir, err := os.MkdirTemp(temp, shortDirPrefix)
		if err == nil {
			err = acct.own(dir)
		}
		if err == nil && socketFits(dir) && acct.reaches(dir) {
			return state{PID: os.Getpid(), SocketDir: dir, Temporary: true}, nil
		}
		if dir != "" {
			os.Remove(dir)
		}
		failed = errors.Join(failed, err)
	}
	if failed == nil {
		failed = &UnreachableError{Path: os.TempDir(), Account: acct.name}
	}
	return state{}, fmt.Errorf("no directory for the PostgreSQL socket: %w", failed)
}

// isPrivate reports whether dir is a short directory that only this account can have filled.
func isPrivate(dir string, acct account) bool {
	info, err := os.Lstat(dir)
	if err != nil || info.Mode() != fs.ModeDir|0o700 || !strings.HasPrefix(filepath.Base(dir), shortDirPrefix) {
		return false
	}
	owner, err := ownerOf(dir)
	return err == nil && owner != nil && owner.uid == acct.uid
}

// own gives a path to the account.
func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

func (a account) reaches(path string) bool {
	if !a.switched {
		return true
	}
	barrier, err := a.barrier(path)
	return err == nil && barrier == ""
}
