package user_test

import (
	"errors"
	"testing"
	"time"

	"github.com/signet-iam/signet/command/bearer"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "robot", program())
	n.Given(t, "minnie", person())
	past, future := n.Clock.Now(), n.Clock.Now().Add(time.Hour)
	for name, c := range map[string]struct {
		by   *permission.Caller
		req  user.IssueToken
		want error
	}{
		"for ever":    {admin(), user.IssueToken{UserID: "robot"}, nil},
		"for an hour": {owner(), user.IssueToken{UserID: "robot", NewToken: user.NewToken{ExpiresAt: future}}, nil},
		"until now":   {admin(), user.IssueToken{UserID: "robot", NewToken: user.NewToken{ExpiresAt: past}}, user.ErrExpiryInThePast},
		"too long":    {admin(), user.IssueToken{UserID: "robot", NewToken: user.NewToken{ExpiresAt: past.AddDate(10_000, 0, 0)}}, user.ErrExpiryTooFar},
		"of a person": {admin(), user.IssueToken{UserID: "minnie"}, user.ErrNotMachine},
		"of nobody":   {admin(), user.IssueToken{UserID: "nobody"}, user.ErrNotFound},
		"of oneself":  {commandtest.Caller("robot"), user.IssueToken{UserID: "robot"}, permission.ErrDenied},
	} {
		out, err := n.Users.IssueToken(t.Context(), c.by, c.req)
		if !errors.Is(err, c.want) || (err == nil) != bearer.WellFormed(out.Token) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil {
			noSecretsInTheOpen(t, n, "robot", out.Token, out.Token[4:20])
		}
	}
}

func TestRevokeToken(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "robot", program())
	first, err := n.Users.IssueToken(t.Context(), admin(), user.IssueToken{UserID: "robot"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := n.Users.IssueToken(t.Context(), admin(), user.IssueToken{UserID: "robot"})
	if err != nil {
		t.Fatal(err)
	}
	revoke := func(id string) error {
		_, err := n.Users.RevokeToken(t.Context(), admin(), user.RevokeToken{UserID: "robot", TokenID: id})
		return err
	}
	if err := revoke("none"); !errors.Is(err, user.ErrTokenNotFound) {
		t.Errorf("unknown: %v", err)
	}
	if err := revoke(first.ID); err != nil {
		t.Errorf("known: %v", err)
	}
	if err := revoke(first.ID); !errors.Is(err, user.ErrTokenNotFound) {
		t.Errorf("twice: %v", err)
	}
	for token, want := range map[string]bool{first.Token: false, second.Token: true} {
		claim, err := user.TokenClaim(t.Context(), n.Runtime.Vault, n.Tenant, token)
		if err != nil {
			t.Fatal(err)
		}
		if _, held, err := n.Store.ClaimHolder(t.Context(), n.Tenant, claim); err != nil || held != want {
			t.Errorf("claim held: %v, %v, want %v", held, err, want)
		}
	}
}

func TestAddMachine(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	added, err := n.Users.AddMachine(t.Context(), admin(), user.AddMachine{Name: "Robot", Token: &user.NewToken{}})
	if err != nil || !bearer.WellFormed(added.Token.Token) || added.Receipt.Version != 2 {
		t.Fatalf("%+v, %v", added.Receipt, err)
	}
	for name, c := range map[string]struct {
		req  user.AddMachine
		want error
	}{
		"the same id":       {user.AddMachine{UserID: added.UserID, Name: "Robot"}, user.ErrIDTaken},
		"the same username": {user.AddMachine{UserID: "robot", Username: &added.UserID, Name: "Robot"}, user.ErrUsernameTaken},
		"without a name":    {user.AddMachine{UserID: "robot", Name: " "}, user.ErrInvalidMachine},
		"reserved id":       {user.AddMachine{UserID: "system", Name: "Robot"}, user.ErrInvalidID},
		"blank username":    {user.AddMachine{UserID: "robot", Username: text(" "), Name: "Robot"}, user.ErrInvalidUsername},
		"metadata twice":    {user.AddMachine{UserID: "robot", Name: "Robot", Metadata: []user.MetadataEntry{{"a", []byte("x")}, {"a", []byte("y")}}}, user.ErrMetadataKey},
		"expired token":     {user.AddMachine{UserID: "robot", Name: "Robot", Token: &user.NewToken{ExpiresAt: n.Clock.Now()}}, user.ErrExpiryInThePast},
	} {
		if _, err := n.Users.AddMachine(t.Context(), admin(), c.req); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
