package user_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore/failure"
)

const (
	passkey      = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_PASSKEY
	secondFactor = eventv1.WebAuthnPurpose_WEB_AUTHN_PURPOSE_SECOND_FACTOR
)

// enrolling begins the registration of minnie's passkey.
func enrolling(t testing.TB, n *commandtest.Node) user.Registration {
	t.Helper()
	begun, err := n.Users.RegisterPasskey(t.Context(), minnie(), user.RegisterPasskey{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

// enrolled returns a node on which minnie has a passkey, and its device.
func enrolled(t testing.TB, algorithm string) (*commandtest.Node, *device) {
	t.Helper()
	n, d := commandtest.New(t, database(t)), newDevice(algorithm)
	n.Given(t, "minnie", person())
	begun := enrolling(t, n)
	if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
		t.Fatal(err)
	}
	return n, d
}

func finish(t testing.TB, n *commandtest.Node, as *permission.Caller, id string, response []byte) error {
	t.Helper()
	_, err := n.Users.VerifyPasskey(t.Context(), as, user.VerifyCredential{UserID: "minnie", ID: id, Name: "phone", Response: response})
	return err
}

func TestWhatABrowserIsAskedToCreate(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	begun, err := n.Users.RegisterPasskey(t.Context(), minnie(), user.RegisterPasskey{
		UserID: "minnie", Domain: "Example.com", Attachment: webauthn.CrossPlatform,
	})
	if err != nil {
		t.Fatal(err)
	}
	added := n.Recorded(t, "minnie", 1)[0].(*eventv1.UserWebAuthnAdded)
	if added.GetWebauthnId() != begun.ID || added.GetPurpose() != passkey || added.GetRelyingPartyId() != "example.com" {
		t.Errorf("recorded %v", added)
	}
	if life := added.GetExpiresAt().AsTime().Sub(n.Clock.Now()); life != 6*time.Minute {
		t.Errorf("an answer is waited for %s", life)
	}
	want := map[string]any{"publicKey": map[string]any{
		"rp":        map[string]any{"id": "example.com", "name": "Signet"},
		"user":      map[string]any{"id": base64url([]byte("minnie")), "name": "minnie", "displayName": "Minnie Mouse"},
		"challenge": base64url(added.GetChallenge()),
		"pubKeyCredParams": []any{
			map[string]any{"type": "public-key", "alg": -7.0}, map[string]any{"type": "public-key", "alg": -8.0}, map[string]any{"type": "public-key", "alg": -257.0},
		},
		"timeout":     300000.0,
		"attestation": "none",
		"authenticatorSelection": map[string]any{
			"authenticatorAttachment": "cross-platform", "requireResidentKey": true, "residentKey": "required", "userVerification": "required",
		},
	}}
	if got := decoded(t, begun.Options); !reflect.DeepEqual(got, want) {
		t.Errorf("options\n got %v\nwant %v", got, want)
	}
	if len(added.GetChallenge()) != 32 || bytes.Equal(added.GetChallenge(), make([]byte, 32)) {
		t.Errorf("challenge %x", added.GetChallenge())
	}
	noSecretsInTheOpen(t, n, "minnie", string(added.GetChallenge()))

	second, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	options := decoded(t, second.Options)["publicKey"].(map[string]any)
	selection := map[string]any{"requireResidentKey": false, "residentKey": "discouraged", "userVerification": "required"}
	if !reflect.DeepEqual(options["authenticatorSelection"], selection) {
		t.Errorf("a second factor: %v", options["authenticatorSelection"])
	}
}

func decoded(t testing.TB, options []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(options, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRegistrations(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			n, d := commandtest.New(t, database(t)), newDevice(algorithm)
			n.Given(t, "minnie", person(), &eventv1.UserMFAInitSkipped{})
			begun := enrolling(t, n)
			if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
				t.Fatal(err)
			}
			made := n.Recorded(t, "minnie", 3)[0].(*eventv1.UserWebAuthnVerified)
			if made.GetWebauthnId() != begun.ID || made.GetName() != "phone" || !bytes.Equal(made.GetCredentialId(), d.key.ID) ||
				!bytes.Equal(made.GetPublicKey(), d.publicKey(t)) || made.GetSignCount() != 1 || !made.GetUserVerified() || len(made.GetAaguid()) != 16 {
				t.Errorf("recorded %v", made)
			}
			if slices.Contains(made.GetTransports(), "carrier pigeon") {
				t.Errorf("transports %q", made.GetTransports())
			}
			snap, err := n.UserStates.Load(t.Context(), n.Tenant, "minnie")
			if err != nil || snap.State.MFASkipped {
				t.Errorf("still said to have no second factor: %v", err)
			}
			noSecretsInTheOpen(t, n, "minnie", string(d.key.ID))
		})
	}
}

