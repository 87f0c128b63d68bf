package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"syscall"
	"time"

	authenticationv1 "github.com/signet-iam/signet/api/gen/signet/authentication/v1"
	"github.com/signet-iam/signet/api/gen/signet/authentication/v1/authenticationv1connect"
	testv1 "github.com/signet-iam/signet/api/gen/signet/test/v1"
	"github.com/signet-iam/signet/api/gen/signet/test/v1/testv1connect"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/command/password"
)

const (
	// stormers is how many clients sign in at the same time while others go on with their work.
	stormers = 64
	// signInPassword is that of those who sign in.
	signInPassword = "Correct-horse-1"
)

// signingIn measures calls of people who are signed in, and what it takes to sign in and to stay it.
func (b *bench) signingIn(ctx context.Context) error {
	if err := b.enlist(ctx); err != nil {
		return err
	}
	tokens := make([]*authenticationv1.Token, b.connections)
	err := b.ponging(ctx, tokens)
	if err == nil {
		err = b.refreshing(ctx, tokens)
	}
	if err == nil {
		err = b.loggingIn(ctx)
	}
	return err
}

// enlist adds those who sign in, once.
func (b *bench) enlist(ctx context.Context) error {
	if b.enlisted {
		return nil
	}
	crew, err := assemble(ctx, stormers, b.signet)
	if err != nil {
		return err
	}
	defer crew.close()
	_, err = crew.run(ctx, plan{count: stormers}, func(w *worker, n int) error {
		_, err := w.nodes[0].call("AddHumanUser", &userv2.AddHumanUserRequest{
			Username: new(signInName(n)),
			Profile:  &userv2.SetHumanProfile{GivenName: "Sign", FamilyName: "In"},
			Email: &userv2.SetHumanEmail{
				Email: signInName(n) + "@example.com", Verification: &userv2.SetHumanEmail_IsVerified{IsVerified: true},
			},
			PasswordType: &userv2.AddHumanUserRequest_Password{Password: &userv2.Password{Password: signInPassword}},
		}, nil)
		return err
	})
	b.enlisted = err == nil
	return err
}

func signInName(n int) string { return fmt.Sprintf("sign-in-%d", n) }

// logIn signs one of those who sign in in.
func logIn(c *connection, n int) (*authenticationv1.LoginResponse, error) {
	var answer authenticationv1.LoginResponse
	_, err := c.call(authenticationv1connect.AuthenticationServiceLoginProcedure, &authenticationv1.LoginRequest{
		Method: &authenticationv1.LoginRequest_UserPassword{UserPassword: &authenticationv1.UserPassword{
			Identifier: &authenticationv1.UserIdentifier{Identifier: &authenticationv1.UserIdentifier_Username{Username: signInName(n)}},
			Password:   signInPassword,
		}},
	}, &answer)
	if err == nil && answer.GetToken().GetAccessToken() == "" {
		err = errors.New("signed in without an access token")
	}
	return &answer, err
}

// ponging calls what touches no data, with both kinds of tokens. It leaves the tokens of the workers in tokens.
func (b *bench) ponging(ctx context.Context, tokens []*authenticationv1.Token) error {
	pong := func(w *worker, _ int) error {
		_, err := w.nodes[0].call(testv1connect.TestAuthServicePongProcedure, &testv1.PongRequest{}, nil)
		return err
	}
	m, err := b.measure(ctx, func(w *worker, n int) error {
		if tokens[w.number] == nil {
			answer, err := logIn(w.nodes[0], w.number)
			if err != nil {
				return err
			}
			tokens[w.number] = answer.GetToken()
		}
		w.nodes[0].token = tokens[w.number].GetAccessToken()
		return pong(w, n)
	})
	if err != nil {
		return fmt.Errorf("pong with an access token: %w", err)
	}
	b.report.add(m.row("Pong, with an access token", cpuGoal(m, 60*time.Microsecond)))
	if m, err = b.measure(ctx, pong); err != nil {
		return fmt.Errorf("pong with a personal access token: %w", err)
	}
	b.report.add(m.row("Pong, with a personal access token", cpuGoal(m, 80*time.Microsecond)))
	return nil
}

// refreshing exchanges refresh tokens, each worker those of its own session.
func (b *bench) refreshing(ctx context.Context, tokens []*authenticationv1.Token) error {
	m, err := b.measure(ctx, func(w *worker, _ int) error {
		var answer authenticationv1.RefreshTokenResponse
		_, err := w.nodes[0].call(authenticationv1connect.AuthenticationServiceRefreshTokenProcedure,
			&authenticationv1.RefreshTokenRequest{RefreshToken: tokens[w.number].GetRefreshToken()}, &answer)
		tokens[w.number] = answer.GetToken()
		return err
	})
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	b.report.add(m.row("RefreshToken", cpuGoal(m, 450*time.Microsecond)))
	return nil
}

// loggingIn signs in again and again. The hash itself is measured apart, and taken off.
func (b *bench) loggingIn(ctx context.Context) error {
	hash, err := hashCost(ctx)
	if err != nil {
		return err
	}
	m, err := b.measure(ctx, func(w *worker, _ int) error {
		_, err := logIn(w.nodes[0], w.number)
		return err
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	limit := hash + 600*time.Microsecond
	used := m.each(m.signet + m.postgres)
	b.report.add(m.row("Login with argon2id (m=19456, t=2, p=1)", goal{
		target:  fmt.Sprintf("CPU ≤ the hash's %s + 0.6 ms", milliseconds(hash)),
		reached: used <= limit, figure: milliseconds(used),
	}, hashingMemory(m.peak)))
	return nil
}

// hashCost is the processor time of one comparison with a hash of today's cost, in this process.
func hashCost(ctx context.Context) (time.Duration, error) {
	hasher := password.NewHasher(password.Options{Random: rand.Reader})
	hash, err := hasher.Hash(ctx, signInPassword)
	if err != nil {
		return 0, err
	}
	const rounds = 50
	before, err := ownTime()
	if err != nil {
		return 0, err
	}
	for range rounds {
		if _, err := hasher.Verify(ctx, hash, signInPassword); err != nil {
			return 0, err
		}
	}
	after, err := ownTime()
	return (after - before) / rounds, err
}

func ownTime() (time.Duration, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, err
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// storming reads people by id, quietly and while many sign in.
func (b *bench) storming(ctx context.Context) error {
	if err := b.enlist(ctx); err != nil {
		return err
	}
	quiet, err := b.measure(ctx, b.getOne)
	if err != nil {
		return err
	}
	m, crowd, err := b.beside(ctx, stormers, func(w *worker, _ int) error {
		_, err := logIn(w.nodes[0], w.number)
		return err
	}, b.getOne)
	if err != nil {
		return err
	}
	p99, usual := m.percentile(.99), quiet.percentile(.99)
	b.report.add(row{
		name: fmt.Sprintf("GetUserByID, while %d clients sign in", stormers),
		rate: m.rate(), p50: m.percentile(.5), p99: p99,
		goals: []goal{{
			target:  fmt.Sprintf("p99 ≤ 3 × %s when quiet", milliseconds(usual)),
			reached: p99 <= 3*usual, figure: fmt.Sprintf("%.1f ×", float64(p99)/float64(usual)),
		}},
	})
	b.report.note("Meanwhile %d clients signed in, and %d were told to come back later.", crowd.served.Load(), crowd.refused.Load())
	return nil
}
