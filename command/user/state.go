package user

import (
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/eventstore"
)

// Kind is the kind of a user's stream.
const Kind = "user"

// cached bounds the states in memory; one takes about a kilobyte.
const cached = 10_000

// Lifecycle is where a user is in its life.
type Lifecycle uint8

// The stations of a life.
const (
	Unknown Lifecycle = iota // nothing was ever recorded
	Active
	Inactive
	Locked
	Removed
)

// State is what commands need to know of a user.
type State struct {
	Lifecycle    Lifecycle
	Machine      bool
	Organization string
	Added        eventstore.Position // of this life: an id that was removed and added again is another user

	Username string
	Profile  *eventv1.Profile
	Email    Address
	Phone    Address

	PasswordHash   string
	ChangeRequired bool
	PasswordCode   *Code

	WebAuthn      []WebAuthn
	PasskeyCodes  []PasskeyCode
	TOTP          *TOTP
	OTPSMS        bool
	OTPEmail      bool
	RecoveryCodes *RecoveryCodes
	MFASkipped    bool
	Invite        *Invite
	Links         []ProviderLink

	Name        string // of a machine
	Description string
	SecretHash  string
	Keys        []MachineKey
	Tokens      []Token

	// Metadata holds a digest of each value, so that a state stays small.
	Metadata map[string][sha256.Size]byte
}

// Address is an email address or a phone number.
type Address struct {
	Value    string
	Verified bool
	Proven   bool  // this address or one before it was verified
	Code     *Code // the newest; nil when there is none to verify with
}

// Code is a one-time code, known by its digest only.
type Code struct {
	EventID   uuid.UUID
	Digest    []byte
	ExpiresAt time.Time
	Blocked   bool // too many wrong guesses
}

// Token is a personal access token.
type Token struct {
	ID        string
	Digest    []byte
	ExpiresAt time.Time // zero: never
}

// Exists reports whether there is a user.
func (s *State) Exists() bool {
	return s.Lifecycle != Unknown && s.Lifecycle != Removed
}

// Human reports whether there is a user and it is a person.
func (s *State) Human() bool {
	return s.Exists() && !s.Machine
}

// Token returns the token with this digest, if the user has it and it is not expired.
func (s *State) Token(digest []byte, now time.Time) (Token, bool) {
	for _, t := range s.Tokens {
		if string(t.Digest) == string(digest) && !t.expired(now) {
			return t, true
		}
	}
	return Token{}, false
}

func (t *Token) expired(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// NewExecutor returns what runs commands on users and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(_ string, s *State) string { return s.Organization },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, at command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.UserHumanAdded:
		return State{
			Lifecycle: Active, Organization: e.GetOrganizationId(), Added: at.Position,
			Username: e.GetUsername(), Profile: e.GetProfile(),
			Email: Address{Value: e.GetEmail()}, Phone: Address{Value: e.GetPhone()},
		}
	case *eventv1.UserMachineAdded:
		return State{
			Lifecycle: Active, Machine: true, Organization: e.GetOrganizationId(), Added: at.Position, Username: e.GetUsername(),
			Name: e.GetName(), Description: e.GetDescription(),
		}
	case *eventv1.UserRemoved:
		return State{Lifecycle: Removed, Organization: s.Organization, Machine: s.Machine}
	case *eventv1.UserDeactivated:
		s.Lifecycle = Inactive
	case *eventv1.UserLocked:
		s.Lifecycle = Locked
	case *eventv1.UserReactivated, *eventv1.UserUnlocked:
		s.Lifecycle = Active
	case *eventv1.UserUsernameChanged:
		s.Username = e.GetUsername()
	case *eventv1.UserProfileChanged:
		s.Profile = e.GetProfile()
	case *eventv1.UserTokenAdded:
		s.Tokens = append(slices.Clip(s.Tokens), newToken(e))
	case *eventv1.UserTokenRemoved:
		s.Tokens = dropped(s.Tokens, func(t Token) bool { return t.ID == e.GetTokenId() })
	default:
		foldAddresses(&s, msg, at)
		foldPassword(&s, msg, at)
		foldWebAuthn(&s, msg, at)
		foldFactors(&s, msg)
		foldInvite(&s, msg, at)
		foldMachine(&s, msg)
		foldBelongings(&s, msg)
	}
	return s
}

func foldAddresses(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserEmailChanged:
		s.Email = Address{Value: e.GetEmail(), Proven: s.Email.Proven}
	case *eventv1.UserEmailCodeAdded:
		s.Email.Code = newCode(e.GetCode(), at)
	case *eventv1.UserEmailVerified:
		s.Email.Verified, s.Email.Proven, s.Email.Code = true, true, nil
	case *eventv1.UserEmailCodeBlocked:
		s.Email.Code = s.Email.Code.blocked()
	case *eventv1.UserPhoneChanged:
		s.Phone = Address{Value: e.GetPhone(), Proven: s.Phone.Proven}
	case *eventv1.UserPhoneCodeAdded:
		s.Phone.Code = newCode(e.GetCode(), at)
	case *eventv1.UserPhoneVerified:
		s.Phone.Verified, s.Phone.Proven, s.Phone.Code = true, true, nil
	case *eventv1.UserPhoneCodeBlocked:
		s.Phone.Code = s.Phone.Code.blocked()
	case *eventv1.UserPhoneRemoved:
		s.Phone, s.OTPSMS = Address{}, false
	}
}

func foldPassword(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserPasswordChanged:
		s.PasswordHash, s.ChangeRequired, s.PasswordCode = e.GetHash(), e.GetChangeRequired(), nil
	case *eventv1.UserPasswordCodeAdded:
		s.PasswordCode = newCode(e.GetCode(), at)
	case *eventv1.UserPasswordCodeBlocked:
		s.PasswordCode = s.PasswordCode.blocked()
	}
}

func newCode(c *eventv1.Code, at command.Recorded) *Code {
	return &Code{EventID: at.ID, Digest: c.GetDigest(), ExpiresAt: c.GetExpiresAt().AsTime()}
}

func (c *Code) blocked() *Code {
	if c == nil {
		return nil
	}
	b := *c
	b.Blocked = true
	return &b
}

func newToken(e *eventv1.UserTokenAdded) Token {
	t := Token{ID: e.GetTokenId(), Digest: e.GetDigest()}
	if e.GetExpiresAt() != nil {
		t.ExpiresAt = e.GetExpiresAt().AsTime()
	}
	return t
}