// Everything that is not the answer to the question that was asked, on a page that may ask it, by a verified user. The
// cases share a clock and follow each other.
func TestRefusedRegistrations(t *testing.T) {
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	honest := func(d *device, options []byte, t *testing.T) []byte { return d.create(t, options) }
	from := func(origin string) func(*device) { return func(d *device) { d.rp.Origin = origin } }
	for name, c := range map[string]struct {
		lie    func(d *device)
		answer func(d *device, options []byte, t *testing.T) []byte
		id     string
		wait   time.Duration
		want   error
	}{
		"the truth":                       {answer: honest},
		"the truth, just in time":         {answer: honest, wait: 6*time.Minute - time.Second},
		"too late":                        {answer: honest, wait: 6 * time.Minute, want: user.ErrCeremonyExpired},
		"another origin":                  {lie: from("https://evil.com"), want: user.ErrCredentialRejected},
		"a configured origin elsewhere":   {lie: from("https://example.com:8443"), want: user.ErrCredentialRejected},
		"another port":                    {lie: from("https://login.example.com:444"), want: user.ErrCredentialRejected},
		"another scheme":                  {lie: from("http://login.example.com"), want: user.ErrCredentialRejected},
		"a longer host":                   {lie: from("https://login.example.com.evil.com"), want: user.ErrCredentialRejected},
		"a host below":                    {lie: from("https://evil.login.example.com"), want: user.ErrCredentialRejected},
		"no origin":                       {lie: from(""), want: user.ErrCredentialRejected},
		"in a frame of another page":      {lie: func(d *device) { d.cross = true }, want: user.ErrCredentialRejected},
		"another relying party":           {lie: func(d *device) { d.rp.ID = "example.com" }, want: user.ErrCredentialRejected},
		"a user who was not verified":     {lie: func(d *device) { d.auth.Options.UserNotVerified = true }, want: user.ErrCredentialRejected},
		"a user who was not there":        {lie: func(d *device) { d.auth.Options.UserNotPresent = true }, want: user.ErrCredentialRejected},
		"backed up but not to be":         {lie: func(d *device) { d.auth.Options.BackupState = true }, want: user.ErrCredentialRejected},
		"an id of more bytes than may be": {lie: func(d *device) { d.key.ID = make([]byte, 1024) }, want: user.ErrUnreadableCredential},
		"another id":                      {answer: honest, id: "another", want: user.ErrCredentialNotFound},
		"another challenge": {answer: func(d *device, options []byte, t *testing.T) []byte {
			var asked struct{ PublicKey map[string]any }
			if err := json.Unmarshal(options, &asked); err != nil {
				t.Fatal(err)
			}
			asked.PublicKey["challenge"] = base64url(make([]byte, 32))
			other, err := json.Marshal(map[string]any{"publicKey": asked.PublicKey})
			if err != nil {
				t.Fatal(err)
			}
			return d.create(t, other)
		}, want: user.ErrCredentialRejected},
		"another key than has signed": {answer: func(d *device, options []byte, t *testing.T) []byte {
			return alter(t, d.create(t, options), "attestationObject", func(raw []byte) { raw[len(raw)-1] ^= 1 })
		}, want: user.ErrCredentialRejected},
		"nothing":      {answer: func(*device, []byte, *testing.T) []byte { return nil }, want: user.ErrUnreadableCredential},
		"no JSON":      {answer: func(*device, []byte, *testing.T) []byte { return []byte("{") }, want: user.ErrUnreadableCredential},
		"no response":  {answer: func(*device, []byte, *testing.T) []byte { return []byte("{}") }, want: user.ErrUnreadableCredential},
		"an assertion": {answer: func(*device, []byte, *testing.T) []byte { return assertion() }, want: user.ErrUnreadableCredential},
		"too much": {answer: func(d *device, options []byte, t *testing.T) []byte {
			return append(d.create(t, options), bytes.Repeat([]byte(" "), 64<<10)...)
		}, want: user.ErrUnreadableCredential},
	} {
		t.Run(name, func(t *testing.T) {
			d, begun := newDevice("ES256"), enrolling(t, n)
			if c.lie != nil {
				c.lie(d)
			}
			if c.answer == nil {
				c.answer = honest
			}
			if c.id == "" {
				c.id = begun.ID
			}
			response := c.answer(d, begun.Options, t)
			n.Clock.Advance(c.wait)
			before := n.Version(t, "minnie")
			if c.want != nil && !errors.Is(c.want, user.ErrUnreadableCredential) {
				if err := finish(t, n, stranger(), c.id, response); !errors.Is(err, user.ErrCredentialRejected) {
					t.Errorf("a stranger: %v", err)
				}
			}
			if err := finish(t, n, minnie(), c.id, response); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if events := n.Recorded(t, "minnie", before); (len(events) == 1) != (c.want == nil) {
				t.Errorf("recorded %q", commandtest.Types(events))
			}
		})
	}
}

