package accesstoken

import (
	"context"
	"encoding/json"
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

// ticketClaims are the claims of a ticket. It has no subject: it is nobody's.
type ticketClaims struct {
	registered
	Purpose string `json:"purpose"`
	Value   string `json:"value"`
}

// IssueTicket signs a ticket.
func (s *Service) IssueTicket(ctx context.Context, t Ticket) (string, error) {
	if t.Purpose == "" || t.Life <= 0 || t.Life > LongestTicket || len(t.Purpose)+len(t.Value) > maxTicket {
		return "", fmt.Errorf("accesstoken: a ticket has a purpose, at most %d bytes, and lives up to %s", maxTicket, LongestTicket)
	}
	return s.sign(ctx, typeTicket, ticketClaims{registered: s.stamp(t.Life), Purpose: t.Purpose, Value: t.Value})
}

// VerifyTicket returns the value of a ticket of this purpose, and ErrInvalid for everything else, access tokens included.
func (s *Service) VerifyTicket(ctx context.Context, purpose, token string) (string, error) {
	payload, err := s.open(ctx, typeTicket, token)
	if err != nil {
		return "", err
	}
	var claims ticketClaims
	if json.Unmarshal(payload, &claims) != nil || !s.check(claims.registered) || claims.Purpose == "" || claims.Purpose != purpose {
		return "", ErrInvalid
	}
	return claims.Value, nil
}
