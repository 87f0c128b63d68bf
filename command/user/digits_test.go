package user

import (
	"math/rand/v2"
	"testing"

	"github.com/signet-iam/signet/command"
)

// Each digit comes equally often: with 80,000 draws each is expected 8,000 times, give or take 85.
func TestDigitsAreDrawnEquallyOften(t *testing.T) {
	t.Parallel()
	s := &Service{rt: command.Runtime{Random: rand.NewChaCha8([32]byte{1})}}
	var counts [10]int
	for range 10_000 {
		code, err := s.newDigits(8)
		if err != nil || len(code) != 8 {
			t.Fatalf("%q, %v", code, err)
		}
		for _, c := range code {
			counts[c-'0']++
		}
	}
	for digit, n := range counts {
		if n < 7600 || n > 8400 {
			t.Errorf("%d came %d times", digit, n)
		}
	}
}