func TestAnAnswerIsGoodOnceAndForItsQuestion(t *testing.T) {
	t.Parallel()
	t.Run("replayed", func(t *testing.T) {
		t.Parallel()
		n, d := commandtest.New(t, database(t)), newDevice("ES256")
		n.Given(t, "minnie", person())
		begun := enrolling(t, n)
		response := d.create(t, begun.Options)
		if err := finish(t, n, minnie(), begun.ID, response); err != nil {
			t.Fatal(err)
		}
		if err := finish(t, n, minnie(), begun.ID, response); !errors.Is(err, user.ErrCredentialNotFound) {
			t.Errorf("for the same question: %v", err)
		}
		if err := finish(t, n, minnie(), enrolling(t, n).ID, response); !errors.Is(err, user.ErrCredentialRejected) {
			t.Errorf("for a new question: %v", err)
		}
		if err := finish(t, n, stranger(), begun.ID, response); !errors.Is(err, user.ErrCredentialRejected) {
			t.Errorf("by a stranger: %v", err)
		}
	})
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		n, d := commandtest.New(t, database(t)), newDevice("ES256")
		n.Given(t, "minnie", person())
		first, second := enrolling(t, n), enrolling(t, n)
		if err := finish(t, n, minnie(), first.ID, d.create(t, first.Options)); !errors.Is(err, user.ErrCredentialNotFound) {
			t.Errorf("the first question: %v", err)
		}
		if err := finish(t, n, minnie(), second.ID, d.create(t, first.Options)); !errors.Is(err, user.ErrCredentialRejected) {
			t.Errorf("the first answer to the second question: %v", err)
		}
		if err := finish(t, n, minnie(), second.ID, d.create(t, second.Options)); err != nil {
			t.Errorf("the second answer: %v", err)
		}
	})
	t.Run("of the other kind", func(t *testing.T) {
		t.Parallel()
		n, d := commandtest.New(t, database(t)), newDevice("ES256")
		n.Given(t, "minnie", person())
		begun, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
		if err != nil {
			t.Fatal(err)
		}
		pending := enrolling(t, n)
		if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); !errors.Is(err, user.ErrCredentialNotFound) {
			t.Errorf("a second factor as passkey: %v", err)
		}
		req := user.VerifyCredential{UserID: "minnie", ID: begun.ID, Name: "key", Response: d.create(t, begun.Options)}
		if _, err := n.Users.VerifyU2F(t.Context(), minnie(), req); err != nil {
			t.Errorf("a second factor beside a pending passkey: %v", err)
		}
		if err := finish(t, n, minnie(), pending.ID, newDevice("ES256").create(t, pending.Options)); err != nil {
			t.Errorf("the passkey: %v", err)
		}
	})
	t.Run("on another node", func(t *testing.T) {
		t.Parallel()
		n, d := commandtest.New(t, database(t)), newDevice("ES256")
		n.Given(t, "minnie", person())
		first := enrolling(t, n)
		begun := enrolling(t, n.Another(t))
		if err := finish(t, n, minnie(), first.ID, d.create(t, first.Options)); !errors.Is(err, user.ErrCredentialNotFound) {
			t.Errorf("replaced there: %v", err)
		}
		if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
			t.Errorf("begun there: %v", err)
		}
	})
}

