package signin_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/password"
	"github.com/signet-iam/signet/command/signin"
)

const (
	// significance is below which two samples count as different.
	significance = 0.01
	// resolution is finer than what anybody sees over a network.
	resolution = 10 * time.Microsecond
)

// Known and unknown users cannot be told apart by how long the answer takes. The waits are not waited for, but added to the time.
func TestTimeTellsNobodyWhoIsThere(t *testing.T) {
	t.Parallel()
	n := scene(t)
	d := n.SignInDependencies()
	d.Runtime.Now = time.Now
	waited := time.Duration(0)
	d.Pause = func(_ context.Context, wait time.Duration) { waited += wait }
	s := signin.New(d)
	login := func(password string) func(signin.Identifier) error {
		return func(who signin.Identifier) error {
			_, err := s.Login(t.Context(), signin.Credentials{Identifier: who, Password: password}, false)
			return err
		}
	}
	reset := func(who signin.Identifier) error {
		_, err := s.RequestPasswordReset(t.Context(), who)
		return err
	}
	for _, c := range []struct {
		name  string
		tries int
		try   func(signin.Identifier) error
		want  error
	}{
		// No hash is computed of a password that long: what is left is the work around it, of which the hash would hide a part.
		{"sign in, but for the hash", 2000, login(strings.Repeat("x", password.MaxLength+1)), signin.ErrRejected},
		{"sign in", full(2000, 100), login("wrong"), signin.ErrRejected},
		{"reset request", full(2000, 200), reset, nil},
	} {
		sample := func() (known, unknown []float64) {
			for i, isKnown := range shuffled(c.tries) {
				if i%4 == 0 { // less than is free: the limits forget
					n.Clock.Advance(25 * time.Hour)
				}
				who := byUsername("nobody")
				if isKnown {
					who = byUsername("minnie")
				}
				waited = 0
				began := time.Now()
				err := c.try(who)
				took := (time.Since(began) + waited).Round(resolution).Seconds()
				if !errors.Is(err, c.want) {
					t.Fatalf("%s: %v", c.name, err)
				}
				if isKnown {
					known = append(known, took)
				} else {
					unknown = append(unknown, took)
				}
			}
			return known, unknown
		}
		known, unknown := sample()
		p := mannWhitney(known, unknown)
		if p <= significance { // as it may be once in a hundred times; twice is another thing
			p = mannWhitney(sample())
		}
		t.Logf("%s: %d and %d tries, p = %.3f", c.name, len(known), len(unknown), p)
		if p <= significance {
			t.Errorf("%s: known and unknown users differ: p = %.5f", c.name, p)
		}
	}
}

// shuffled returns each of true and false so many times.
func shuffled(each int) []bool {
	out := make([]bool, 2*each)
	for i := range each {
		out[i] = true
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// full returns how often to try something: thoroughly if it is asked for.
func full(thoroughly, usually int) int {
	if os.Getenv("SIGNET_FULL") != "" {
		return thoroughly
	}
	return usually
}

// mannWhitney returns the probability that two samples of one distribution differ as much as these do in their ranks: the
// two-sided U test with the normal approximation and the correction for ties.
func mannWhitney(a, b []float64) float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	rank := make(map[float64]float64, len(all))
	ties := 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j] == all[i] {
			j++
		}
		same := float64(j - i)
		rank[all[i]] = float64(i+j+1) / 2
		ties += same*same*same - same
		i = j
	}
	sum := 0.0
	for _, v := range a {
		sum += rank[v]
	}
	m, n := float64(len(a)), float64(len(b))
	total := m + n
	u := sum - m*(m+1)/2
	deviation := math.Sqrt(m * n / 12 * (total + 1 - ties/(total*(total-1))))
	if deviation == 0 {
		return 1
	}
	return math.Erfc(math.Abs(u-m*n/2) / deviation / math.Sqrt2)
}

// The test above would see a difference of a tenth of the spread.
func TestMannWhitneySeesADifference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(shift float64) []float64 {
		out := make([]float64, 2000)
		for i := range out {
			out[i] = random.NormFloat64() + shift
		}
		return out
	}
	if p := mannWhitney(draw(0), draw(0)); p <= significance {
		t.Errorf("one distribution: p = %v", p)
	}
	if p := mannWhitney(draw(0), draw(0.15)); p > significance {
		t.Errorf("two distributions: p = %v", p)
	}
	if p := mannWhitney([]float64{1, 1, 1}, []float64{1, 1, 1}); p != 1 {
		t.Errorf("all the same: p = %v", p)
	}
	// Worked by hand: U = 1, z = (1 - 6) / sqrt(3 * 4 * 8 / 12).
	if p := mannWhitney([]float64{1, 2, 4}, []float64{3, 5, 6, 7}); math.Abs(p-math.Erfc(5/math.Sqrt(8)/math.Sqrt2)) > 1e-9 {
		t.Errorf("by hand: p = %v", p)
	}
}
