package main

import (
	"context"
	"fmt"
	"time"

	authv1 "github.com/signet-iam/signet/api/gen/signet/auth/v1"
	"github.com/signet-iam/signet/api/gen/signet/auth/v1/authv1connect"
	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
)

const (
	// longHistory is the number of events of the user whose history is read.
	longHistory = 10_000
	historyPage = 100
)

// account measures what people do with their own accounts.
func (b *bench) account(ctx context.Context) error {
	if err := b.enlist(ctx); err != nil {
		return err
	}
	tokens := make([]*authenticationv1.Token, b.connections)
	m, err := b.measure(ctx, func(w *worker, _ int) error {
		if tokens[w.number] == nil {
			answer, err := logIn(w.nodes[0], w.number)
			if err != nil {
				return err
			}
			tokens[w.number] = answer.GetToken()
			w.nodes[0].token = answer.GetToken().GetAccessToken()
		}
		var answer authv1.GetMyUserResponse
		_, err := w.nodes[0].call(authv1connect.AuthServiceGetMyUserProcedure, &authv1.GetMyUserRequest{}, &answer)
		if err == nil && answer.GetUser().GetUserName() != signInName(w.number) {
			err = fmt.Errorf("GetMyUser answered %q", answer.GetUser().GetUserName())
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("own account: %w", err)
	}
	b.report.add(m.row("GetMyUser, strong", cpuGoal(m, 120*time.Microsecond)))
	return b.history(ctx, tokens[0].GetAccessToken())
}

// history gives one user a long history and reads pages of it, the first and any.
func (b *bench) history(ctx context.Context, token string) error {
	crew, err := assemble(ctx, 1, b.signet)
	if err != nil {
		return err
	}
	defer crew.close()
	crew.workers[0].nodes[0].token = token
	_, err = crew.run(ctx, plan{count: longHistory}, func(w *worker, n int) error {
		_, err := w.nodes[0].call(authv1connect.AuthServiceUpdateMyProfileProcedure, &authv1.UpdateMyProfileRequest{
			FirstName: "Sign", LastName: "In", DisplayName: fmt.Sprintf("Sign In %d", n),
		}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("a long history: %w", err)
	}
	for _, c := range []struct {
		name        string
		from        func(w *worker) uint64
		connections int
		target      time.Duration
	}{
		{"first page, one reader", func(*worker) uint64 { return 0 }, 1, 5 * time.Millisecond},
		{"any page, one reader", anyPage, 1, 5 * time.Millisecond},
		{"any page", anyPage, b.connections, 0},
	} {
		m, err := b.measureWith(ctx, c.connections, func(w *worker, _ int) error {
			w.nodes[0].token = token
			from := c.from(w)
			var answer authv1.ListMyUserChangesResponse
			_, err := w.nodes[0].call(authv1connect.AuthServiceListMyUserChangesProcedure, &authv1.ListMyUserChangesRequest{
				Query: &authv1.ChangeQuery{Sequence: from, Limit: historyPage, Asc: from > 0},
			}, &answer)
			if err == nil && len(answer.GetResult()) != historyPage {
				err = fmt.Errorf("a page of %d events", len(answer.GetResult()))
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("history, %s: %w", c.name, err)
		}
		name := fmt.Sprintf("ListMyUserChanges, %d of %s events, %s", historyPage, thousands(longHistory), c.name)
		b.report.add(m.row(name, swiftGoals(m, c.target)...))
	}
	return nil
}

// anyPage is the version at which a page begins.
func anyPage(w *worker) uint64 { return w.random.Uint64N(longHistory - historyPage) }