func TestNamesOfCredentials(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	begun := enrolling(t, n)
	for _, name := range []string{"", "  ", "a\nb", "\xff", strings.Repeat("x", 201)} {
		_, err := n.Users.VerifyPasskey(t.Context(), minnie(), user.VerifyCredential{
			UserID: "minnie", ID: begun.ID, Name: name, Response: newDevice("ES256").create(t, begun.Options),
		})
		if !errors.Is(err, user.ErrCredentialName) {
			t.Errorf("%.10q: %v", name, err)
		}
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	for domain, c := range map[string]struct {
		origin string
		want   error
	}{
		"":                           {"https://login.example.com", nil},
		"login.example.com":          {"https://login.example.com", nil},
		"example.com":                {"https://example.com:8443", nil},
		"localhost":                  {"http://localhost:8080", nil},
		"ample.com":                  {want: user.ErrDomainNotAllowed},
		"other.example.com":          {want: user.ErrDomainNotAllowed},
		"evil.com":                   {want: user.ErrDomainNotAllowed},
		".com":                       {want: user.ErrDomainNotAllowed},
		"https://login.example.com":  {want: user.ErrDomainNotAllowed},
		"login.example.com:443":      {want: user.ErrDomainNotAllowed},
		"login.example.com.evil.com": {want: user.ErrDomainNotAllowed},
	} {
		begun, err := n.Users.RegisterPasskey(t.Context(), minnie(), user.RegisterPasskey{UserID: "minnie", Domain: domain})
		if !errors.Is(err, c.want) {
			t.Errorf("%q: %v, want %v", domain, err, c.want)
		}
		if _, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie", Domain: domain}); !errors.Is(err, c.want) {
			t.Errorf("%q: a second factor: %v, want %v", domain, err, c.want)
		}
		if c.want != nil || err != nil {
			continue
		}
		d := newDevice("ES256")
		if d.rp.Origin = c.origin; domain != "" {
			d.rp.ID = domain
		}
		if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
			t.Errorf("%q from %s: %v", domain, c.origin, err)
		}
	}
}

