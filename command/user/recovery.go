package user

import (
	"cmp"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/eventstore"
)

const (
	recoveryCodes      = 10 // in a set, unless the caller wants another number
	maxRecoveryCodes   = 50
	recoveryCodeLength = 12 // characters: 60 bits

	recoverySecret  = "recovery"
	recoveryGuesses = 10
	recoveryWindow  = 10 * time.Minute
)

// AddRecoveryCodes makes a set of recovery codes.
type AddRecoveryCodes struct {
	UserID string
	Count  int // 1 to 50; 0: 10
}

// AddedRecoveryCodes is the answer of AddRecoveryCodes.
type AddedRecoveryCodes struct {
	Codes   []string // as "XXXXXX-XXXXXX", shown once
	Receipt command.Receipt
}

// AddRecoveryCodes makes codes with which a user can sign in who has lost the other second factors, each of them once. They
// replace the earlier set, used or not.
func (s *Service) AddRecoveryCodes(ctx context.Context, caller *permission.Caller, req AddRecoveryCodes) (AddedRecoveryCodes, error) {
	g, err := s.guard(opAddRecoveryCodes, caller, req.UserID)
	if err != nil {
		return AddedRecoveryCodes{}, err
	}
	if req.Count < 0 || req.Count > maxRecoveryCodes {
		return AddedRecoveryCodes{}, ErrRecoveryCodeCount
	}
	var out AddedRecoveryCodes
	out.Receipt, err = s.change(ctx, g, knownHuman, func(ctx context.Context, _ *State, d *command.Decision) error {
		set := &eventv1.UserRecoveryCodesAdded{SetId: s.rt.NewID().String()}
		out.Codes = make([]string, cmp.Or(req.Count, recoveryCodes))
		for i := range out.Codes {
			code, err := s.newCode(recoveryCodeLength)
			if err != nil {
				return err
			}
			digest, err := s.recoveryDigest(ctx, streamOf(caller, req.UserID), set.GetSetId(), code)
			if err != nil {
				return err
			}
			out.Codes[i] = code[:recoveryCodeLength/2] + "-" + code[recoveryCodeLength/2:]
			set.Digests = append(set.Digests, digest)
		}
		s.record(d, set)
		return nil
	})
	if err != nil {
		return AddedRecoveryCodes{}, err
	}
	return out, nil
}

// RemoveRecoveryCodes makes the codes of a user void.
func (s *Service) RemoveRecoveryCodes(ctx context.Context, caller *permission.Caller, userID string) (command.Receipt, error) {
	g, err := s.guard(opRemoveRecoveryCodes, caller, userID)
	if err != nil {
		return command.Receipt{}, err
	}
	return s.change(ctx, g, target{absent: ErrNoRecoveryCodes}, func(_ context.Context, state *State, d *command.Decision) error {
		if state.RecoveryCodes == nil {
			return ErrNoRecoveryCodes
		}
		s.record(d, &eventv1.UserRecoveryCodesRemoved{})
		return nil
	})
}

// UseRecoveryCode is a recovery code that somebody presents.
type UseRecoveryCode struct {
	UserID string
	Code   string // in any case, with or without the hyphen
}

// UseRecoveryCode accepts a code of a user who is about to sign in, and makes it void. Whoever has the code may use it.
func (s *Service) UseRecoveryCode(ctx context.Context, caller *permission.Caller, req UseRecoveryCode) (command.Receipt, error) {
	g, err := s.guard(opUseRecoveryCode, caller, req.UserID)
	if err != nil {
		return command.Receipt{}, err
	}
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(req.Code)))
	receipt, err := s.run(ctx, g, func(ctx context.Context, state *State, d *command.Decision) error {
		switch {
		case !g.proof:
			return g.check(state.Organization)
		case !state.Human() || state.RecoveryCodes == nil:
			return g.masked(state, ErrNoRecoveryCodes, ErrWrongRecoveryCode)
		case !state.CanSignIn():
			return g.masked(state, ErrCannotSignIn, ErrWrongRecoveryCode)
		}
		return s.matchRecovery(ctx, &recoveryTry{guard: g, code: code}, state, d)
	})
	if err == nil {
		s.forgive(ctx, streamOf(caller, req.UserID), recoverySecret)
	}
	return receipt, err
}

// recoveryTry is one try at a recovery code.
type recoveryTry struct {
	guard
	code string
}

// matchRecovery pays for the guess and strikes the code out of its set. With the last wrong guess the limit's crossing is added to
// the decision, together with the refusal.
func (s *Service) matchRecovery(ctx context.Context, t *recoveryTry, state *State, d *command.Decision) error {
	used, err := t.budget.spend(ctx, recoverySecret, recoveryGuesses, recoveryWindow)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return t.masked(state, ErrRecoveryThrottled, ErrWrongRecoveryCode)
	}
	if err != nil {
		return err
	}
	digest, err := s.recoveryDigest(ctx, streamOf(t.caller, t.userID), state.RecoveryCodes.SetID, t.code)
	if err != nil {
		return err
	}
	found := -1
	for i, known := range state.RecoveryCodes.Digests {
		if hmac.Equal(known, digest) {
			found = i
		}
	}
	switch {
	case found >= 0:
		s.record(d, &eventv1.UserRecoveryCodeUsed{SetId: state.RecoveryCodes.SetID, Index: uint32(found)})
		return nil
	case used < recoveryGuesses:
		return ErrWrongRecoveryCode
	}
	s.record(d, &eventv1.UserRecoveryCodeThrottled{Attempts: recoveryGuesses})
	d.Refusal = ErrWrongRecoveryCode
	return nil
}

// recoveryDigest is what the log knows of a code. It is bound to the set, so that equal codes do not look equal.
func (s *Service) recoveryDigest(ctx context.Context, user eventstore.StreamID, set, code string) ([]byte, error) {
	digest, err := s.rt.Vault.Digest(ctx, user.Tenant, "recovery-code:"+user.ID+":"+set, code)
	if err != nil {
		return nil, fmt.Errorf("user: digest of a recovery code: %w", err)
	}
	return digest, nil
}
