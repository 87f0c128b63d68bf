package local

import (
	"errors"
	"fmt"
)

var (
	// ErrNoBinaries says that this machine has no usable PostgreSQL server.
	ErrNoBinaries = errors.New("no PostgreSQL 15 or newer found on this machine: " +
		"install it (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql@17), " +
		"name the directory of its binaries in SIGNET_POSTGRES_BIN, or give --database-url")

	// ErrInUse says that another process owns the directory. The error is an *InUseError.
	ErrInUse = errors.New("directory is in use")
)

// InUseError is ErrInUse with the owner.
type InUseError struct {
	Dir string
	PID int // 0 when the owner has not written it yet
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s is in use by process %d: stop that process or choose another data directory", e.Dir, e.PID)
}

// Is reports whether target is ErrInUse.
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// VersionError says that a cluster was made by a PostgreSQL major version whose binaries are not here.
type VersionError struct {
	Dir   string
	Wants int   // major version of the cluster
	Found []int // major versions found
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s was made by PostgreSQL %d, but only %v is installed: install PostgreSQL %d, "+
		"or bring the directory to a newer version with pg_upgrade", e.Dir, e.Wants, e.Found, e.Wants)
}

// UnreachableError says that the account which runs the server cannot get at a path.
type UnreachableError struct {
	Path    string
	Account string
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("user %q, which runs PostgreSQL, may not enter %s: choose a data directory below one that it may, "+
		"or start signet as an ordinary user", e.Account, e.Path)
}

// StartError says that initdb or postgres ended instead of starting.
type StartError struct {
	Program string
	Reason  string // its own words, one line
	Log     string // file with the rest
	Err     error
}

func (e *StartError) Error() string {
	text := fmt.Sprintf("%s did not start: %s", e.Program, e.Reason)
	if e.Log != "" {
		text += " (see " + e.Log + ")"
	}
	return text
}

// Unwrap returns how the process ended.
func (e *StartError) Unwrap() error { return e.Err }
