package user

import (
	"cmp"
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

const (
	codeLength = 6
	codeLife   = time.Hour // unless the topic says otherwise
	// codeGuesses is how often a code may be guessed at: 5 of 32^6, once in 200 million codes.
	codeGuesses = 5
	digitLength = 6 // of codes that are typed from a phone, where letters are a nuisance
	// codeAlphabet leaves out what is easily misread: 0 and O, 1 and I. With 32 letters each is drawn equally often.
	codeAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
)

// newCode draws a code of so many characters.
func (s *Service) newCode(length int) (string, error) {
	raw := make([]byte, length)
	if _, err := io.ReadFull(s.rt.Random, raw); err != nil {
		return "", fmt.Errorf("user: read random bytes: %w", err)
	}
	for i, b := range raw {
		raw[i] = codeAlphabet[int(b)%len(codeAlphabet)]
	}
	return string(raw), nil
}

// newDigits draws a code of so many decimal digits, each equally often.
func (s *Service) newDigits(length int) (string, error) {
	raw, digits := make([]byte, 2*length), make([]byte, 0, length)
	for {
		if _, err := io.ReadFull(s.rt.Random, raw); err != nil {
			return "", fmt.Errorf("user: read random bytes: %w", err)
		}
		for _, b := range raw {
			if b < 250 { // the greatest multiple of ten: above it the low digits would come more often
				digits = append(digits, '0'+b%10)
			}
			if len(digits) == length {
				return string(digits), nil
			}
		}
	}
}

// codeDigest is what the log knows of a code. It is bound to the event, so that equal codes do not look equal.
func (s *Service) codeDigest(ctx context.Context, user eventstore.StreamID, event uuid.UUID, code string) ([]byte, error) {
	digest, err := s.rt.Vault.Digest(ctx, user.Tenant, "code:"+user.ID+":"+event.String(), code)
	if err != nil {
		return nil, fmt.Errorf("user: digest of a code: %w", err)
	}
	return digest, nil
}

// topic is what a code is for.
type topic struct {
	medium  eventv1.CodeMedium // when it is sent
	length  int                // characters; codeLength if 0, digitLength for digits
	digits  bool               // decimal digits only
	life    time.Duration      // codeLife if 0
	added   func(*eventv1.Code) proto.Message
	blocked func(attempts uint32) proto.Message
	newest  func(*State) *Code
}

func aboutEmail() topic {
	return topic{
		medium:  eventv1.CodeMedium_CODE_MEDIUM_EMAIL,
		added:   func(c *eventv1.Code) proto.Message { return &eventv1.UserEmailCodeAdded{Code: c} },
		blocked: func(n uint32) proto.Message { return &eventv1.UserEmailCodeBlocked{Attempts: n} },
		newest:  func(s *State) *Code { return s.Email.Code },
	}
}

func aboutPhone() topic {
	return topic{
		medium:  eventv1.CodeMedium_CODE_MEDIUM_SMS,
		added:   func(c *eventv1.Code) proto.Message { return &eventv1.UserPhoneCodeAdded{Code: c} },
		blocked: func(n uint32) proto.Message { return &eventv1.UserPhoneCodeBlocked{Attempts: n} },
		newest:  func(s *State) *Code { return s.Phone.Code },
	}
}

func aboutPassword(medium eventv1.CodeMedium) topic {
	return topic{
		medium:  medium,
		added:   func(c *eventv1.Code) proto.Message { return &eventv1.UserPasswordCodeAdded{Code: c} },
		blocked: func(n uint32) proto.Message { return &eventv1.UserPasswordCodeBlocked{Attempts: n} },
		newest:  func(s *State) *Code { return s.PasswordCode },
	}
}

// in returns the topic with codes of digits, if they are to be.
func (t topic) in(digits bool) topic {
	t.digits = digits
	return t
}

// draw returns a new code.
func (t topic) draw(s *Service) (string, error) {
	if t.digits {
		return s.newDigits(cmp.Or(t.length, digitLength))
	}
	return s.newCode(cmp.Or(t.length, codeLength))
}

// issue adds a new code to a decision and returns it if the caller is to have it.
func (s *Service) issue(ctx context.Context, d *command.Decision, user eventstore.StreamID, p proving) (string, error) {
	code, err := p.topic.draw(s)
	if err != nil {
		return "", err
	}
	id := s.rt.NewID()
	digest, err := s.codeDigest(ctx, user, id, code)
	if err != nil {
		return "", err
	}
	expires := s.rt.Now().Add(cmp.Or(p.topic.life, codeLife)).Truncate(time.Microsecond)
	made := &eventv1.Code{Digest: digest, ExpiresAt: timestamppb.New(expires), Medium: p.topic.medium}
	event := command.Event{ID: id, Code: code, CodeExpires: expires}
	returned := ""
	switch v := p.verification.(type) {
	case Return:
		made.Medium = eventv1.CodeMedium_CODE_MEDIUM_RETURNED
		event.Code, returned = "", code
	case Send:
		made.UrlTemplate = v.URLTemplate
	}
	event.Message = p.topic.added(made)
	d.Events = append(d.Events, event)
	return returned, nil
}

// budget pays for guesses, once each, however often the command decides.
type budget struct {
	store  *eventstore.Store
	stream eventstore.StreamID
	paid   map[string]payment
	asked  map[string]error // what limitRequests said of a recipient
}

type payment struct {
	used int
	err  error
}

// has reports whether this command has a guess at the secret already.
func (b *budget) has(secret string) bool {
	p, ok := b.paid[secret]
	return ok && p.err == nil
}

// spend takes one guess, or says that none is left: eventstore.ErrBudgetSpent.
func (b *budget) spend(ctx context.Context, secret string, limit int, window time.Duration) (int, error) {
	if p, ok := b.paid[secret]; ok {
		return p.used, p.err
	}
	used, err := b.store.Spend(ctx, eventstore.Attempt{Stream: b.stream, Secret: secret}, limit, window)
	if err == nil || errors.Is(err, eventstore.ErrBudgetSpent) {
		if b.paid == nil {
			b.paid = make(map[string]payment)
		}
		b.paid[secret] = payment{used, err}
	}
	return used, err
}

// guess is one try at a code.
type guess struct {
	topic
	guard
	code   string
	absent *failure.Error // what who may know hears where no code is pending; ErrWrongCode if nil
	locks  bool           // the user is locked after so many wrong ones
}

func (s *Service) guess(g guard, t topic, code string) *guess {
	return &guess{topic: t, guard: g, code: strings.ToUpper(strings.TrimSpace(code))}
}

// telling has the guess say where there is no code, if it is to.
func (g *guess) telling(pending bool) *guess {
	if pending {
		g.absent = ErrNoPendingCode
	}
	return g
}

// match pays for the guess and compares it with the newest code. A wrong guess is ErrWrongCode; with the last one the code's end
// is added to the decision, and match returns nil, false and leaves the refusal there.
func (s *Service) match(ctx context.Context, g *guess, state *State, d *command.Decision) (bool, error) {
	code := g.newest(state)
	secret := code.EventID.String()
	// A guess that was paid for counts even if the last wrong one has blocked the code meanwhile.
	if code.Blocked && !g.budget.has(secret) {
		return false, g.told(state, ErrCodeBlocked)
	}
	used, err := g.budget.spend(ctx, secret, codeGuesses, 0)
	if errors.Is(err, eventstore.ErrBudgetSpent) {
		return false, g.told(state, ErrCodeBlocked)
	}
	if err != nil {
		return false, err
	}
	digest, err := s.codeDigest(ctx, streamOf(g.caller, g.userID), code.EventID, g.code)
	if err != nil {
		return false, err
	}
	if hmac.Equal(digest, code.Digest) {
		return true, nil
	}
	if used >= codeGuesses && !code.Blocked {
		s.record(d, g.blocked(uint32(used)))
	}
	if g.locks {
		return false, s.lockOutByCode(ctx, g.guard, ErrWrongCode, state, d)
	}
	if used < codeGuesses || code.Blocked {
		return false, ErrWrongCode
	}
	d.Refusal = ErrWrongCode
	return false, nil
}

// told returns the reason of a refusal to those who may know it, and ErrWrongCode to others.
func (g *guess) told(state *State, reason error) error {
	return g.masked(state, reason, ErrWrongCode)
}

// masked returns the reason of a refusal to those who may know it, and to others what they hear whatever it is.
func (g *guard) masked(state *State, reason, others error) error {
	if g.mayKnow(state.Organization) {
		return reason
	}
	return others
}

// mayKnow reports whether a caller may learn about the user beyond whether its proof was right.
func (g *guard) mayKnow(organization string) bool {
	return g.privileged(organization) || g.caller.Is(g.userID)
}

// verify runs a command that proves an address by a code.
func (s *Service) verify(ctx context.Context, g *guess, t target, proven proto.Message) (command.Receipt, error) {
	return s.redeem(ctx, g, t, func(*State) []proto.Message { return []proto.Message{proven} })
}

// redeem runs a command that records something once its code came back.
func (s *Service) redeem(ctx context.Context, g *guess, t target, then func(*State) []proto.Message) (command.Receipt, error) {
	return s.run(ctx, g.guard, func(ctx context.Context, state *State, d *command.Decision) error {
		if !g.proof {
			return g.check(state.Organization)
		}
		if err := t.find(state); err != nil {
			return g.told(state, err)
		}
		code := g.newest(state)
		if code == nil && g.absent != nil {
			return g.told(state, g.absent)
		}
		if code == nil || !s.rt.Now().Before(code.ExpiresAt) {
			return ErrWrongCode
		}
		ok, err := s.match(ctx, g, state, d)
		if !ok {
			return err
		}
		for _, msg := range then(state) {
			s.record(d, msg)
		}
		return nil
	})
}
