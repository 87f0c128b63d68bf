package tokenuse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-iam/signet/eventstore"
)

// log keeps what is written.
type log struct {
	mu      sync.Mutex
	away    bool
	written map[string][]time.Time
	largest int
}

func (l *log) NoteUses(_ context.Context, uses []eventstore.Use) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return errors.New("away")
	}
	if l.written == nil {
		l.written = make(map[string][]time.Time)
	}
	l.largest = max(l.largest, len(uses))
	for _, u := range uses {
		l.written[u.Tenant+"/"+u.Subject] = append(l.written[u.Tenant+"/"+u.Subject], u.At)
	}
	return nil
}

func (l *log) of(token string) []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written[token]
}

func (l *log) leave(away bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.away = away
}

func (u *Uses) size() (noted, waiting int) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return len(u.noted), len(u.waiting)
}

// begin runs a Uses on l in the time of a bubble, until end is called.
func begin(t *testing.T, l *log) (u *Uses, end func()) {
	u = New(l, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- u.Run(ctx) }()
	return u, func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	}
}

func TestATokenIsWrittenOnceInFiveMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(log)
		u, end := begin(t, l)
		defer end()
		start := time.Now()
		for range 11 * 60 {
			u.Note("default", "busy")
			time.Sleep(time.Second)
		}
		u.Note("default", "late")
		time.Sleep(gather + time.Millisecond)
		got := l.of("default/busy")
		if len(got) != 3 || !got[0].Equal(start) || !got[1].Equal(start.Add(interval)) || !got[2].Equal(start.Add(2*interval)) {
			t.Errorf("written at %v", got)
		}
		if len(l.of("default/late")) != 1 {
			t.Error("a use was not written after a second")
		}
	})
}

func TestTheLastUsesAreWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(log)
		u, end := begin(t, l)
		u.Note("default", "t")
		end()
		if len(l.of("default/t")) != 1 {
			t.Error("the last use is lost")
		}
	})
}

func TestUsesWaitForADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &log{away: true}
		u, end := begin(t, l)
		defer end()
		for i := range 2*batch + 1 {
			u.Note("default", fmt.Sprint(i))
		}
		time.Sleep(time.Minute)
		l.leave(false)
		time.Sleep(retry + time.Second)
		for i := range 2*batch + 1 {
			if len(l.of(fmt.Sprint("default/", i))) != 1 {
				t.Fatalf("token %d was written %d times", i, len(l.of(fmt.Sprint("default/", i))))
			}
		}
		if l.largest != batch {
			t.Errorf("a statement has %d uses", l.largest)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &log{away: true}
		u, end := begin(t, l)
		defer end()
		u.most = 100
		for round := range 4 {
			for i := range u.most + 10 {
				u.Note("default", fmt.Sprint(round, "-", i))
			}
			if noted, waiting := u.size(); noted > u.most || waiting > 2*u.most {
				t.Fatalf("%d tokens noted, %d uses waiting", noted, waiting)
			}
			time.Sleep(interval + gather + retry)
		}
		l.leave(false)
		time.Sleep(interval + gather + retry)
		u.Note("default", "afterwards")
		time.Sleep(2 * gather)
		if len(l.of("default/afterwards")) != 1 {
			t.Error("nothing is noted any more")
		}
		if noted, waiting := u.size(); noted > 1 || waiting > 0 {
			t.Errorf("%d tokens are still noted, %d uses waiting", noted, waiting)
		}
	})
}

func TestNotingFromEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := new(log)
		u, end := begin(t, l)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for i := range 100 {
					u.Note("default", fmt.Sprint(i))
				}
			})
		}
		all.Wait()
		end()
		for i := range 100 {
			if got := l.of(fmt.Sprint("default/", i)); len(got) != 1 {
				t.Errorf("token %d was written %d times", i, len(got))
			}
		}
	})
}

func BenchmarkNote(b *testing.B) {
	u := New(new(log), time.Now)
	b.ReportAllocs()
	for b.Loop() {
		u.Note("default", "0198c0de-0000-7000-8000-000000000000")
	}
}
