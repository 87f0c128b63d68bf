package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

// active is how many people are at work at the same time: the server remembers them.
const active = 5000

// registering begins and changes credentials: of anybody, whom the server has to look up first, and of people who are at work.
func (b *bench) registering(ctx context.Context) error {
	for _, c := range []struct {
		name string
		op   func(*bench, *worker, string) error
	}{
		{"RegisterPasskey", (*bench).registerPasskey},
		{"RegisterTOTP", (*bench).registerTOTP},
		{"UpdateHumanUser, imported password hash", (*bench).importPassword},
	} {
		for _, among := range []int{len(b.people.ids), min(active, len(b.people.ids))} {
			m, err := b.measure(ctx, func(w *worker, _ int) error {
				return c.op(b, w, b.people.ids[w.random.IntN(among)])
			})
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			b.report.add(m.row(fmt.Sprintf("%s, for one of %s users", c.name, thousands(among)), cpuGoal(m, 400*time.Microsecond)))
		}
	}
	return nil
}

func (*bench) registerPasskey(w *worker, id string) error {
	var answer userv2.RegisterPasskeyResponse
	_, err := w.nodes[0].call("RegisterPasskey", &userv2.RegisterPasskeyRequest{UserId: id}, &answer)
	if err == nil && answer.GetPasskeyId() == "" {
		return errors.New("RegisterPasskey answered no id")
	}
	return err
}

func (*bench) registerTOTP(w *worker, id string) error {
	var answer userv2.RegisterTOTPResponse
	_, err := w.nodes[0].call("RegisterTOTP", &userv2.RegisterTOTPRequest{UserId: id}, &answer)
	if err == nil && answer.GetSecret() == "" {
		return errors.New("RegisterTOTP answered no secret")
	}
	return err
}

func (b *bench) importPassword(w *worker, id string) error {
	_, err := w.nodes[0].call("UpdateHumanUser", &userv2.UpdateHumanUserRequest{
		UserId: id,
		Password: &userv2.SetPassword{
			PasswordType: &userv2.SetPassword_HashedPassword{HashedPassword: &userv2.HashedPassword{Hash: b.people.password}},
		},
	}, nil)
	return err
}

// guessers is how many callers have a password checked at the same time.
const guessers = 200

// hashing reads people by id while many passwords are checked.
func (b *bench) hashing(ctx context.Context) error {
	m, crowd, err := b.beside(ctx, guessers, b.guess, b.getOne)
	if err != nil {
		return err
	}
	p99 := m.percentile(.99)
	b.report.add(row{
		name: fmt.Sprintf("GetUserByID, while %d callers have passwords checked", guessers),
		rate: m.rate(), p50: m.percentile(.5), p99: p99,
		goals: []goal{
			{target: "p99 < 10 ms", reached: p99 < 10*time.Millisecond, figure: milliseconds(p99)},
			hashingMemory(m.peak),
		},
	})
	b.report.note("Meanwhile %d passwords were checked, and %d callers were told to come back later.", crowd.served.Load(), crowd.refused.Load())
	return nil
}

// guess tries a wrong password.
func (b *bench) guess(w *worker, _ int) error {
	_, err := w.nodes[0].call("SetPassword", &userv2.SetPasswordRequest{
		UserId:       b.people.ids[w.random.IntN(len(b.people.ids)/4)*4], // of four people the first two have a password
		NewPassword:  &userv2.Password{Password: "Correct-horse-2"},
		Verification: &userv2.SetPasswordRequest_CurrentPassword{CurrentPassword: "Wrong-horse-1"},
	}, nil)
	var refusal *callError
	if !errors.As(err, &refusal) {
		return fmt.Errorf("SetPassword with a wrong password: %w", err)
	}
	if refusal.Code == "invalid_argument" {
		return nil
	}
	return refusal
}
