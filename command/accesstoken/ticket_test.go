package accesstoken_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/accesstoken"
	"github.com/signet-iam/signet/command/internal/commandtest"
)

func TestTickets(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	ticket, err := n.Tokens.IssueTicket(t.Context(), accesstoken.Ticket{Purpose: "reset", Value: "digest", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if value, err := n.Tokens.VerifyTicket(t.Context(), "reset", ticket); value != "digest" || err != nil {
		t.Errorf("%q, %v", value, err)
	}
	for name, purpose := range map[string]string{"another purpose": "verify", "no purpose": "", "half a purpose": "rese"} {
		_, err := n.Tokens.VerifyTicket(t.Context(), purpose, ticket)
		wantInvalid(t, name, err)
	}
	n.Clock.Advance(time.Hour - time.Second)
	if _, err := n.Tokens.VerifyTicket(t.Context(), "reset", ticket); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	n.Clock.Advance(time.Second)
	_, err = n.Tokens.VerifyTicket(t.Context(), "reset", ticket)
	wantInvalid(t, "expired", err)
}

// Neither passes for the other, not even with all claims of both.
func TestTicketsAreNoTokens(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	ticket, err := n.Tokens.IssueTicket(t.Context(), accesstoken.Ticket{Purpose: "reset", Value: "v", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	f := newForger(t, n)
	both := object{"purpose": "reset", "value": "v"}
	for name, token := range map[string]string{
		"ticket": ticket, "with all claims": f.signed(t, object{"typ": "signet-ticket+jwt"}, both),
	} {
		_, err := n.Tokens.Verify(t.Context(), token)
		wantInvalid(t, name, err)
		if _, err := n.Tokens.VerifyTicket(t.Context(), "reset", token); err != nil {
			t.Errorf("%s as a ticket: %v", name, err)
		}
	}
	for name, token := range map[string]string{"token": issue(t, n), "token with all claims": f.signed(t, nil, both)} {
		_, err := n.Tokens.VerifyTicket(t.Context(), "reset", token)
		wantInvalid(t, name, err)
		if _, err := n.Tokens.Verify(t.Context(), token); err != nil {
			t.Errorf("%s as a token: %v", name, err)
		}
	}
}

func TestTicketsHaveLimits(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	for name, ticket := range map[string]accesstoken.Ticket{
		"no purpose": {Life: time.Minute}, "no life": {Purpose: "p"}, "life before it": {Purpose: "p", Life: -time.Second},
		"longer than keys are kept": {Purpose: "p", Life: accesstoken.LongestTicket + 1},
		"too large":                 {Purpose: "p", Value: strings.Repeat("x", 256), Life: time.Minute},
	} {
		if _, err := n.Tokens.IssueTicket(t.Context(), ticket); err == nil || errors.Is(err, accesstoken.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The largest passes, even where every byte takes six in JSON.
	largest := accesstoken.Ticket{Purpose: "p", Value: strings.Repeat("<", 255), Life: time.Minute}
	token, err := n.Tokens.IssueTicket(t.Context(), largest)
	if err != nil {
		t.Fatal(err)
	}
	if value, err := n.Tokens.VerifyTicket(t.Context(), "p", token); err != nil || value != largest.Value {
		t.Errorf("the largest ticket of %d bytes: %v", len(token), err)
	}
}
