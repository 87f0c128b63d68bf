package wire

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"
)

// memory is what the runtime was told of it.
type memory struct {
	limit   int64
	percent uint64
}

func taken() memory {
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(percent)
	return memory{debug.SetMemoryLimit(-1), percent[0].Value.Uint64()}
}

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
		has := func(when string, wantProcessors int, wide bool) {
			t.Helper()
			synctest.Wait()
			want := memory{usual, gcPercent}
			if wide {
				want = memory{usual + hashes*hashMemory, hashingPercent}
			}
			if p, m := runtime.GOMAXPROCS(0), taken(); p != wantProcessors || m != want {
				t.Errorf("%s: %d processors and %v, want %d and %v", when, p, m, wantProcessors, want)
			}
		}
		has("at first", processors, false)
		r.busy(true)
		has("hashing", processors+hashes, true)
		r.busy(false)
		time.Sleep(calm / 2) // of the bubble's clock, which waits for nobody
		has("soon after", processors, true)
		r.busy(true)
		time.Sleep(2 * calm)
		has("hashing again", processors+hashes, true)
		r.busy(false)
		time.Sleep(calm)
		has("later", processors, false)
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
