package user_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/user"
)

// Many users race for one username, added or renamed, on two nodes: one gets it, the others hear so.
func TestRaceForAUsername(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t)}
	const users, rounds = 16, 10
	for u := range users / 2 {
		req := human()
		req.UserID, req.Username = fmt.Sprintf("renamed-%d", u), text(fmt.Sprintf("renamed-%d", u))
		if _, err := n.Users.AddHuman(t.Context(), admin(), req); err != nil {
			t.Fatal(err)
		}
	}
	for round := range rounds {
		prize := fmt.Sprintf("Prize-%d", round)
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for u := range users {
			wg.Go(func() {
				<-start
				name := prize
				if u%3 == 0 {
					name = strings.ToUpper(prize)
				}
				var err error
				if s := nodes[u%2].Users; u < users/2 {
					_, err = s.UpdateHuman(t.Context(), admin(), user.UpdateHuman{UserID: fmt.Sprintf("renamed-%d", u), Username: &name})
				} else {
					req := human()
					req.UserID, req.Username = "", &name
					_, err = s.AddHuman(t.Context(), admin(), req)
				}
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, user.ErrUsernameTaken):
					lost.Add(1)
				default:
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		close(start)
		wg.Wait()
		if won.Load() != 1 || lost.Load() != users-1 {
			t.Errorf("round %d: %d won, %d lost", round, won.Load(), lost.Load())
		}
	}
}

// Many add a user of one id: one does, and its data key is the one that opens the events.
func TestRaceForAnID(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	nodes := []*commandtest.Node{n, n.Another(t)}
	var won atomic.Int64
	var wg sync.WaitGroup
	for u := range 16 {
		wg.Go(func() {
			req := human()
			req.Username = text(fmt.Sprint(u))
			switch _, err := nodes[u%2].Users.AddHuman(t.Context(), admin(), req); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, user.ErrIDTaken):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d added the same user", won.Load())
	}
	for i, node := range append(nodes, n.Another(t)) {
		if _, err := node.Users.SetEmail(t.Context(), admin(), user.SetEmail{UserID: "minnie", Email: fmt.Sprintf("%d@mouse.com", i)}); err != nil {
			t.Errorf("node %d cannot go on: %v", i, err)
		}
	}
	n.Recorded(t, "minnie", 0)
}

// A user removed on one node and added again on another goes on with the data key it had.
func TestReaddedUserKeepsItsKey(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	other := n.Another(t)
	for i := range 3 {
		node := []*commandtest.Node{n, other}[i%2]
		if _, err := node.Users.AddHuman(t.Context(), admin(), human()); err != nil {
			t.Fatal(err)
		}
		if _, err := node.Users.Delete(t.Context(), admin(), "minnie"); err != nil {
			t.Fatal(err)
		}
	}
	n.Recorded(t, "minnie", 0)
}

func TestWhereACommandCameFromIsSealed(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	ctx := command.WithOrigin(t.Context(), command.Origin{RequestID: "r-1", Address: "192.0.2.1", Agent: "browser"})
	if _, err := n.Users.AddHuman(ctx, admin(), human()); err != nil {
		t.Fatal(err)
	}
	events, err := n.Store.ReadStream(t.Context(), n.Stream("minnie"), 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		e := &events[i]
		if e.Actor != "admin" || e.Correlate != "r-1" || len(e.Client) == 0 || strings.Contains(string(e.Client), "192.0.2.1") {
			t.Errorf("%s: actor %q, request %q, client %q", e.Type, e.Actor, e.Correlate, e.Client)
		}
		client, err := n.Runtime.Codec.OpenClient(t.Context(), e)
		if err != nil || client.GetIp() != "192.0.2.1" || client.GetAgent() != "browser" {
			t.Errorf("%s: %v, %v", e.Type, client, err)
		}
	}
}
