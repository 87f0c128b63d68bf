package access

import (
	"fmt"
	"testing"
)

// An answer that was read before its user was forgotten, and arrives after, is not kept.
func TestALateAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(*cache){
		"user": func(c *cache) { c.forget("u") }, "all": func(c *cache) { c.forgetAll() }, "twice": func(c *cache) { c.forget("u"); c.forgetAll() },
	} {
		c := newCache()
		seen := c.generation("u")
		forget(c)
		c.put([]byte("digest"), &answer{userID: "u"}, seen)
		if _, kept := c.get([]byte("digest")); kept {
			t.Errorf("forget %s: a late answer is kept", name)
		}
		c.put([]byte("digest"), &answer{userID: "u"}, c.generation("u"))
		if _, kept := c.get([]byte("digest")); !kept {
			t.Errorf("forget %s: an answer in time is not kept", name)
		}
		forget(c)
		if _, kept := c.get([]byte("digest")); kept {
			t.Errorf("forget %s: the answer is still there", name)
		}
	}
}

func TestForgettingOneUserLeavesTheOthers(t *testing.T) {
	t.Parallel()
	c := newCache()
	for _, id := range []string{"u", "v"} {
		for i := range 3 {
			c.put(fmt.Appendf(nil, "%s-%d", id, i), &answer{userID: id}, c.generation(id))
		}
	}
	c.forget("u")
	for i := range 3 {
		if _, kept := c.get(fmt.Appendf(nil, "u-%d", i)); kept {
			t.Error("an answer about the forgotten user is left")
		}
		if _, kept := c.get(fmt.Appendf(nil, "v-%d", i)); !kept {
			t.Error("another user was forgotten too")
		}
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache()
	for i := range 3 * maxAnswers {
		id := fmt.Sprint(i)
		c.put([]byte(id), &answer{userID: id}, c.generation(id))
	}
	if len(c.answers) > maxAnswers || len(c.byUser) > maxAnswers || len(c.answers) < maxAnswers/2 {
		t.Errorf("%d answers of %d users", len(c.answers), len(c.byUser))
	}
}
