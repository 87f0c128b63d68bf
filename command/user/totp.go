package user

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

// DefaultIssuer names the platform in authenticator apps unless configured otherwise.
const DefaultIssuer = "Signet"

// What every authenticator app understands: SHA-1, 6 digits, a new code every 30 seconds (RFC 6238, section 4). Codes of the step
// before and after the current one are good, for clocks that differ and for slow fingers.
const (
	totpSeedLength = 20 // bytes
	totpPeriod     = 30 // seconds
	totpSkew       = 1  // steps

	totpSecret  = "totp"
	totpGuesses = 10
	totpWindow  = 10 * time.Minute
)

// Lengths of a seed that comes from elsewhere.
const (
	minTOTPSecret, maxTOTPSecret = 16, 200 // characters of base32
	minTOTPSeed, maxTOTPSeed     = 10, 64  // bytes
)

var base32Seed = base32.StdEncoding.WithPadding(base32.NoPadding)

// parseTOTPSecret returns the seed that a base32 text stands for, whatever its case, with or without padding; nil for an empty one.
func parseTOTPSecret(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	text = strings.TrimSpace(text)
	// The decoder passes over line breaks.
	if len(text) < minTOTPSecret || len(text) > maxTOTPSecret || strings.ContainsAny(text, "\r\n") {
		return nil, ErrInvalidTOTPSecret
	}
	seed, err := base32Seed.DecodeString(strings.ToUpper(strings.TrimRight(text, "=")))
	if err != nil || len(seed) < minTOTPSeed || len(seed) > maxTOTPSeed {
		return nil, ErrInvalidTOTPSecret
	}
	return seed, nil
}

// RegisteredTOTP is what an authenticator app needs, shown once.
type RegisteredTOTP struct {
	URI     string // otpauth
	Secret  string // base32, without padding
	Receipt command.Receipt
}

// RegisterTOTP makes a secret for an authenticator app. It replaces one that was not verified, and is good for nothing until
// VerifyTOTP.
func (s *Service) RegisterTOTP(ctx context.Context, caller *permission.Caller, userID string) (RegisteredTOTP, error) {
	g, err := s.guard(opRegisterTOTP, caller, userID)
	if err != nil {
		return RegisteredTOTP{}, err
	}
	var out RegisteredTOTP
	out.Receipt, err = s.change(ctx, g, knownHuman, func(_ context.Context, state *State, d *command.Decision) error {
		if state.TOTP != nil && state.TOTP.Ready {
			return ErrTOTPReady
		}
		seed := make([]byte, totpSeedLength)
		if _, err := io.ReadFull(s.rt.Random, seed); err != nil {
			return fmt.Errorf("user: read random bytes: %w", err)
		}
		// Whose data key is gone has no name left.
		shown, err := totp.Generate(totp.GenerateOpts{
			Issuer: s.issuer, AccountName: cmp.Or(state.Username, userID), Period: totpPeriod, Secret: seed,
		})
		if err != nil {
			return fmt.Errorf("user: otpauth URI: %w", err)
		}
		out.URI, out.Secret = shown.URL(), shown.Secret()
		s.record(d, &eventv1.UserTOTPAdded{TotpId: s.rt.NewID().String(), Seed: seed})
		return nil
	})
	if err != nil {
		return RegisteredTOTP{}, err
	}
	return out, nil
}

// TOTPCode is a code that an authenticator app shows.
type TOTPCode struct {
	UserID string
	Code   string
}

// VerifyTOTP makes the secret usable once the app has shown that it knows it.
func (s *Service) VerifyTOTP(ctx context.Context, caller *permission.Caller, req TOTPCode) (command.Receipt, error) {
	g, err := s.guard(opVerifyTOTP, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	t := s.tryTOTP(g, req.Code)
	receipt, err := s.change(ctx, g, target{absent: ErrTOTPNotFound}, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case state.TOTP == nil:
			return ErrTOTPNotFound
		case state.TOTP.Ready:
			return ErrTOTPVerified
		}
		ok, err := s.matchTOTP(ctx, t, state, d)
		if ok {
			s.record(d, &eventv1.UserTOTPVerified{TotpId: state.TOTP.ID})
		}
		return err
	})
	if err == nil {
		s.forgive(ctx, streamOf(caller, req.UserID), totpSecret)
	}
	return receipt, err
}

