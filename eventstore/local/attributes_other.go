//go:build unix && !linux

package local

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// handedOver is empty where a child cannot reach a directory through an open file.
const handedOver = ""

// signalOnOwnerDeath does nothing here: the next start stops a server that was left behind.
func signalOnOwnerDeath(*syscall.SysProcAttr, syscall.Signal) {}

// worksIn reports whether a process is a postgres that was started on this directory.
func worksIn(pid int, dir string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), dir)
}
