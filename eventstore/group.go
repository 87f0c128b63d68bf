package eventstore

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	groupReaders = 2  // statements of one Group at a time: while one is answered, the next one's questions gather
	groupSize    = 64 // questions in one statement
	groupTimeout = 10 * time.Second
	groupRetries = 4 // of a statement that never reached the server, because the connection is one of before a restart
)

// Group answers questions of one kind together: those that come while its statements are on their way go into the next
// statement. A single question goes out at once. It is safe for concurrent use.
//
// A statement begins after all its questions were asked, so it sees every write they must see. It serves several callers
// and therefore does not end with one of them; one who leaves just goes without an answer. One that never left is sent again.
type Group[Q, A any] struct {
	read func(context.Context, []*Question[Q, A]) error

	mu      sync.Mutex
	waiting []*Question[Q, A]
	readers int
}

// Question is what one caller asked. Answer stays zero for what is not found.
type Question[Q, A any] struct {
	Asked  Q
	Answer A

	err  error
	done chan struct{}
}

// NewGroup returns a group whose questions are answered by read: it fills in Answer, or fails for all of them.
func NewGroup[Q, A any](read func(context.Context, []*Question[Q, A]) error) *Group[Q, A] {
	return &Group[Q, A]{read: read}
}

// Ask returns the answer, or the error of read or of ctx, or ErrUnavailable when the statement takes longer than ten seconds.
func (g *Group[Q, A]) Ask(ctx context.Context, asked Q) (*A, error) {
	q := &Question[Q, A]{Asked: asked, done: make(chan struct{})}
	g.enqueue(q)
	select {
	case <-q.done:
		return &q.Answer, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *Group[Q, A]) enqueue(q *Question[Q, A]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, q)
	if g.readers < groupReaders {
		g.readers++
		go g.serve()
	}
}

func (g *Group[Q, A]) serve() {
	for questions := g.take(); len(questions) > 0; questions = g.take() {
		g.answer(questions)
		// Those just answered often have their next question ready: let them join the next statement.
		runtime.Gosched()
	}
}

// take returns what the calling reader shall answer next; when there is nothing, that reader has ended.
func (g *Group[Q, A]) take() []*Question[Q, A] {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), groupSize)
	if n == 0 {
		g.readers--
		return nil
	}
	taken := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return taken
}

func (g *Group[Q, A]) answer(questions []*Question[Q, A]) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	err := g.read(ctx, questions)
	for retry := 0; retry < groupRetries && pgconn.SafeToRetry(err); retry++ {
		err = g.read(ctx, questions)
	}
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: no answer within %v", ErrUnavailable, groupTimeout)
	}
	for _, q := range questions {
		q.err = err
		close(q.done)
	}
}
