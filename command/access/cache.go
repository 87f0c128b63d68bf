package access

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/signet-iam/signet/command/permission"
)

const (
	maxAge     = time.Minute
	maxAnswers = 10_000
	stripes    = 1024
)

// answer is who a token belongs to.
type answer struct {
	caller  *permission.Caller
	userID  string
	until   time.Time // when the answer itself gets too old
	expires time.Time // of the token; zero: never
}

func (a *answer) good(now time.Time) bool {
	return now.Before(a.until) && (a.expires.IsZero() || now.Before(a.expires))
}

// cache holds answers by the digests of their tokens.
//
// Who looks a token up notes the generation first and hands it in with the answer. Forgetting a user moves the generation on,
// so that an answer from before is not taken any more. Users share generations by hash: a collision costs a lookup.
type cache struct {
	seed maphash.Seed

	mu          sync.RWMutex
	answers     map[string]*answer
	byUser      map[string][]string // digests
	generations [stripes]uint64
	epoch       uint64 // moves with forgetAll
}

// generation is a moment in the life of the cache, as seen by one user.
type generation struct {
	stripe, epoch uint64
}

func newCache() *cache {
	return &cache{seed: maphash.MakeSeed(), answers: make(map[string]*answer), byUser: make(map[string][]string)}
}

func (c *cache) stripe(userID string) int {
	return int(maphash.String(c.seed, userID) % stripes)
}

func (c *cache) get(digest []byte) (*answer, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	a, ok := c.answers[string(digest)]
	return a, ok
}

func (c *cache) generation(userID string) generation {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return generation{c.generations[c.stripe(userID)], c.epoch}
}

// put keeps an answer unless something was forgotten since seen.
func (c *cache) put(digest []byte, a *answer, seen generation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seen != (generation{c.generations[c.stripe(a.userID)], c.epoch}) {
		return
	}
	if _, known := c.answers[string(digest)]; !known {
		if len(c.answers) >= maxAnswers {
			c.evict()
		}
		c.byUser[a.userID] = append(c.byUser[a.userID], string(digest))
	}
	c.answers[string(digest)] = a
}

// evict makes room by forgetting some user, whichever the map names first.
func (c *cache) evict() {
	for userID := range c.byUser {
		c.drop(userID)
		return
	}
}

func (c *cache) drop(userID string) {
	for _, digest := range c.byUser[userID] {
		delete(c.answers, digest)
	}
	delete(c.byUser, userID)
}

func (c *cache) forget(userID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generations[c.stripe(userID)]++
	c.drop(userID)
}

func (c *cache) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	clear(c.answers)
	clear(c.byUser)
}
