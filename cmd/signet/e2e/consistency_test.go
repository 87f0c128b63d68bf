package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

func TestOneNode(t *testing.T) {
	t.Parallel()
	admin := start(t, settings{}).admin()
	createGetList(t, admin, admin)
}

// TestTwoNodes lets two nodes over one database do what must not depend on which of them is asked.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	first, second := pair(t)
	token := first.token()
	a, b := first.client(token), second.client(token)
	for name, test := range map[string]func(t *testing.T, a, b *client){
		"reads see writes at once": func(t *testing.T, a, b *client) { createGetList(t, a, b) },
		"positions in headers":     testPositionsInHeaders,
		"races for a username":     testRacesForUsername,
		"guesses":                  testParallelGuesses,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, a, b)
		})
	}
}

// createGetList creates on one node and reads at once on the other, in turn.
func createGetList(t *testing.T, nodes ...*client) {
	const callers = 8
	var (
		loops, misses, behind atomic.Int64
		began                 = time.Now()
		wg                    sync.WaitGroup
	)
	for caller := range callers {
		wg.Go(func() {
			for {
				i := loops.Add(1)
				if i > int64(numbers().consistencyLoops) || misses.Load() > 10 {
					return
				}
				l := loop{
					writer: nodes[i%2], reader: nodes[(i+1)%2], email: fmt.Sprintf("loop-%d-%d@example.com", caller, i), behind: &behind,
				}
				if err := l.run(t.Context()); err != nil {
					misses.Add(1)
					t.Errorf("loop %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	done := float64(loops.Load() - callers)
	t.Logf("%.0f loops, %d misses, %.0f loops/s; %d reads were told to come again", done, misses.Load(),
		done/time.Since(began).Seconds(), behind.Load())
	if float64(behind.Load()) > done/20 {
		t.Error("too many reads were told to come again")
	}
}

// loop is one user, created here and looked for there.
type loop struct {
	writer, reader *client
	email          string
	behind         *atomic.Int64
}

func (l loop) run(ctx context.Context) error {
	added, err := l.writer.users.AddHumanUser(ctx, verified(l.email))
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	got, err := again(ctx, l.behind, func() (*userv2.GetUserByIDResponse, error) {
		return l.reader.users.GetUserByID(ctx, &userv2.GetUserByIDRequest{UserId: added.GetUserId()})
	})
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	if have := got.GetUser().GetHuman().GetEmail(); have.GetEmail() != l.email || !have.GetIsVerified() {
		return fmt.Errorf("get: %v", have)
	}
	listed, err := again(ctx, l.behind, func() (*userv2.ListUsersResponse, error) {
		return l.reader.users.ListUsers(ctx, byEmail(l.email))
	})
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	if n := len(listed.GetResult()); n != 1 || listed.GetResult()[0].GetUserId() != added.GetUserId() {
		return fmt.Errorf("list: %d users, total %d", n, listed.GetDetails().GetTotalResult())
	}
	return nil
}

// Whoever waits for one write only, or for none, says so in a header.
func testPositionsInHeaders(t *testing.T, a, b *client) {
	ctx, answer := connect.NewClientContext(t.Context())
	added, err := a.users.AddHumanUser(ctx, verified("position@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	position := answer.ResponseHeader().Get("Signet-Position")
	if position == "" {
		t.Fatal("the write's answer has no Signet-Position")
	}
	for name, headers := range map[string]http.Header{
		"min position": {"Signet-Min-Position": {position}},
		"strong":       {"Signet-Consistency": {"strong"}},
	} {
		ctx, call := connect.NewClientContext(t.Context())
		for key, values := range headers {
			call.RequestHeader()[key] = values
		}
		if _, err := b.users.GetUserByID(ctx, &userv2.GetUserByIDRequest{UserId: added.GetUserId()}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if call.ResponseHeader().Get("Signet-Position") == "" {
			t.Errorf("%s: the answer has no Signet-Position", name)
		}
	}
	ctx, call := connect.NewClientContext(t.Context())
	call.RequestHeader().Set("Signet-Consistency", "later")
	_, err = a.users.ListUsers(ctx, &userv2.ListUsersRequest{})
	wantCode(t, "an unknown consistency", err, connect.CodeInvalidArgument)
}

// Two callers on two nodes want the same username: one gets it, and the other hears so.
func testRacesForUsername(t *testing.T, a, b *client) {
	nodes := []*client{a, b}
	for race := range numbers().races {
		name := fmt.Sprintf("racer-%d", race)
		var (
			wg    sync.WaitGroup
			ready = make(chan struct{})
			errs  [2]error
		)
		for i, node := range nodes {
			r := verified(fmt.Sprintf("racer-%d-%d@example.com", race, i))
			r.Username = &name
			wg.Go(func() {
				<-ready
				_, errs[i] = node.users.AddHumanUser(t.Context(), r)
			})
		}
		close(ready)
		wg.Wait()
		loser := errs[0]
		if errs[0] == nil {
			loser = errs[1]
		}
		if errs[0] != nil && errs[1] != nil {
			t.Fatalf("race %d: nobody won: %v, %v", race, errs[0], errs[1])
		}
		wantCode(t, "the loser of "+name, loser, connect.CodeAlreadyExists)
		if reason(loser) != "USER_ALREADY_EXISTS" {
			t.Errorf("reason %q", reason(loser))
		}
	}
}