// A credential belongs to one user, until it is removed or its user is.
func TestACredentialHasOneUser(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	n.Given(t, "daisy", person())
	daisy := commandtest.Caller("daisy")
	again := func(userID string, as *permission.Caller) error {
		begun, err := n.Users.RegisterPasskey(t.Context(), admin(), user.RegisterPasskey{UserID: userID})
		if err != nil {
			t.Fatal(err)
		}
		_, err = n.Users.VerifyPasskey(t.Context(), as, user.VerifyCredential{UserID: userID, ID: begun.ID, Name: "phone", Response: d.create(t, begun.Options)})
		return err
	}
	if err := again("daisy", daisy); !errors.Is(err, user.ErrCredentialTaken) {
		t.Errorf("another user: %v", err)
	}
	if err := again("daisy", stranger()); !errors.Is(err, user.ErrCredentialRejected) {
		t.Errorf("another user, by a stranger: %v", err)
	}
	if err := again("minnie", minnie()); !errors.Is(err, user.ErrCredentialTaken) {
		t.Errorf("the same user: %v", err)
	}
	second, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	req := user.VerifyCredential{UserID: "minnie", ID: second.ID, Name: "key", Response: d.create(t, second.Options)}
	if _, err := n.Users.VerifyU2F(t.Context(), minnie(), req); !errors.Is(err, user.ErrCredentialTaken) {
		t.Errorf("the same user, as second factor: %v", err)
	}
	remove(t, n, "minnie")
	if err := again("daisy", daisy); err != nil {
		t.Errorf("once it was removed: %v", err)
	}
	if _, err := n.Users.Delete(t.Context(), admin(), "daisy"); err != nil {
		t.Fatal(err)
	}
	if err := again("minnie", minnie()); err != nil {
		t.Errorf("once its user was deleted: %v", err)
	}
}

