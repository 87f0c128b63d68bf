package eventstore_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/signet-iam/signet/eventstore"
)

// statement is one call of a group's read, held up until it is let go.
type statement struct {
	asked []int
	free  chan error
}

// questions returns a group whose statements come out of the channel and which answers each number in writing.
func questions() (*eventstore.Group[int, string], <-chan statement) {
	statements := make(chan statement)
	return eventstore.NewGroup(func(_ context.Context, asked []*eventstore.Question[int, string]) error {
		s := statement{free: make(chan error)}
		for _, q := range asked {
			s.asked = append(s.asked, q.Asked)
		}
		statements <- s
		err := <-s.free
		for _, q := range asked {
			q.Answer = strconv.Itoa(q.Asked)
		}
		return err
	}), statements
}

func TestQuestionsGatherBehindStatements(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, statements := questions()
		var asking sync.WaitGroup
		ask := func(number int) {
			asking.Go(func() {
				if got, err := g.Ask(t.Context(), number); err != nil || *got != strconv.Itoa(number) {
					t.Errorf("question %d: %v", number, err)
				}
			})
		}
		ask(0)
		first := <-statements
		ask(1)
		second := <-statements
		for number := 2; number < 102; number++ {
			ask(number)
		}
		synctest.Wait() // no third statement: nobody receives it, and all the same the questions are asked
		close(first.free)
		third := <-statements
		close(second.free)
		fourth := <-statements
		close(third.free)
		close(fourth.free)
		asking.Wait()
		if len(third.asked) != 64 || len(fourth.asked) != 36 {
			t.Errorf("%d and %d questions together", len(third.asked), len(fourth.asked))
		}
	})
}

func TestFaultOfAStatementIsThatOfItsQuestions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, statements := questions()
		broken := errors.New("broken")
		go func() {
			(<-statements).free <- broken
			(<-statements).free <- nil
		}()
		if _, err := g.Ask(t.Context(), 1); !errors.Is(err, broken) {
			t.Errorf("the question of the broken statement: %v", err)
		}
		if got, err := g.Ask(t.Context(), 2); err != nil || *got != "2" {
			t.Errorf("the question after it: %v", err)
		}
	})
}

func TestOneWhoLeavesTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, statements := questions()
		leaving, leave := context.WithCancel(t.Context())
		left, stayed := make(chan error, 1), make(chan error, 1)
		// Both readers are busy, so the two questions share the next statement.
		go func() { _, _ = g.Ask(t.Context(), 0) }()
		first := <-statements
		go func() { _, _ = g.Ask(t.Context(), 0) }()
		second := <-statements
		go func() { _, err := g.Ask(leaving, 1); left <- err }()
		go func() { _, err := g.Ask(t.Context(), 2); stayed <- err }()
		synctest.Wait()
		close(first.free)
		shared := <-statements
		if len(shared.asked) != 2 {
			t.Errorf("%v share a statement", shared.asked)
		}
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who left: %v", err)
		}
		close(shared.free)
		close(second.free)
		if err := <-stayed; err != nil {
			t.Errorf("the one who stayed: %v", err)
		}
	})
}

// unsent is what pgx says of a statement on a connection of before the server's restart.
type unsent struct{ error }

func (unsent) SafeToRetry() bool { return true }

func TestStatementsThatNeverLeftAreSentAgain(t *testing.T) {
	t.Parallel()
	stale := unsent{errors.New("broken pipe")}
	for fails, want := range map[int]error{0: nil, 4: nil, 5: stale} {
		sent := 0
		g := eventstore.NewGroup(func(_ context.Context, asked []*eventstore.Question[int, string]) error {
			if sent++; sent <= fails {
				return stale
			}
			asked[0].Answer = "here"
			return nil
		})
		answer, err := g.Ask(t.Context(), 1)
		if !errors.Is(err, want) || err == nil && *answer != "here" || sent != min(fails+1, 5) {
			t.Errorf("%d stale connections: %v after %d statements", fails, err, sent)
		}
	}
}
