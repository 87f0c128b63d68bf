package wire

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// gcPercent trades memory, of which a server needs little, for a third of the collector's work. Above processMemory, for each
	// processor, of all that the runtime holds, the collector works harder instead.
	gcPercent     = 250
	processMemory = 90 << 20

	// Each hash leaves 19 MiB of garbage, and the collector looks through everything else to find that out. With hashMemory more for
	// each hash computed at once it does so after eight of them instead of three, which saves a fifth of what a sign-in costs.
	hashingPercent = 450
	hashMemory     = 100 << 20

	// calm is how long the process keeps that memory after a hash: the next one is often there by then.
	calm = time.Second
)

// room is what this process takes of the machine. It is safe for concurrent use, but there is only one Go runtime to tell.
type room struct {
	hashes               int  // computed at once
	processors           int  // without hashes
	setPercent, setLimit bool // the environment says nothing of them

	mu      sync.Mutex
	hashing bool
	wide    bool // there is memory for hashes
	relax   *time.Timer
}

// newRoom takes what requests need, and is told by busy when there are hashes.
func newRoom(hashes int) *room {
	r := &room{
		hashes: hashes, processors: runtime.GOMAXPROCS(0), setPercent: os.Getenv("GOGC") == "", setLimit: os.Getenv("GOMEMLIMIT") == "",
	}
	r.take(gcPercent, 0)
	r.relax = time.AfterFunc(calm, r.narrow)
	return r
}

// busy gives the scheduler more processors while there are hashes: each keeps one of them for milliseconds, and requests shall
// have as many as without. More than the machine has are no good otherwise.
func (r *room) busy(hashing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hashing = hashing; !hashing {
		runtime.GOMAXPROCS(r.processors)
		r.relax.Reset(calm)
		return
	}
	runtime.GOMAXPROCS(r.processors + r.hashes)
	if !r.wide {
		r.wide = true
		r.take(hashingPercent, r.hashes)
	}
}

func (r *room) narrow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wide && !r.hashing {
		r.wide = false
		r.take(gcPercent, 0)
	}
}

// take sets the memory for requests and so many hashes.
func (r *room) take(percent, hashes int) {
	if r.setPercent {
		debug.SetGCPercent(percent)
	}
	if r.setLimit {
		debug.SetMemoryLimit(int64(r.processors)*processMemory + int64(hashes)*hashMemory)
	}
}
