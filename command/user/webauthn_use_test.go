package user_test

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
)

func asked(t testing.TB, n *commandtest.Node) user.Assertion {
	t.Helper()
	question, err := n.Users.BeginAssertion(t.Context(), minnie(), user.BeginAssertion{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	return question
}

func use(t testing.TB, n *commandtest.Node, as *permission.Caller, ceremony, response []byte) (user.WebAuthnUse, error) {
	t.Helper()
	return n.Users.UseWebAuthn(t.Context(), as, user.UseWebAuthn{UserID: "minnie", Ceremony: ceremony, Response: response})
}

func TestUses(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			n, d := enrolled(t, algorithm)
			question := asked(t, n)
			before := n.Version(t, "minnie")
			d.key.Counter = 7
			used, err := use(t, n, stranger(), question.Ceremony, d.get(t, question.Options))
			if err != nil {
				t.Fatal(err)
			}
			if used.Purpose != passkey || !used.UserVerified || used.ID == "" || used.Receipt.Version != before+1 {
				t.Errorf("proven: %+v", used)
			}
			want := &eventv1.UserWebAuthnUsed{WebauthnId: used.ID, SignCount: 7}
			if events := n.Recorded(t, "minnie", before); len(events) != 1 || !proto.Equal(events[0], want) {
				t.Errorf("recorded %v", events)
			}
		})
	}
}

func TestWhatABrowserIsAskedToGet(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	question := asked(t, n)
	options := decoded(t, question.Options)["publicKey"].(map[string]any)
	delete(options, "challenge")
	want := map[string]any{
		"rpId": "login.example.com", "timeout": 300000.0, "userVerification": "required",
		"allowCredentials": []any{map[string]any{"type": "public-key", "id": base64url(d.key.ID), "transports": []any{"internal"}}},
	}
	if !reflect.DeepEqual(options, want) {
		t.Errorf("options\n got %v\nwant %v", options, want)
	}
	for name, c := range map[string]struct {
		req  user.BeginAssertion
		want error
	}{
		"where nothing is registered": {user.BeginAssertion{UserID: "minnie", Domain: "example.com"}, user.ErrNoCredential},
		"where nothing can be":        {user.BeginAssertion{UserID: "minnie", Domain: "evil.com"}, user.ErrDomainNotAllowed},
	} {
		if _, err := n.Users.BeginAssertion(t.Context(), minnie(), c.req); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A second factor answers only where the authenticator need not verify its user; then it may leave that out.
func TestASecondFactorIsNoPasskey(t *testing.T) {
	t.Parallel()
	n, d := commandtest.New(t, database(t)), newDevice("ES256")
	n.Given(t, "minnie", person())
	begun, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	verify := user.VerifyCredential{UserID: "minnie", ID: begun.ID, Name: "key", Response: d.create(t, begun.Options)}
	if _, err := n.Users.VerifyU2F(t.Context(), minnie(), verify); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Users.BeginAssertion(t.Context(), minnie(), user.BeginAssertion{UserID: "minnie"}); !errors.Is(err, user.ErrNoCredential) {
		t.Errorf("as passkey: %v", err)
	}
	question, err := n.Users.BeginAssertion(t.Context(), minnie(), user.BeginAssertion{UserID: "minnie", Verification: webauthn.VerificationDiscouraged})
	if err != nil {
		t.Fatal(err)
	}
	d.auth.Options.UserNotVerified = true
	d.key.Counter++
	used, err := use(t, n, stranger(), question.Ceremony, d.get(t, question.Options))
	if err != nil || used.Purpose != secondFactor || used.UserVerified {
		t.Errorf("as second factor: %+v, %v", used, err)
	}
}

// The cases share a clock and a device, and follow each other.
func TestRefusedUses(t *testing.T) {
	n, honest := enrolled(t, "ES256")
	for name, c := range map[string]struct {
		lie  func(d *device)
		wait time.Duration
		want error
	}{
		"the truth":                     {},
		"too late":                      {wait: 6 * time.Minute, want: user.ErrCeremonyExpired},
		"another origin":                {lie: func(d *device) { d.rp.Origin = "https://evil.com" }, want: user.ErrAssertionRejected},
		"a configured origin elsewhere": {lie: func(d *device) { d.rp.Origin = "http://localhost:8080" }, want: user.ErrAssertionRejected},
		"another relying party":         {lie: func(d *device) { d.rp.ID = "example.com" }, want: user.ErrAssertionRejected},
		"a user who was not verified":   {lie: func(d *device) { d.auth.Options.UserNotVerified = true }, want: user.ErrAssertionRejected},
		"a user who was not there":      {lie: func(d *device) { d.auth.Options.UserNotPresent = true }, want: user.ErrAssertionRejected},
		"another user's handle":         {lie: func(d *device) { d.auth.Options.UserHandle = []byte("daisy") }, want: user.ErrAssertionRejected},
		"the user's handle":             {lie: func(d *device) { d.auth.Options.UserHandle = []byte("minnie") }},
		"became one that is backed up":  {lie: func(d *device) { d.auth.Options.BackupEligible = true }, want: user.ErrAssertionRejected},
		"another credential":            {lie: func(d *device) { d.key = newDevice("ES256").key }, want: user.ErrAssertionRejected},
		"another key":                   {lie: func(d *device) { d.key.Key = newDevice("ES256").key.Key }, want: user.ErrAssertionRejected},
	} {
		t.Run(name, func(t *testing.T) {
			honest.key.Counter++
			d, question := *honest, asked(t, n)
			if c.lie != nil {
				c.lie(&d)
			}
			response := d.get(t, question.Options)
			n.Clock.Advance(c.wait)
			before := n.Version(t, "minnie")
			if c.want != nil {
				if _, err := use(t, n, stranger(), question.Ceremony, response); !errors.Is(err, user.ErrAssertionRejected) {
					t.Errorf("a stranger: %v", err)
				}
			}
			if _, err := use(t, n, minnie(), question.Ceremony, response); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if events := n.Recorded(t, "minnie", before); (len(events) == 1) != (c.want == nil) {
				t.Errorf("recorded %q", commandtest.Types(events))
			}
		})
	}
}

func TestAnAssertionAnswersItsQuestionOnly(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	first, second := asked(t, n), asked(t, n)
	d.key.Counter = 7
	response := d.get(t, first.Options)
	if _, err := use(t, n, minnie(), second.Ceremony, response); !errors.Is(err, user.ErrAssertionRejected) {
		t.Errorf("another question: %v", err)
	}
	for _, garbage := range [][]byte{nil, []byte("{}"), attestation()} {
		if _, err := use(t, n, minnie(), first.Ceremony, garbage); !errors.Is(err, user.ErrUnreadableCredential) {
			t.Errorf("%.20q: %v", garbage, err)
		}
	}
	n.Given(t, "daisy", person())
	req := user.UseWebAuthn{UserID: "daisy", Ceremony: first.Ceremony, Response: response}
	if _, err := n.Users.UseWebAuthn(t.Context(), admin(), req); !errors.Is(err, user.ErrAssertionRejected) {
		t.Errorf("for another user: %v", err)
	}
	remove(t, n, "minnie")
	if _, err := use(t, n, minnie(), first.Ceremony, response); !errors.Is(err, user.ErrAssertionRejected) {
		t.Errorf("once the passkey was removed: %v", err)
	}
}

// The counter of a key goes up, or stays at zero; whatever else it does is a copy of the key at work.
func TestCounters(t *testing.T) {
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	for name, c := range map[string]struct {
		first, next uint32
		cloned      bool
		recorded    bool
	}{
		"up":          {5, 6, false, true},
		"up by more":  {5, 4_000_000_000, false, true},
		"not up":      {5, 5, true, true},
		"back":        {5, 4, true, true},
		"to zero":     {5, 0, true, true},
		"stays zero":  {0, 0, false, false},
		"begins late": {0, 1, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, begun := newDevice("ES256"), enrolling(t, n)
			d.key.Counter = c.first
			if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
				t.Fatal(err)
			}
			question := asked(t, n)
			d.key.Counter = c.next
			before := n.Version(t, "minnie")
			_, err := use(t, n, minnie(), question.Ceremony, d.get(t, question.Options))
			if errors.Is(err, user.ErrCloneSuspected) != c.cloned || !c.cloned && err != nil {
				t.Errorf("%v", err)
			}
			events := n.Recorded(t, "minnie", before)
			if (len(events) == 1) != c.recorded {
				t.Fatalf("recorded %q", commandtest.Types(events))
			}
			want := &eventv1.UserWebAuthnCloneSuspected{WebauthnId: begun.ID, SignCount: c.next, ExpectedAbove: c.first}
			if c.cloned && !proto.Equal(events[0], want) {
				t.Errorf("recorded %v, want %v", events[0], want)
			}
			if !c.cloned {
				return
			}
			if _, err := use(t, n, stranger(), question.Ceremony, d.get(t, question.Options)); !errors.Is(err, user.ErrAssertionRejected) {
				t.Errorf("a stranger: %v", err)
			}
		})
	}
}

