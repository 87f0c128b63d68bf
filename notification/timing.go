package notification

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Timing holds every interval of the notifier. Zero fields take the defaults.
type Timing struct {
	// Lease is how long the relay's lease lasts without renewal: the longest pause when its holder dies. Default 15 s.
	Lease time.Duration
	// Linger is how long the relay lets events gather before it reads them. Default 20 ms.
	Linger time.Duration
	// Checkpoint is how often the checkpoint is saved while nothing is published. Default 2 s.
	Checkpoint time.Duration
	// Publish bounds the wait for one JetStream acknowledgement. Default 5 s.
	Publish time.Duration

	// Reconcile is how often the reconciler looks. Default 30 s.
	Reconcile time.Duration
	// Overdue is how old an untouched deliverable is when the reconciler publishes it again. Default 30 s.
	Overdue time.Duration

	// AckWait is how long JetStream waits for a sign of life from a worker, which gives one
	// every third of it. Default 10 s.
	AckWait time.Duration
	// Pull bounds one request for messages. Default 5 s.
	Pull time.Duration
	// Send bounds one call of a provider. Default 20 s.
	Send time.Duration
	// AttemptLease is how long another process's attempt without outcome is taken for alive. It must exceed Send; default
	// Send + 5 s.
	AttemptLease time.Duration
	// Drain is how long messages in hand may take after Run's context has ended. Default 25 s, which covers Send.
	Drain time.Duration

	// Backoff is the pause before try n (from 1) of anything that failed. Default: 1 s doubling to 2 min, ± 20 %.
	Backoff func(n int) time.Duration
	// MaxBackoff is the longest pause Backoff returns. Default 2.5 min.
	MaxBackoff time.Duration
}

func (t Timing) withDefaults() Timing {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&t.Lease, 15*time.Second)
	set(&t.Linger, 20*time.Millisecond)
	set(&t.Checkpoint, 2*time.Second)
	set(&t.Publish, 5*time.Second)
	set(&t.Reconcile, 30*time.Second)
	set(&t.Overdue, 30*time.Second)
	set(&t.AckWait, 10*time.Second)
	set(&t.Pull, 5*time.Second)
	set(&t.Send, 20*time.Second)
	set(&t.AttemptLease, t.Send+5*time.Second)
	set(&t.Drain, 25*time.Second)
	set(&t.MaxBackoff, 150*time.Second)
	if t.Backoff == nil {
		t.Backoff = exponential
	}
	return t
}

func (t Timing) validate() error {
	if t.AttemptLease <= t.Send {
		return errors.New("notification: an attempt must outlive the call of its provider")
	}
	return nil
}

// exponential is the default backoff. The jitter keeps messages that failed together from coming back together.
func exponential(n int) time.Duration {
	const first, longest = time.Second, 2 * time.Minute
	pause := longest
	if n < 8 { // 2^7 s is beyond the longest
		pause = min(first<<max(n-1, 0), longest)
	}
	return time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // nobody gains by foreseeing a pause
}

// pause waits for d or until ctx ends, and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
