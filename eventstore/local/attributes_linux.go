package local

import (
	"fmt"
	"os"
	"syscall"
)

// handedOver is how a child names the first open file it is handed. A child reaches a directory by this name without
// passing through the directory's parents.
const handedOver = "/proc/self/fd/3"

// signalOnOwnerDeath makes the kernel send a signal to the child when the thread that started it ends.
func signalOnOwnerDeath(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// worksIn reports whether a process has this directory as its working directory, as postgres has its cluster's.
func worksIn(pid int, dir string) bool {
	want, err := os.Stat(dir)
	if err != nil {
		return false
	}
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && os.SameFile(cwd, want)
}