func TestABackupIsRecorded(t *testing.T) {
	t.Parallel()
	n, d := commandtest.New(t, database(t)), newDevice("ES256")
	n.Given(t, "minnie", person())
	d.key.Counter, d.auth.Options.BackupEligible = 0, true
	begun := enrolling(t, n)
	if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
		t.Fatal(err)
	}
	d.auth.Options.BackupState = true
	for i, want := range []int{1, 0} {
		question := asked(t, n)
		before := n.Version(t, "minnie")
		if _, err := use(t, n, minnie(), question.Ceremony, d.get(t, question.Options)); err != nil {
			t.Fatal(err)
		}
		if events := n.Recorded(t, "minnie", before); len(events) != want {
			t.Errorf("use %d: recorded %v", i+1, events)
		}
	}
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
	if err != nil || !snap.State.WebAuthn[0].BackupState {
		t.Errorf("the backup is not remembered: %v", err)
	}
}

// One answer that arrives many times at once counts once: the counter has moved for all others.
func TestOneAnswerManyTimes(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	question := asked(t, n)
	d.key.Counter = 7
	response := d.get(t, question.Options)
	nodes := []*commandtest.Node{n, n.Another(t)}
	var accepted, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := nodes[i%2].Users.UseWebAuthn(t.Context(), minnie(), user.UseWebAuthn{UserID: "minnie", Ceremony: question.Ceremony, Response: response})
			switch {
			case err == nil:
				accepted.Add(1)
			case errors.Is(err, user.ErrCloneSuspected):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if accepted.Load() != 1 || refused.Load() != 31 {
		t.Errorf("%d accepted, %d refused", accepted.Load(), refused.Load())
	}
}
