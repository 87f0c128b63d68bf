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
	hashes        int  // computed at once
	processors    int  // without hashes
	percent, most bool // ours to set: the environment says nothing of it

	mu      sync.Mutex
	hashing bool
	allowed int // for how many hashes there is memory
	relax   *time.Timer
}

// newRoom takes what requests need, and is told by busy when there are hashes.
func newRoom(hashes int) *room {
	r := &room{
		hashes: hashes, processors: runtime.GOMAXPROCS(0), percent: os.Getenv("GOGC") == "", most: os.Getenv("GOMEMLIMIT") == "",
	}
	r.allow(0)
	r.relax = time.AfterFunc(calm, r.relaxed)
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
	if r.allowed == 0 {
		r.allow(r.hashes)
	}
}

func (r *room) relaxed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.hashing && r.allowed > 0 {
		r.allow(0)
	}
}

func (r *room) allow(hashes int) {
	r.allowed = hashes
	percent := gcPercent
	if hashes > 0 {
		percent = hashingPercent
	}
	if r.percent {
		debug.SetGCPercent(percent)
	}
	if r.most {
		debug.SetMemoryLimit(int64(r.processors)*processMemory + int64(hashes)*hashMemory)
	}
}
