package vault

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// subject names one data key.
type subject struct{ tenant, id string }

const shards = 16

// cache holds unwrapped keys, bounded in number by a clock (second chance) in each shard and in age by maxAge.
type cache struct {
	seed   maphash.Seed
	maxAge time.Duration
	// epoch counts forgotten keys. A key that was read from the database before one was forgotten is not stored after
	// it: it could be the forgotten one.
	epoch  atomic.Uint64
	shards [shards]shard
}

type shard struct {
	mu    sync.Mutex
	index map[subject]int // into slots
	slots []slot
	limit int
	hand  int
}

type slot struct {
	subject subject
	key     Key // zero: the slot is free
	since   time.Time
	used    bool // since the hand last came by
}

func newCache(size int, maxAge time.Duration) *cache {
	c := &cache{seed: maphash.MakeSeed(), maxAge: maxAge}
	for i := range c.shards {
		c.shards[i] = shard{index: make(map[subject]int), limit: max(1, size/shards)}
	}
	return c
}

func (c *cache) shard(s subject) *shard {
	return &c.shards[maphash.String(c.seed, s.id)%shards]
}

func (c *cache) get(s subject, now time.Time) (Key, bool) {
	shard := c.shard(s)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	at, found := shard.index[s]
	if !found {
		return Key{}, false
	}
	slot := &shard.slots[at]
	if now.Sub(slot.since) >= c.maxAge {
		shard.free(at)
		return Key{}, false
	}
	slot.used = true
	return slot.key, true
}

// put stores a key that was read when the epoch was as given.
func (c *cache) put(s subject, key Key, now time.Time, epoch uint64) {
	shard := c.shard(s)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if c.epoch.Load() != epoch {
		return
	}
	at, found := shard.index[s]
	if !found {
		at = shard.room()
		shard.index[s] = at
	}
	shard.slots[at] = slot{subject: s, key: key, since: now}
}

func (c *cache) forget(s subject) {
	c.epoch.Add(1)
	shard := c.shard(s)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if at, found := shard.index[s]; found {
		shard.free(at)
	}
}

func (s *shard) free(at int) {
	delete(s.index, s.slots[at].subject)
	s.slots[at] = slot{}
}

// room returns a free slot; the hand goes round until it meets one that is free or was not used since it last came by.
func (s *shard) room() int {
	if len(s.slots) < s.limit {
		s.slots = append(s.slots, slot{})
		return len(s.slots) - 1
	}
	for {
		at := s.hand
		s.hand = (s.hand + 1) % len(s.slots)
		switch slot := &s.slots[at]; {
		case slot.key.IsZero():
			return at
		case slot.used:
			slot.used = false
		default:
			s.free(at)
			return at
		}
	}
}
