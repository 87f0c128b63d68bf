package accesstoken

import (
	"context"
	"fmt"
	"time"
)

const (
	// LongestTicket bounds how long a ticket lives: keys are kept for so long.
	LongestTicket = time.Hour

	maxTicket = 256 // bytes of purpose and value: six times as many in JSON are well below MaxLength
)

// Ticket is a statement of this installation to itself that travels through a client, such as "whoever has this asked for a
// password reset of the user with this identifier". It is signed, not sealed: Value must tell nobody anything.
type Ticket struct {
	Purpose string
	Value   string
	Life    time.Duration // at most LongestTicket
}

// The claims of a ticket. It has no subject: it is nobody's.
const (
	claimPurpose = "purpose"
	claimValue   = "value"
)

// IssueTicket signs a ticket.
func (s *Service) IssueTicket(ctx context.Context, t Ticket) (string, error) {
	if t.Purpose == "" || t.Life <= 0 || t.Life > LongestTicket || len(t.Purpose)+len(t.Value) > maxTicket {
		return "", fmt.Errorf("accesstoken: a ticket has a purpose, at most %d bytes, and lives up to %s", maxTicket, LongestTicket)
	}
	claims, err := s.stamp(t.Life).Claim(claimPurpose, t.Purpose).Claim(claimValue, t.Value).Build()
	if err != nil {
		return "", fmt.Errorf("accesstoken: claims: %w", err)
	}
	return s.sign(ctx, typeTicket, claims)
}

// VerifyTicket returns the value of a ticket of this purpose, and ErrInvalid for everything else, access tokens included.
func (s *Service) VerifyTicket(ctx context.Context, purpose, token string) (string, error) {
	claims, err := s.open(ctx, typeTicket, token)
	if err != nil {
		return "", err
	}
	if purpose == "" || text(claims, claimPurpose) != purpose {
		return "", ErrInvalid
	}
	return text(claims, claimValue), nil
}
