package local

import (
	"os/exec"
	"runtime"
)

// forker starts child processes, all from one operating system thread that ends with close and not before. The kernel
// sends a child its parent-death signal when the thread that started it ends, and the Go runtime ends threads as it
// likes.
type forker struct {
	requests chan forkRequest
}

type forkRequest struct {
	cmd     *exec.Cmd
	started chan error
}

func newForker() *forker {
	f := &forker{requests: make(chan forkRequest)}
	go f.serve()
	return f
}

func (f *forker) serve() {
	// Never unlocked: the thread ends with this goroutine.
	runtime.LockOSThread()
	for r := range f.requests {
		r.started <- r.cmd.Start()
	}
}

func (f *forker) start(cmd *exec.Cmd) error {
	r := forkRequest{cmd: cmd, started: make(chan error, 1)}
	f.requests <- r
	return <-r.started
}

// close lets the thread end. No child may be running.
func (f *forker) close() { close(f.requests) }
