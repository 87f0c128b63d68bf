package wire

import (
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// It tells the runtime of the whole test process, and so runs alone.
func TestHashesHaveRoomForAMomentLonger(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	processors, limit, percent := runtime.GOMAXPROCS(0), debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(processors)
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
	synctest.Test(t, func(t *testing.T) {
		const hashes = 2
		r := newRoom(hashes)
		usual := int64(processors) * processMemory
		has := func(when string, wantProcessors int, wantMemory int64) {
			t.Helper()
			synctest.Wait()
			if p, m := runtime.GOMAXPROCS(0), debug.SetMemoryLimit(-1); p != wantProcessors || m != wantMemory {
				t.Errorf("%s: %d processors and %d bytes, want %d and %d", when, p, m, wantProcessors, wantMemory)
			}
		}
		has("at first", processors, usual)
		r.busy(true)
		has("hashing", processors+hashes, usual+hashes*hashMemory)
		r.busy(false)
		time.Sleep(calm / 2)
		has("soon after", processors, usual+hashes*hashMemory)
		r.busy(true)
		time.Sleep(2 * calm)
		has("hashing again", processors+hashes, usual+hashes*hashMemory)
		r.busy(false)
		time.Sleep(calm)
		has("later", processors, usual)
	})
}

func TestLimitsOfTheEnvironmentStand(t *testing.T) {
	t.Setenv("GOGC", "off")
	t.Setenv("GOMEMLIMIT", "1GiB")
	processors, limit := runtime.GOMAXPROCS(0), debug.SetMemoryLimit(1<<30)
	t.Cleanup(func() { runtime.GOMAXPROCS(processors); debug.SetMemoryLimit(limit) })
	r := newRoom(1)
	r.busy(true)
	if got := debug.SetMemoryLimit(-1); got != 1<<30 {
		t.Errorf("the limit of 1 GiB became %d bytes", got)
	}
	r.busy(false)
}
