package session

import (
	"maps"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/user"
)

// Kind is the kind of a session's stream.
const Kind = "session"

// subject returns whose data key seals the events of a stream. No user's id begins with #, so that no user shares the key and
// takes it along when it is erased.
func subject(id string) string { return "#" + Kind + ":" + id }

// cached bounds the states in memory.
const cached = 10_000

// State is what commands need to know of a session.
type State struct {
	Exists    bool
	Ended     bool
	CreatorID string
	ExpiresAt time.Time // zero: never

	UserID       string // empty until the user check
	Organization string // of the user
	UserVersion  uint64 // of the user's stream, at the last proof
	Proven       bool   // more than a name
	Factors      Factors
	TokenID      string // of the personal access token the session stands on, if it does

	Ceremony    []byte // the WebAuthn question that waits for its answer
	SMSCodeID   string
	EmailCodeID string

	TokenDigest []byte
	Refresh     Refresh
	Metadata    map[string]struct{} // keys
}

// Refresh is the one refresh token that is good.
type Refresh struct {
	Generation uint32
	Digest     []byte
	ExpiresAt  time.Time
}

// Good reports whether the session speaks for its user now.
func (s *State) Good(u *user.State, now time.Time) bool {
	return s.running(now) && s.Proven && u.CanSignIn() && !s.voided(u, now)
}

// running reports whether the session has neither ended nor expired.
func (s *State) running(now time.Time) bool {
	return s.Exists && !s.Ended && (s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt))
}

// voided reports whether something happened to the user that ends what was proven before. A session of nothing but a name has
// nothing to lose: somebody who does not know the password may set a new one and go on.
func (s *State) voided(u *user.State, now time.Time) bool {
	if !s.Proven {
		return false
	}
	if s.UserVersion < u.SessionsSince {
		return true
	}
	if s.TokenID == "" {
		return false
	}
	token, good := u.TokenByID(s.TokenID, now)
	return !good || s.UserVersion < token.Since
}

// NewExecutor returns what runs commands on sessions and loads their states.
func NewExecutor(rt command.Runtime) (*command.Executor[State], error) {
	return command.NewExecutor(rt, command.Aggregate[State]{
		Kind:         Kind,
		Fold:         fold,
		Organization: func(_ string, s *State) string { return s.Organization },
		Cached:       cached,
	})
}

// fold returns the state after an event.
func fold(s State, msg proto.Message, _ command.Recorded) State {
	switch e := msg.(type) {
	case *eventv1.SessionAdded:
		return State{Exists: true, CreatorID: e.GetCreatorId(), ExpiresAt: moment(e.GetExpiresAt())}
	case *eventv1.SessionUserChecked:
		s.UserID, s.Organization = e.GetUserId(), e.GetOrganizationId()
		// Naming the user once more proves nothing, and saves no proof from what happened since.
		if !s.Proven {
			s.UserVersion = e.GetUserVersion()
		}
	case *eventv1.SessionLifetimeSet:
		s.ExpiresAt = moment(e.GetExpiresAt())
	case *eventv1.SessionTokenSet:
		s.TokenDigest = e.GetDigest()
	case *eventv1.SessionRefreshed:
		s.Refresh = Refresh{Generation: e.GetGeneration(), Digest: e.GetDigest(), ExpiresAt: moment(e.GetExpiresAt())}
	case *eventv1.SessionMetadataSet:
		keys := make(map[string]struct{}, len(s.Metadata)+1)
		maps.Copy(keys, s.Metadata)
		keys[e.GetKey()] = struct{}{}
		s.Metadata = keys
	case *eventv1.SessionMetadataRemoved:
		s.Metadata = maps.Clone(s.Metadata)
		delete(s.Metadata, e.GetKey())
	case *eventv1.SessionEnded:
		// Whose it was remains, for who asks to end it again. What it could be continued with does not.
		return State{
			Exists: s.Exists, Ended: true, CreatorID: s.CreatorID, ExpiresAt: s.ExpiresAt,
			UserID: s.UserID, Organization: s.Organization, UserVersion: s.UserVersion,
		}
	default:
		foldChallenge(&s, msg)
		foldProof(&s, msg)
	}
	return s
}

func foldChallenge(s *State, msg proto.Message) {
	switch e := msg.(type) {
	case *eventv1.SessionWebAuthnChallenged:
		s.Ceremony = e.GetCeremony()
	case *eventv1.SessionWebAuthnFailed:
		s.Ceremony = nil
	case *eventv1.SessionOTPSMSChallenged:
		s.SMSCodeID = e.GetCodeId()
	case *eventv1.SessionOTPEmailChallenged:
		s.EmailCodeID = e.GetCodeId()
	}
}

// foldProof folds what answers a challenge or needs none. An event proves nothing unless it is here.
func foldProof(s *State, msg proto.Message) {
	s.Factors |= factorOf(msg)
	switch e := msg.(type) {
	case *eventv1.SessionPasswordChecked:
		s.prove(e.GetUserVersion())
	case *eventv1.SessionWebAuthnChecked:
		s.prove(e.GetUserVersion())
		s.Ceremony = nil
	case *eventv1.SessionIntentChecked:
		s.prove(e.GetUserVersion())
	case *eventv1.SessionTOTPChecked:
		s.prove(e.GetUserVersion())
	case *eventv1.SessionOTPSMSChecked:
		s.prove(e.GetUserVersion())
		s.SMSCodeID = ""
	case *eventv1.SessionOTPEmailChecked:
		s.prove(e.GetUserVersion())
		s.EmailCodeID = ""
	case *eventv1.SessionRecoveryCodeChecked:
		s.prove(e.GetUserVersion())
	case *eventv1.SessionSecretChecked:
		s.prove(e.GetUserVersion())
	case *eventv1.SessionTokenChecked:
		s.prove(e.GetUserVersion())
		s.TokenID = e.GetTokenId()
	}
}

// prove notes a proof about the user of this version.
func (s *State) prove(userVersion uint64) { s.Proven, s.UserVersion = true, userVersion }

func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
