package access

import (
	"encoding/binary"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func digestOf(n int) (d digest) {
	d.kind = personalToken
	binary.BigEndian.PutUint64(d.sum[:], uint64(n))
	return d
}

func userOf(id string) stream { return stream{"user", id} }

// on returns an answer that depends on streams as they are now.
func on(c *cache, streams ...stream) *answer {
	a := new(answer)
	for _, s := range streams {
		a.on = append(a.on, c.now(s))
	}
	return a
}

// An answer that was read before something it depends on was forgotten, and arrives after, is not kept.
func TestALateAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	u, s := userOf("u"), stream{"session", "s"}
	for name, forget := range map[string]func(*cache){
		"user": func(c *cache) { c.forget(u) }, "session": func(c *cache) { c.forget(s) },
		"all": func(c *cache) { c.forgetAll() }, "twice": func(c *cache) { c.forget(u); c.forgetAll() },
	} {
		c := newCache()
		late := on(c, u, s)
		forget(c)
		c.put(digestOf(1), late)
		if _, kept := c.get(digestOf(1)); kept {
			t.Errorf("forget %s: a late answer is kept", name)
		}
		c.put(digestOf(1), on(c, u, s))
		if _, kept := c.get(digestOf(1)); !kept {
			t.Errorf("forget %s: an answer in time is not kept", name)
		}
		forget(c)
		if _, kept := c.get(digestOf(1)); kept {
			t.Errorf("forget %s: the answer is still there", name)
		}
	}
}

func TestForgettingOneStreamLeavesTheOthers(t *testing.T) {
	t.Parallel()
	c := newCache()
	session := stream{"session", "u"} // of the same id as a user
	c.put(digestOf(1), on(c, userOf("u"), session))
	c.put(digestOf(2), on(c, userOf("u")))
	c.put(digestOf(3), on(c, userOf("v")))
	c.forget(session)
	for n, want := range map[int]bool{1: false, 2: true, 3: true} {
		if _, kept := c.get(digestOf(n)); kept != want {
			t.Errorf("answer %d: %v", n, kept)
		}
	}
	c.forget(userOf("u"))
	for n, want := range map[int]bool{1: false, 2: false, 3: true} {
		if _, kept := c.get(digestOf(n)); kept != want {
			t.Errorf("then answer %d: %v", n, kept)
		}
	}
}

// Digests of several kinds are nothing to each other.
func TestKindsDoNotCollide(t *testing.T) {
	t.Parallel()
	c := newCache()
	d := digestOf(1)
	c.put(d, on(c, userOf("u")))
	d.kind = signedToken
	if _, found := c.get(d); found {
		t.Error("a personal access token answers for a signed token")
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	for i := range 3 * maxAnswers {
		// Sessions of one user come and go: what is kept about the user must not grow.
		c.put(digestOf(i), on(c, userOf("u"), stream{"session", fmt.Sprint(i)}))
	}
	if len(c.answers) != maxAnswers || len(c.dependents) != maxAnswers+1 || len(c.dependents[userOf("u")]) != maxAnswers {
		t.Errorf("%d answers on %d streams, %d of the user", len(c.answers), len(c.dependents), len(c.dependents[userOf("u")]))
	}
	for i := range 3 * maxAnswers {
		c.forget(stream{"session", fmt.Sprint(i)})
	}
	if len(c.answers) != 0 || len(c.dependents) != 0 {
		t.Errorf("%d answers and %d streams are left", len(c.answers), len(c.dependents))
	}
}

// Whatever happens, the cache answers with what was put last and not forgotten since, and nothing is left over in its indexes.
func TestTheCacheAgreesWithItsModel(t *testing.T) {
	t.Parallel()
	streams := []stream{userOf("a"), userOf("b"), {"session", "a"}, {"session", "b"}}
	rapid.Check(t, func(t *rapid.T) {
		c := newCache()
		model := make(map[digest]*answer)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				s := rapid.SampledFrom(streams).Draw(t, "forgotten")
				c.forget(s)
				for d, a := range model {
					for _, m := range a.on {
						if m.stream == s {
							delete(model, d)
						}
					}
				}
			case 1:
				if rapid.IntRange(0, 9).Draw(t, "all") == 0 {
					c.forgetAll()
					clear(model)
				}
			default:
				d := digestOf(rapid.IntRange(0, 9).Draw(t, "digest"))
				a := on(c, rapid.SliceOfNDistinct(rapid.SampledFrom(streams), 1, 2, rapid.ID).Draw(t, "on")...)
				c.put(d, a)
				model[d] = a
			}
		}
		links := 0
		for n := range 10 {
			got, _ := c.get(digestOf(n))
			if got != model[digestOf(n)] {
				t.Fatalf("answer %d differs", n)
			}
			if got != nil {
				links += len(got.on)
			}
		}
		for s, dependents := range c.dependents {
			if links -= len(dependents); len(dependents) == 0 {
				t.Fatalf("an empty entry for %v", s)
			}
		}
		if links != 0 {
			t.Fatalf("%d dependents too few", links)
		}
	})
}
