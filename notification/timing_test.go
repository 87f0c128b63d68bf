package notification

import (
	"testing"
	"time"
)

func TestBackoffGrowsToItsLimit(t *testing.T) {
	t.Parallel()
	limit := Timing{}.withDefaults().MaxBackoff
	for n, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 7: 64 * time.Second,
		8: 2 * time.Minute, 63: 2 * time.Minute, 1 << 40: 2 * time.Minute,
	} {
		for range 100 {
			got := exponential(n)
			if got < want*8/10 || got > want*12/10 || got > limit {
				t.Fatalf("try %d: got %s, want about %s", n, got, want)
			}
		}
	}
}

func TestSubjectTokens(t *testing.T) {
	t.Parallel()
	for tenant, want := range map[string]string{
		"default": "default", "a-b_C9": "a-b_C9", "a.b": "x612e62", "*": "x2a", ">": "x3e", "a b": "x612062", "": "x",
	} {
		if got := subjectToken(tenant); got != want {
			t.Errorf("%q: got %q, want %q", tenant, got, want)
		}
	}
}
