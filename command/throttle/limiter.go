package throttle

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// ErrTooManyAttempts is the refusal of an attempt that comes too soon. After says how long to wait.
var ErrTooManyAttempts = failure.New(failure.ResourceExhausted, "TOO_MANY_ATTEMPTS", "too many attempts: try again later")

// Limit is a bound on attempts of one kind.
type Limit struct {
	Name   string        // of the counter and of the event: "sign-in by identifier"
	Free   int           // attempts without delay
	Delay  time.Duration // before the first that is not free; doubles with each
	Most   time.Duration // bound of the delay
	Forget time.Duration // without an attempt for so long the count begins anew; at least Most

	form   func(key string) string // what keys are counted by; nil: as they are
	shared bool                    // a key is many people's
}

// Attempt is one attempt under a limit. Several limits may apply to one thing somebody tries.
type Attempt struct {
	Limit Limit
	Key   string // who or what is counted, not kept; empty where that is not known, and then nothing is counted
}

// Limiter counts. It is safe for concurrent use.
type Limiter struct {
	rt        command.Runtime
	crossings *command.Executor[crossings]
	log       zerolog.Logger
}

// New returns a limiter.
func New(rt command.Runtime) (*Limiter, error) {
	streams, err := newExecutor(rt)
	if err != nil {
		return nil, err
	}
	return &Limiter{rt: rt, crossings: streams, log: zerolog.Nop()}, nil
}

// WithLogger returns a limiter, with the same counters, that tells when the crossing of a limit could not be recorded.
func (l *Limiter) WithLogger(log zerolog.Logger) *Limiter {
	told := *l
	told.log = log
	return &told
}

// Take counts attempts, all in one statement. It refuses with ErrTooManyAttempts when one of them has to wait; After is the longest
// delay, and nothing was counted.
func (l *Limiter) Take(ctx context.Context, tenant string, attempts ...Attempt) error {
	limits, err := l.limits(ctx, tenant, attempts)
	if err != nil || len(limits) == 0 {
		return command.Refusal(err)
	}
	taken, err := l.rt.Store.Take(ctx, tenant, limits...)
	if err != nil {
		return command.Refusal(fmt.Errorf("throttle: %w", err))
	}
	if len(taken.Used) == 0 {
		return ErrTooManyAttempts.Later(taken.Wait)
	}
	for i, used := range taken.Used {
		if used == limits[i].Free+1 {
			l.record(ctx, tenant, limits[i])
		}
	}
	return nil
}

// Forgive starts counters anew, after a success. Of a key that many people share, such as an address, it gives back the one attempt
// that succeeded: an office that signs in all day is never slowed down, and who guesses gains nothing by a password of its own. It is
// a courtesy: a failure is not reported.
func (l *Limiter) Forgive(ctx context.Context, tenant string, attempts ...Attempt) {
	if limits, err := l.limits(ctx, tenant, attempts); err == nil && len(limits) > 0 {
		_ = l.rt.Store.Forgive(ctx, tenant, limits...)
	}
}

// limits returns the counters of attempts. They know keys by a digest of the tenant's own, so that a counter says nothing about who
// is counted to whoever reads the table.
func (l *Limiter) limits(ctx context.Context, tenant string, attempts []Attempt) ([]eventstore.Limit, error) {
	out := make([]eventstore.Limit, 0, len(attempts))
	for i := range attempts {
		limit := &attempts[i].Limit
		key := limit.canonical(attempts[i].Key)
		if key == "" {
			continue
		}
		digest, err := l.rt.Vault.Digest(ctx, tenant, "throttle:"+limit.Name, key)
		if err != nil {
			return nil, fmt.Errorf("throttle: digest of a key: %w", err)
		}
		out = append(out, eventstore.Limit{
			Name: limit.Name, Digest: digest, Free: limit.Free, Delay: limit.Delay, Most: limit.Most, Forget: limit.Forget,
			Shared: limit.shared,
		})
	}
	return out, nil
}
