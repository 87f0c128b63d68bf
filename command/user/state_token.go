package user

import (
	"crypto/hmac"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
)

// Token is a personal access token.
type Token struct {
	ID        string
	Name      string
	Digest    []byte
	ExpiresAt time.Time // zero: never; of one expired by force: not later than that
	Expired   bool      // by force, and for good
	Since     uint64    // version of the stream at which it got the value it has
}

// Token returns the token with this digest, if the user has it and it is not expired.
func (s *State) Token(digest []byte, now time.Time) (Token, bool) {
	for _, t := range s.Tokens {
		if hmac.Equal(t.Digest, digest) && !t.expired(now) {
			return t, true
		}
	}
	return Token{}, false
}

// TokenByID returns the token with this id, if the user has it and it is not expired.
func (s *State) TokenByID(id string, now time.Time) (Token, bool) {
	if t, ok := s.token(id); ok && !t.expired(now) {
		return t, true
	}
	return Token{}, false
}

// token returns the token with this id, expired or not.
func (s *State) token(id string) (Token, bool) {
	for _, t := range s.Tokens {
		if t.ID == id {
			return t, true
		}
	}
	return Token{}, false
}

func (t *Token) expired(now time.Time) bool {
	return t.Expired || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

func foldTokens(s *State, msg proto.Message, at command.Recorded) {
	switch e := msg.(type) {
	case *eventv1.UserTokenAdded:
		s.Tokens = append(slices.Clip(s.Tokens), Token{
			ID: e.GetTokenId(), Name: e.GetName(), Digest: e.GetDigest(), ExpiresAt: end(e.GetExpiresAt()), Since: at.Version,
		})
	case *eventv1.UserTokenChanged:
		s.editToken(e.GetTokenId(), func(t *Token) {
			t.Name = e.GetName()
			if !t.Expired {
				t.ExpiresAt = end(e.GetExpiresAt())
			}
		})
	case *eventv1.UserTokenRegenerated:
		s.editToken(e.GetTokenId(), func(t *Token) { t.Digest, t.Since = e.GetDigest(), at.Version })
	case *eventv1.UserTokenExpired:
		s.editToken(e.GetTokenId(), func(t *Token) {
			if !t.expired(at.At) {
				t.ExpiresAt = at.At
			}
			t.Expired = true
		})
	case *eventv1.UserTokenRemoved:
		s.Tokens = dropped(s.Tokens, func(t Token) bool { return t.ID == e.GetTokenId() })
	}
}

// editToken replaces a token: states before this one share the old one.
func (s *State) editToken(id string, edit func(*Token)) {
	for i := range s.Tokens {
		if s.Tokens[i].ID == id {
			s.Tokens = slices.Clone(s.Tokens)
			edit(&s.Tokens[i])
			return
		}
	}
}

// end is when something ends; zero is never.
func end(at *timestamppb.Timestamp) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.AsTime()
}

// ending is end the other way round.
func ending(at time.Time) *timestamppb.Timestamp {
	if at.IsZero() {
		return nil
	}
	return timestamppb.New(at)
}
