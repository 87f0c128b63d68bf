package access

import (
	"crypto/sha256"
	"hash/maphash"
	"sync"
	"time"

	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
)

const (
	maxAge     = time.Minute
	maxAnswers = 10_000
	stripes    = 1024
)

// digest stands for a token in the cache, which keeps no tokens.
type digest struct {
	kind tokenKind // digests of several kinds are made in several ways
	sum  [sha256.Size]byte
}

// tokenKind is a kind of token.
type tokenKind uint8

const (
	personalToken tokenKind = iota + 1
	sessionToken
	signedToken // JSON Web Token
)

// stream is one that answers depend on.
type stream struct {
	kind, id string
}

// moment is a stream as it was when somebody was about to read it.
type moment struct {
	stream            stream
	generation, epoch uint64
}

// answer is who a token belongs to.
type answer struct {
	caller  *permission.Caller
	on      []moment        // of the streams it depends on
	until   time.Time       // when the answer itself gets too old
	expires time.Time       // of the token, or of what it stands on; zero: never
	factors session.Factors // that the session has seen; none without one
}

func (a *answer) good(now time.Time) bool {
	return now.Before(a.until) && (a.expires.IsZero() || now.Before(a.expires))
}

// cache holds answers by the digests of their tokens.
//
// Who looks a token up notes the moment before it reads a stream, and hands the moments in with the answer. Forgetting a stream
// moves its generation on, so that an answer from before is not taken any more. Streams share generations by hash: a collision
// costs a lookup.
type cache struct {
	seed maphash.Seed

	mu          sync.RWMutex
	answers     map[digest]*answer
	dependents  map[stream]map[digest]struct{}
	generations [stripes]uint64
	epoch       uint64 // moves with forgetAll
}

func newCache() *cache {
	return &cache{
		seed: maphash.MakeSeed(), answers: make(map[digest]*answer), dependents: make(map[stream]map[digest]struct{}),
	}
}

func (c *cache) stripe(s stream) int {
	return int(maphash.Comparable(c.seed, s) % stripes)
}

func (c *cache) get(d digest) (*answer, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	a, ok := c.answers[d]
	return a, ok
}

// now returns the moment of a stream.
func (c *cache) now(s stream) moment {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.moment(s)
}

func (c *cache) moment(s stream) moment {
	return moment{s, c.generations[c.stripe(s)], c.epoch}
}

// put keeps an answer unless something it depends on was forgotten since.
func (c *cache) put(d digest, a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range a.on {
		if m != c.moment(m.stream) {
			return
		}
	}
	c.remove(d)
	if len(c.answers) >= maxAnswers {
		c.evict()
	}
	c.answers[d] = a
	for _, m := range a.on {
		if c.dependents[m.stream] == nil {
			c.dependents[m.stream] = make(map[digest]struct{})
		}
		c.dependents[m.stream][d] = struct{}{}
	}
}

// evict makes room by removing some answer, whichever the map names first.
func (c *cache) evict() {
	for d := range c.answers {
		c.remove(d)
		return
	}
}

func (c *cache) remove(d digest) {
	a, ok := c.answers[d]
	if !ok {
		return
	}
	delete(c.answers, d)
	for _, m := range a.on {
		delete(c.dependents[m.stream], d)
		if len(c.dependents[m.stream]) == 0 {
			delete(c.dependents, m.stream)
		}
	}
}

// forget removes the answers that depend on a stream.
func (c *cache) forget(s stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generations[c.stripe(s)]++
	for d := range c.dependents[s] {
		c.remove(d)
	}
}

func (c *cache) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	clear(c.answers)
	clear(c.dependents)
}
