package user

import (
	"crypto/sha256"
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
	AddedAt      time.Time
	// SessionsSince is the version of the last event that ended the user's sessions: only those that were judged on this version
	// or a later one go on.
	SessionsSince uint64

	Username string
	Profile  *eventv1.Profile
	Email    Address
	Phone    Address

	PasswordHash   string
	PasswordSince  time.Time // when it was chosen
	ChangeRequired bool
	PasswordCode   *Code

	WebAuthn      []WebAuthn
	PasskeyCodes  []PasskeyCode
	TOTP          *TOTP
	OTPSMS        bool
	OTPEmail      bool
	OTPSMSCodes   []OTPCode // the newest ones, whether expired or not
	OTPEmailCodes []OTPCode
	RecoveryCodes *RecoveryCodes
	MFASkipped    bool
	Invite        *Invite
	Links         []ProviderLink

	Name        string // of a machine
	Description string
	// SignedTokens says that the machine's access tokens say themselves what they grant.
	SignedTokens bool
	SecretHash   string
	Keys         []MachineKey
	Tokens       []Token

	Avatar *Avatar // nil without one

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

// Exists reports whether there is a user.
func (s *State) Exists() bool {
	return s.Lifecycle != Unknown && s.Lifecycle != Removed
}

// CanSignIn reports whether there is a user who may prove who it is and be let in.
func (s *State) CanSignIn() bool {
	return s.Exists() && s.Lifecycle == Active
}

// Human reports whether there is a user and it is a person.
func (s *State) Human() bool {
	return s.Exists() && !s.Machine
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
			Lifecycle: Active, Organization: e.GetOrganizationId(), Added: at.Position, AddedAt: at.At, SessionsSince: at.Version,
			Username: e.GetUsername(), Profile: e.GetProfile(),
			Email: Address{Value: e.GetEmail()}, Phone: Address{Value: e.GetPhone()},
		}
	case *eventv1.UserMachineAdded:
		return State{
			Lifecycle: Active, Machine: true, Organization: e.GetOrganizationId(), Added: at.Position, AddedAt: at.At, SessionsSince: at.Version,
			Username: e.GetUsername(), Name: e.GetName(), Description: e.GetDescription(), SignedTokens: e.GetSignedTokens(),
		}
	case *eventv1.UserRemoved:
		return State{Lifecycle: Removed, Organization: s.Organization, Machine: s.Machine, SessionsSince: at.Version}
	case *eventv1.UserDeactivated:
		s.Lifecycle, s.SessionsSince = Inactive, at.Version
	case *eventv1.UserLocked:
		s.Lifecycle, s.SessionsSince = Locked, at.Version
	case *eventv1.UserReactivated, *eventv1.UserUnlocked:
		s.Lifecycle = Active
	case *eventv1.UserUsernameChanged:
		s.Username = e.GetUsername()
	case *eventv1.UserProfileChanged:
		s.Profile = e.GetProfile()
	default:
		foldAddresses(&s, msg, at)
		foldPassword(&s, msg, at)
		foldWebAuthn(&s, msg, at)
		foldFactors(&s, msg)
		foldOTPCodes(&s, msg, at)
		foldInvite(&s, msg, at)
		foldMachine(&s, msg, at)
		foldBelongings(&s, msg)
		foldTokens(&s, msg, at)
		foldAvatar(&s, msg, at)
	}
	return s
}

func foldAddresses(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserEmailChanged:
		s.Email, s.OTPEmailCodes = Address{Value: e.GetEmail(), Proven: s.Email.Proven}, nil
	case *eventv1.UserEmailCodeAdded:
		s.Email.Code = newCode(e.GetCode(), at)
	case *eventv1.UserEmailVerified:
		s.Email.Verified, s.Email.Proven, s.Email.Code = true, true, nil
	case *eventv1.UserEmailCodeBlocked:
		s.Email.Code = s.Email.Code.blocked()
	case *eventv1.UserPhoneChanged:
		s.Phone, s.OTPSMSCodes = Address{Value: e.GetPhone(), Proven: s.Phone.Proven}, nil
	case *eventv1.UserPhoneCodeAdded:
		s.Phone.Code = newCode(e.GetCode(), at)
	case *eventv1.UserPhoneVerified:
		s.Phone.Verified, s.Phone.Proven, s.Phone.Code = true, true, nil
	case *eventv1.UserPhoneCodeBlocked:
		s.Phone.Code = s.Phone.Code.blocked()
	case *eventv1.UserPhoneRemoved:
		s.Phone, s.OTPSMS, s.OTPSMSCodes = Address{}, false, nil
	}
}

func foldPassword(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserPasswordChanged:
		s.PasswordHash, s.ChangeRequired, s.PasswordCode, s.SessionsSince = e.GetHash(), e.GetChangeRequired(), nil, at.Version
		s.PasswordSince = at.At
	case *eventv1.UserPasswordRehashed:
		s.PasswordHash = e.GetHash()
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
