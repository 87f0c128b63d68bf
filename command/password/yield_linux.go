package password

import "golang.org/x/sys/unix"

// niceness of the threads that hash, the highest there is: what is left by others is enough for them (sched(7)).
const niceness = 19

// yield lets the process's other threads go before the calling one, for as long as that lives.
func yield() {
	// Where it is not allowed, hashes compete as equals: slower for others, not wrong.
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness)
}
