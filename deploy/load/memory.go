package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// idleTime is how long a server has nothing to do before it counts as idle.
const idleTime = 5 * time.Second

// measureIdle looks at the memory of the shared server before anybody has asked it anything.
func (b *bench) measureIdle(ctx context.Context) error {
	b.say("the server is left alone for %v", idleTime)
	w := b.signet.watch()
	select {
	case <-time.After(idleTime):
	case <-ctx.Done():
	}
	idle, err := w.end()
	b.idle = idle
	return errors.Join(err, ctx.Err())
}

// remembering reports memory: idle, and the most it came to in the cases so far. Passwords are hashed in none of them.
func (b *bench) remembering(context.Context) error {
	if !b.loaded {
		return errors.New("memory under load needs another case that puts load on the server")
	}
	b.report.add(memoryRow("memory of signet, idle", b.idle, 80<<20))
	b.report.add(memoryRow("memory of signet, under this load", b.peak, 250<<20))
	return nil
}

func memoryRow(name string, m memory, limit int64) row {
	return row{name: name, figure: fmt.Sprintf("RSS %s, PSS %s", mebibytes(m.resident), mebibytes(m.proportional)), goals: []goal{{
		target: "< " + mebibytes(limit), reached: m.resident < limit, figure: mebibytes(m.resident),
	}}}
}

// hashingMemory holds a process that hashes passwords to its limit.
func hashingMemory(peak memory) goal {
	const limit = 400 << 20
	return goal{target: "RSS < " + mebibytes(limit), reached: peak.resident < limit, figure: mebibytes(peak.resident)}
}
