package local

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is who the server runs as.
type account struct {
	name     string
	uid      uint32
	gid      uint32
	switched bool
}

// serverAccount decides who the server of a cluster runs as. An ordinary process runs it as itself. Root, which
// PostgreSQL refuses, uses the account named, or the one that owns the cluster, or "postgres", or "nobody".
func serverAccount(named, cluster string) (account, error) {
	owner, err := ownerOf(cluster)
	if err != nil {
		return account{}, err
	}
	if euid := os.Geteuid(); euid != 0 {
		self := account{name: userName(uint32(euid)), uid: uint32(euid), gid: uint32(os.Getegid())}
		if owner != nil && owner.uid != self.uid {
			return account{}, fmt.Errorf("%s belongs to user %q: start signet as that user or as root", cluster, owner.name)
		}
		return self, nil
	}
	if named == "" && owner != nil && owner.uid != 0 {
		owner.switched = true
		return *owner, nil
	}
	names := []string{"postgres", "nobody"}
	if named != "" {
		names = []string{named}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		return parseAccount(u)
	}
	return account{}, fmt.Errorf("PostgreSQL may not run as root and this machine has no user of these names: %v", names)
}

func parseAccount(u *user.User) (account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return account{}, fmt.Errorf("user %s: %w", u.Username, err)
	}
	return account{name: u.Username, uid: uint32(uid), gid: uint32(gid), switched: true}, nil
}

// ownerOf returns the account that owns a path, nil if the path does not exist.
func ownerOf(path string) (*account, error) {
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return &account{name: userName(st.Uid), uid: st.Uid, gid: st.Gid}, nil
}

// userName names a uid for messages; in a container it may have no name.
func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// processAttributes returns what a child of this account needs: a process group of its own, so that a Ctrl-C meant for
// signet does not reach it, and the signal it gets when this process dies.
func (a account) processAttributes(onOwnerDeath syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.switched {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	signalOnOwnerDeath(attr, onOwnerDeath)
	return attr
}

// barrier returns the first parent of path, from the root down, that the account may not pass through, or "". It knows
// permission bits only: what an access control list grants beyond them is not needed, what it denies shows in the
// server's log.
func (a account) barrier(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	var parents []string
	for dir := filepath.Dir(real); ; dir = filepath.Dir(dir) {
		parents = append(parents, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	slices.Reverse(parents)
	for _, dir := range parents {
		info, err := os.Stat(dir)
		if err != nil {
			return "", err
		}
		if !a.mayPass(info) {
			return dir, nil
		}
	}
	return "", nil
}

func (a account) mayPass(dir fs.FileInfo) bool {
	st := dir.Sys().(*syscall.Stat_t)
	switch mode := dir.Mode().Perm(); {
	case st.Uid == a.uid:
		return mode&0o100 != 0
	case st.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
