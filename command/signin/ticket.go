package signin

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"fmt"
	"io"
	"time"

	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/accesstoken"
)

// purpose is what a ticket is for.
type purpose string

const (
	toResetPassword purpose = "password-reset"
	toVerifyEmail   purpose = "email-verification"
)

const (
	ticketLife  = time.Hour // as that of a code
	ticketNonce = 16        // bytes
)

// subject is whom a ticket is about: the name that somebody gave and the user it stood for, or a stranger.
type subject struct {
	name   name
	userID string
}

// issueTicket makes the ticket of a request for a code. It tells nobody anything: the subject is in it as a keyed digest with a
// nonce, so that two tickets cannot be told to be about the same user.
func (s *Service) issueTicket(ctx context.Context, p purpose, about subject) (string, error) {
	value := make([]byte, ticketNonce, ticketNonce+32)
	if _, err := io.ReadFull(s.rt.Random, value); err != nil {
		return "", fmt.Errorf("signin: read random bytes: %w", err)
	}
	digest, err := s.ticketDigest(ctx, value, about)
	if err != nil {
		return "", err
	}
	return s.tokens.IssueTicket(ctx, accesstoken.Ticket{
		Purpose: string(p), Value: base64.RawURLEncoding.EncodeToString(append(value, digest...)), Life: ticketLife,
	})
}

// openTicket returns what is in a ticket, or ErrCode.
func (s *Service) openTicket(ctx context.Context, p purpose, ticket string) ([]byte, error) {
	text, err := s.tokens.VerifyTicket(ctx, string(p), ticket)
	if err != nil {
		return nil, masked(err, ErrCode)
	}
	value, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(value) <= ticketNonce {
		return nil, ErrCode
	}
	return value, nil
}

// isAbout reports whether what is in a ticket is about a subject.
func (s *Service) isAbout(ctx context.Context, value []byte, about subject) (bool, error) {
	digest, err := s.ticketDigest(ctx, value[:ticketNonce], about)
	return err == nil && hmac.Equal(digest, value[ticketNonce:]), err
}

func (s *Service) ticketDigest(ctx context.Context, nonce []byte, about subject) ([]byte, error) {
	text := base64.RawURLEncoding.EncodeToString(nonce) + ":" + about.userID + ":" + about.name.key()
	digest, err := s.rt.Vault.Digest(ctx, s.tenant, "ticket", text)
	if err != nil {
		return nil, command.Refusal(fmt.Errorf("signin: digest of a ticket: %w", err))
	}
	return digest, nil
}