// UseTOTP accepts a code of a user who is about to sign in, and records nothing: what it is used for is another's fact. Whoever has
// the code may use it.
func (s *Service) UseTOTP(ctx context.Context, caller *permission.Caller, req TOTPCode) (command.Receipt, error) {
	g, err := s.guard(opUseTOTP, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	t := s.tryTOTP(g, req.Code)
	t.locks = true
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case !g.proof:
			return g.check(state.Organization)
		case !state.Human() || state.TOTP == nil:
			return g.masked(state, ErrTOTPNotFound, ErrWrongTOTP)
		case !state.TOTP.Ready:
			return g.masked(state, ErrOTPNotReady, ErrWrongTOTP)
		case !state.CanSignIn():
			return g.masked(state, ErrCannotSignIn, ErrWrongTOTP)
		}
		_, err := s.matchTOTP(ctx, t, state, d)
		return err
	})
	if err == nil {
		s.forgive(ctx, streamOf(caller, req.UserID), append(s.codeCounters(ctx, caller.Tenant, receipt.Organization), totpSecret)...)
	}
	return receipt, err
}

// RemoveTOTP takes the authenticator app away, verified or not.
func (s *Service) RemoveTOTP(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveTOTP, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, target{absent: ErrTOTPNotFound}, func(_ context.Context, state *State, d *command.Decision) error {
		if state.TOTP == nil {
			return ErrTOTPNotFound
		}
		s.record(d, &eventv1.UserTOTPRemoved{TotpId: state.TOTP.ID})
		return nil
	})
}

// totpTry is one try at a time-based code. It remembers what came of it: deciding anew must not refuse the code as used.
type totpTry struct {
	guard
	code     string
	at       time.Time
	locks    bool            // the user is locked after so many wrong ones
	accepted map[string]bool // id of a TOTP: is it a code of it, for the first time
}

func (s *Service) tryTOTP(g guard, code string) *totpTry {
	return &totpTry{guard: g, code: strings.ReplaceAll(strings.TrimSpace(code), " ", ""), at: s.rt.Now(), accepted: make(map[string]bool)}
}

// matchTOTP pays for the guess, compares it and takes its time step, all before it is said to be right: of many who come with one
// code at once, on whatever node, one is told so. With the last wrong guess the limit's crossing is added to the decision,
// together with the refusal.
func (s *Service) matchTOTP(ctx context.Context, t *totpTry, state *State, d *command.Decision) (bool, error) {
	used, err := t.budget.spend(ctx, totpSecret, totpGuesses, totpWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return false, t.masked(state, ErrTOTPThrottled, ErrWrongTOTP)
	}
	if err != nil {
		return false, err
	}
	switch ok, err := s.acceptTOTP(ctx, t, state.TOTP); {
	case err != nil || ok:
		return ok, err
	case used >= totpGuesses:
		s.record(d, &eventv1.UserTOTPThrottled{Attempts: totpGuesses})
	}
	if t.locks {
		return false, s.lockOutByCode(ctx, t.guard, ErrWrongTOTP, state, d)
	}
	return false, s.count(ctx, t.guard, wrong{refusal: ErrWrongTOTP}, state, d)
}

// acceptTOTP reports whether the code is right and newer than every code that was accepted before. A wrong one takes no step.
func (s *Service) acceptTOTP(ctx context.Context, t *totpTry, secret *TOTP) (bool, error) {
	if ok, known := t.accepted[secret.ID]; known {
		return ok, nil
	}
	step, err := secret.step(t.code, t.at)
	if err != nil {
		return false, err
	}
	ok := step > 0
	if ok {
		counter := eventstore.Attempt{Stream: streamOf(t.caller, t.userID), Secret: "totp step:" + secret.ID}
		if ok, err = s.rt.Store.Advance(ctx, counter, step); err != nil {
			return false, err
		}
	}
	t.accepted[secret.ID] = ok
	return ok, nil
}

// step returns the time step that a code is of, 0 if it is of none around a time.
func (t *TOTP) step(code string, at time.Time) (int32, error) {
	if len(t.Seed) == 0 {
		return 0, nil // it was erased, and anybody can compute the codes of nothing
	}
	secret, found := base32Seed.EncodeToString(t.Seed), 0
	now := int(at.Unix() / totpPeriod)
	for step := now - totpSkew; step <= now+totpSkew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err != nil {
			return 0, fmt.Errorf("user: time-based code: %w", err)
		}
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare([]byte(want), []byte(code)), step, found)
	}
	return int32(found), nil
}