// remove removes all passkeys that are ready.
func remove(t testing.TB, n *commandtest.Node, userID string) {
	t.Helper()
	snap, err := n.UserStates.Load(t.Context(), n.Tenant, userID)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range snap.State.WebAuthn {
		if w.Ready {
			if _, err := n.Users.RemovePasskey(t.Context(), admin(), user.RemoveCredential{UserID: userID, ID: w.ID}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRemovingCredentials(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	begun := enrolling(t, n)
	gone := func(kind string, err, want error) {
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", kind, err, want)
		}
	}
	req := user.RemoveCredential{UserID: "minnie", ID: begun.ID}
	_, err := n.Users.RemoveU2F(t.Context(), minnie(), req)
	gone("a passkey as second factor", err, user.ErrCredentialNotFound)
	_, err = n.Users.RemovePasskey(t.Context(), stranger(), req)
	gone("by a stranger", err, permission.ErrDenied)
	_, err = n.Users.RemovePasskey(t.Context(), minnie(), req)
	gone("unfinished", err, nil)
	_, err = n.Users.RemovePasskey(t.Context(), minnie(), req)
	gone("twice", err, user.ErrCredentialNotFound)
	if err := finish(t, n, minnie(), begun.ID, newDevice("ES256").create(t, begun.Options)); !errors.Is(err, user.ErrCredentialNotFound) {
		t.Errorf("to finish what was removed: %v", err)
	}
	_, err = n.Users.RemovePasskey(t.Context(), admin(), user.RemoveCredential{UserID: "nobody", ID: begun.ID})
	gone("of nobody", err, user.ErrCredentialNotFound)
}

func TestSoManyCredentials(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	d := newDevice("EdDSA")
	for i := range 20 {
		begun := enrolling(t, n)
		options := decoded(t, begun.Options)["publicKey"].(map[string]any)
		if excluded, _ := options["excludeCredentials"].([]any); len(excluded) != i {
			t.Fatalf("passkey %d: %d excluded", i+1, len(excluded))
		}
		d.key.ID = bytes.Repeat([]byte{byte(i + 1)}, 16)
		if err := finish(t, n, minnie(), begun.ID, d.create(t, begun.Options)); err != nil {
			t.Fatalf("passkey %d: %v", i+1, err)
		}
	}
	if _, err := n.Users.RegisterPasskey(t.Context(), minnie(), user.RegisterPasskey{UserID: "minnie"}); !errors.Is(err, user.ErrTooManyCredentials) {
		t.Errorf("passkey 21: %v", err)
	}
	elsewhere, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
	if err != nil {
		t.Fatalf("a second factor: %v", err)
	}
	if options := decoded(t, elsewhere.Options)["publicKey"].(map[string]any); options["excludeCredentials"] != nil {
		t.Errorf("passkeys are excluded for a second factor: %v", options["excludeCredentials"])
	}
}

// An authenticator signs what it says and what the browser says of the page: no bit of either may change.
func TestNoBitOfAnAnswerMayChange(t *testing.T) {
	t.Parallel()
	n, d := enrolled(t, "ES256")
	begun, question := enrolling(t, n), asked(t, n)
	other := newDevice("ES256")
	d.key.Counter++
	before := n.Version(t, "minnie")
	for _, c := range []struct {
		response []byte
		fields   []string
		submit   func(response []byte) error
	}{
		{other.create(t, begun.Options), []string{"clientDataJSON", "attestationObject"}, func(response []byte) error {
			return finish(t, n, minnie(), begun.ID, response)
		}},
		{d.get(t, question.Options), []string{"clientDataJSON", "authenticatorData", "signature"}, func(response []byte) error {
			_, err := use(t, n, minnie(), question.Ceremony, response)
			return err
		}},
	} {
		for _, field := range c.fields {
			for i := signedFrom(fieldOf(t, c.response, field)); i < len(fieldOf(t, c.response, field)); i++ {
				altered := alter(t, c.response, field, func(raw []byte) { raw[i] ^= 1 << (i % 8) })
				err := c.submit(altered)
				if refusal, ok := errors.AsType[*failure.Error](err); !ok || refusal.Kind != failure.InvalidArgument {
					t.Errorf("%s, byte %d: %v", field, i, err)
				}
			}
		}
		if after := n.Version(t, "minnie"); after != before {
			t.Fatalf("%d events", after-before)
		}
		if err := c.submit(c.response); err != nil {
			t.Errorf("unchanged: %v", err)
		}
		before = n.Version(t, "minnie")
	}
}

// signedFrom returns where a field begins to be signed: an attestation object names its parts first, and nobody signs names.
func signedFrom(raw []byte) int {
	party := sha256.Sum256([]byte("login.example.com"))
	return max(0, bytes.Index(raw, party[:]))
}

func fieldOf(t testing.TB, response []byte, field string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(decoded(t, response)["response"].(map[string]any)[field].(string))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// alter changes the bytes of one field of a response.
func alter(t testing.TB, response []byte, field string, change func([]byte)) []byte {
	t.Helper()
	raw := fieldOf(t, response, field)
	change(raw)
	credential := decoded(t, response)
	credential["response"].(map[string]any)[field] = base64url(raw)
	out, err := json.Marshal(credential)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Where no registration is named, the answer itself says which question it is to.
func TestAnAnswerFindsItsQuestion(t *testing.T) {
	t.Parallel()
	n := commandtest.New(t, database(t))
	n.Given(t, "minnie", person())
	replaced, pending := enrolling(t, n), enrolling(t, n)
	factor, err := n.Users.RegisterU2F(t.Context(), minnie(), user.RegisterU2F{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice("ES256")
	asFactor := func(response []byte) error {
		_, err := n.Users.VerifyU2F(t.Context(), minnie(), user.VerifyCredential{UserID: "minnie", Name: "key", Response: response})
		return err
	}
	for name, c := range map[string]struct {
		asked user.Registration
		as    func(response []byte) error
		want  error
	}{
		"a replaced question":                 {replaced, func(r []byte) error { return finish(t, n, minnie(), "", r) }, user.ErrCredentialNotFound},
		"a question for a factor, as passkey": {factor, func(r []byte) error { return finish(t, n, minnie(), "", r) }, user.ErrCredentialNotFound},
		"a question for a passkey, as factor": {pending, asFactor, user.ErrCredentialNotFound},
	} {
		if err := c.as(d.create(t, c.asked.Options)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := finish(t, n, minnie(), "", d.create(t, pending.Options)); err != nil {
		t.Errorf("the passkey: %v", err)
	}
	if err := finish(t, n, minnie(), "", d.create(t, pending.Options)); !errors.Is(err, user.ErrCredentialNotFound) {
		t.Errorf("the passkey again: %v", err)
	}
	if err := asFactor(newDevice("ES256").create(t, factor.Options)); err != nil {
		t.Errorf("the factor: %v", err)
	}
}
