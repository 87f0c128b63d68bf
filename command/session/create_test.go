package session_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
)

func TestWhatASessionBeginsWith(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for name, c := range map[string]struct {
		req  session.Create
		then []string
	}{
		"nothing":    {session.Create{}, nil},
		"a user":     {session.Create{Checks: session.Checks{UserID: "minnie"}}, []string{"session.user.checked"}},
		"a name":     {session.Create{Checks: session.Checks{LoginName: " MINNIE "}}, []string{"session.user.checked"}},
		"a password": {session.Create{Checks: byPassword()}, []string{"session.user.checked", "session.password.checked"}},
		"metadata":   {session.Create{Metadata: map[string][]byte{"b": []byte("2"), "a": []byte("1"), "none": {}}}, []string{"session.metadata.set", "session.metadata.set"}},
		"a code": {
			session.Create{Checks: byPassword(), Challenges: session.Challenges{OTPEmail: user.Send{}}},
			[]string{"session.user.checked", "session.password.checked", "session.otp.email.challenged"},
		},
	} {
		made, err := n.Sessions.Create(t.Context(), loginPage(), c.req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := append(append([]string{"session.added"}, c.then...), "session.token.set")
		if got := commandtest.Types(recorded(t, n, made.ID, 0)); !slices.Equal(got, want) {
			t.Errorf("%s: recorded %q, want %q", name, got, want)
		}
		state := stateOf(t, n, made.ID)
		if state.CreatorID != "login-page" || !state.ExpiresAt.Equal(n.Clock.Now().Add(commandtest.SessionLife().Session)) ||
			made.Receipt.Version != uint64(len(want)) {
			t.Errorf("%s: %+v, receipt %+v", name, state, made.Receipt)
		}
		if err := denied(t, n, made.ID, made.Token); err != nil {
			t.Errorf("%s: its token: %v", name, err)
		}
		if state.UserID != "" {
			if good(t, n, made.ID) != state.Proven || state.Organization != "default" {
				t.Errorf("%s: %+v", name, state)
			}
		}
	}
}

func TestWhatIsKeptOfAnAgent(t *testing.T) {
	t.Parallel()
	n := scene(t)
	made, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{
		Agent:    session.Agent{FingerprintID: "f", IP: "192.0.2.7", Description: "Browser", Headers: map[string][]string{"b": {"1", "2"}, "a": nil}},
		Lifetime: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	added := recorded(t, n, made.ID, 0)[0].(*eventv1.SessionAdded)
	agent := added.GetAgent()
	if agent.GetFingerprintId() != "f" || agent.GetIp() != "192.0.2.7" || agent.GetDescription() != "Browser" || len(agent.GetHeaders()) != 2 ||
		agent.GetHeaders()[1].GetName() != "b" || len(agent.GetHeaders()[1].GetValues()) != 2 {
		t.Errorf("agent %v", agent)
	}
	if life := added.GetExpiresAt().AsTime().Sub(n.Clock.Now()); life != time.Minute {
		t.Errorf("lives %s", life)
	}
	events, err := n.Store.ReadStream(t.Context(), streamOf(n, made.ID), 0)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(events[0].Payload), "192.0.2.7") {
		t.Error("the address is in the open")
	}
}

// Nothing is recorded of a session whose checks do not all pass.
func TestSessionsThatDoNotBegin(t *testing.T) {
	t.Parallel()
	n := scene(t)
	n.Given(t, "locked", append(person(t, "locked"), &eventv1.UserLocked{})...)
	n.Given(t, "inactive", append(person(t, "inactive"), &eventv1.UserDeactivated{})...)
	n.Given(t, "removed", append(person(t, "removed"), &eventv1.UserRemoved{})...)
	entries := make(map[string][]byte)
	for i := range 101 {
		entries[fmt.Sprint(i)] = []byte("x")
	}
	headers := make(map[string][]string)
	for i := range 101 {
		headers[fmt.Sprint(i)] = nil
	}
	with := func(edit func(*session.Checks)) session.Create {
		c := session.Create{Checks: byPassword()}
		edit(&c.Checks)
		return c
	}
	for name, c := range map[string]struct {
		req  session.Create
		want error
	}{
		"a wrong password":            {with(func(c *session.Checks) { c.Password = "wrong" }), user.ErrWrongPassword},
		"one wrong proof of two":      {with(func(c *session.Checks) { c.RecoveryCode = "wrong" }), user.ErrNoRecoveryCodes},
		"an unknown user":             {session.Create{Checks: session.Checks{UserID: "nobody"}}, user.ErrNotFound},
		"an unknown name":             {session.Create{Checks: session.Checks{LoginName: "nobody"}}, user.ErrNotFound},
		"an impossible user":          {session.Create{Checks: session.Checks{UserID: "#digest"}}, user.ErrNotFound},
		"a removed user":              {session.Create{Checks: session.Checks{UserID: "removed"}}, user.ErrNotFound},
		"a locked user":               {session.Create{Checks: session.Checks{UserID: "locked"}}, user.ErrCannotSignIn},
		"an inactive user":            {session.Create{Checks: session.Checks{UserID: "inactive", Password: goodPassword}}, user.ErrCannotSignIn},
		"a proof about nobody":        {session.Create{Checks: session.Checks{Password: goodPassword}}, session.ErrNoUser},
		"a challenge of nobody":       {session.Create{Challenges: session.Challenges{OTPEmail: user.Send{}}}, session.ErrNoUser},
		"an answer to no question":    {with(func(c *session.Checks) { c.WebAuthn = []byte("{}") }), session.ErrNoChallenge},
		"a code that was not sent":    {with(func(c *session.Checks) { c.OTPSMS = "123456" }), session.ErrNoChallenge},
		"a code that was not mailed":  {with(func(c *session.Checks) { c.OTPEmail = "123456" }), session.ErrNoChallenge},
		"a life beyond the longest":   {session.Create{Lifetime: commandtest.SessionLife().Longest + 1}, session.ErrLifetime},
		"a negative life":             {session.Create{Lifetime: -1}, session.ErrLifetime},
		"an empty key":                {session.Create{Metadata: map[string][]byte{"": []byte("x")}}, session.ErrMetadata},
		"a long key":                  {session.Create{Metadata: map[string][]byte{strings.Repeat("ä", 201): []byte("x")}}, session.ErrMetadata},
		"a key of no text":            {session.Create{Metadata: map[string][]byte{"\xff": []byte("x")}}, session.ErrMetadata},
		"a large value":               {session.Create{Metadata: map[string][]byte{"a": make([]byte, 10_001)}}, session.ErrMetadata},
		"too many entries":            {session.Create{Metadata: entries}, session.ErrMetadataSize},
		"too many headers":            {session.Create{Agent: session.Agent{Headers: headers}}, session.ErrAgent},
		"an agent that is too large":  {session.Create{Agent: session.Agent{Headers: map[string][]string{"a": {strings.Repeat("x", 20_000)}}}}, session.ErrAgent},
		"an agent of no text":         {session.Create{Agent: session.Agent{Description: "\xff"}}, session.ErrAgent},
		"a code that is taken for it": {session.Create{Checks: byPassword(), Challenges: session.Challenges{OTPEmail: user.Verified{}}}, session.ErrChallenge},
	} {
		before := sessions(t, n)
		if _, err := n.Sessions.Create(t.Context(), loginPage(), c.req); true {
			kindOf(t, name, err, c.want)
		}
		if after := sessions(t, n); after != before {
			t.Errorf("%s: a session began", name)
		}
	}
}

// Who may begin sessions about whom.
func TestWhoMayBegin(t *testing.T) {
	t.Parallel()
	n := scene(t)
	elsewhere := commandtest.Caller("x", permission.Membership{Organization: "elsewhere", Roles: []string{permission.OrganizationOwner}})
	for name, c := range map[string]struct {
		as     *permission.Caller
		checks session.Checks
		want   error
	}{
		"the login page, about nobody":           {loginPage(), session.Checks{}, nil},
		"the administrator, by a name":           {admin(), session.Checks{UserID: "minnie"}, nil},
		"the user, by a proof":                   {minnie(), byPassword(), nil},
		"the user under its name, by a proof":    {minnie(), session.Checks{LoginName: "minnie", Password: goodPassword}, nil},
		"the user, by a wrong proof":             {minnie(), session.Checks{UserID: "minnie", Password: "wrong"}, user.ErrWrongPassword},
		"the user, by a name alone":              {minnie(), session.Checks{UserID: "minnie"}, permission.ErrDenied},
		"the user, about nobody":                 {minnie(), session.Checks{}, permission.ErrDenied},
		"the user, about nobody, by a proof":     {minnie(), session.Checks{Password: goodPassword}, permission.ErrDenied},
		"the user, about another":                {minnie(), session.Checks{UserID: "daisy", Password: goodPassword}, permission.ErrDenied},
		"a stranger":                             {stranger(), byPassword(), permission.ErrDenied},
		"a stranger, about nobody who exists":    {stranger(), session.Checks{UserID: "nobody"}, permission.ErrDenied},
		"a stranger, by no name that exists":     {stranger(), session.Checks{LoginName: "nobody"}, permission.ErrDenied},
		"who owns the organization":              {owner(), byPassword(), permission.ErrDenied},
		"who owns another":                       {elsewhere, byPassword(), permission.ErrDenied},
		"nobody":                                 {nil, byPassword(), permission.ErrUnauthenticated},
		"nobody in particular":                   {&permission.Caller{}, byPassword(), permission.ErrUnauthenticated},
		"a stranger, with a request of nonsense": {stranger(), session.Checks{TOTP: "x"}, permission.ErrDenied},
	} {
		_, err := n.Sessions.Create(t.Context(), c.as, session.Create{Checks: c.checks})
		refused(t, name, err, c.want)
	}
}

// What a refusal leaves with the user is a guess that was made, and no more.
func TestAWrongProofCounts(t *testing.T) {
	t.Parallel()
	n := scene(t)
	for range 10 {
		_, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: session.Checks{UserID: "minnie", Password: "wrong"}})
		refused(t, "a guess", err, user.ErrWrongPassword)
	}
	_, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: byPassword()})
	refused(t, "the eleventh, though it is right", err, user.ErrPasswordThrottled)
	_, err = n.Sessions.Create(t.Context(), minnie(), session.Create{Checks: byPassword()})
	refused(t, "the user herself", err, user.ErrPasswordThrottled)
}
