package session_test

import (
	"context"
	"encoding/base32"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/command/session"
	"github.com/signet-iam/signet/command/user"
	"github.com/signet-iam/signet/command/webauthn"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/failure"
)

// attempt runs checks in a session by order of the login page.
func attempt(t testing.TB, n *commandtest.Node, id string, checks session.Checks) (session.Changed, error) {
	t.Helper()
	return n.Sessions.Set(t.Context(), loginPage(), session.Set{ID: id, Checks: checks})
}

func TestProofByApp(t *testing.T) {
	t.Parallel()
	n := scene(t)
	at := create(t, n, session.Checks{UserID: "minnie"})
	_, err := attempt(t, n, at.ID, session.Checks{TOTP: "123456"})
	kind(t, "without an app", err, failure.FailedPrecondition)
	seed := []byte("12345678901234567890")
	n.Given(t, "minnie", &eventv1.UserTOTPAdded{TotpId: "t", Seed: seed}, &eventv1.UserTOTPVerified{TotpId: "t"})
	code, err := totp.GenerateCode(base32.StdEncoding.EncodeToString(seed), n.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, err = attempt(t, n, at.ID, session.Checks{TOTP: "000000"})
	refused(t, "a wrong code", err, user.ErrWrongTOTP)
	then(t, n, at)
	if _, err := attempt(t, n, at.ID, session.Checks{TOTP: code}); err != nil {
		t.Fatal(err)
	}
	then(t, n, at, "session.totp.checked", "session.token.set")
	_, err = attempt(t, n, create(t, n, session.Checks{UserID: "minnie"}).ID, session.Checks{TOTP: code})
	refused(t, "the code in another session", err, user.ErrWrongTOTP)
	if !good(t, n, at.ID) {
		t.Error("not good")
	}
}

func TestProofByRecoveryCode(t *testing.T) {
	t.Parallel()
	n := scene(t)
	codes, err := n.Users.AddRecoveryCodes(t.Context(), minnie(), user.AddRecoveryCodes{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	at := create(t, n, session.Checks{UserID: "minnie", RecoveryCode: codes.Codes[3]})
	then(t, n, session.Changed{ID: at.ID}, "session.added", "session.user.checked", "session.recovery.code.checked", "session.token.set")
	if !good(t, n, at.ID) {
		t.Error("not good")
	}
	_, err = n.Sessions.Create(t.Context(), loginPage(), session.Create{Checks: session.Checks{UserID: "minnie", RecoveryCode: codes.Codes[3]}})
	refused(t, "once more", err, user.ErrWrongRecoveryCode)
}

// A code belongs to the challenge of its session.
func TestProofBySMS(t *testing.T) {
	t.Parallel()
	n := scene(t)
	n.Given(t, "minnie", &eventv1.UserPhoneChanged{Phone: "+41791234567"}, &eventv1.UserPhoneVerified{}, &eventv1.UserOTPSMSAdded{})
	challenged := func() session.Changed {
		out, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{
			Checks: session.Checks{UserID: "minnie"}, Challenges: session.Challenges{OTPSMS: user.Return{}},
		})
		if err != nil || out.Challenged.OTPSMS == "" {
			t.Fatal(err)
		}
		return out
	}
	mine, other := challenged(), challenged()
	_, err := attempt(t, n, other.ID, session.Checks{OTPSMS: mine.Challenged.OTPSMS})
	refused(t, "the code of another session", err, user.ErrWrongCode)
	if _, err := attempt(t, n, mine.ID, session.Checks{OTPSMS: mine.Challenged.OTPSMS}); err != nil {
		t.Fatal(err)
	}
	then(t, n, mine, "session.otp.sms.checked", "session.token.set")
	if !good(t, n, mine.ID) || good(t, n, other.ID) {
		t.Error("the wrong session is good")
	}
}

// device is a passkey of minnie.
type device struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func enrolled(t testing.TB, n *commandtest.Node) *device {
	t.Helper()
	d := &device{
		rp:   virtualwebauthn.RelyingParty{ID: "login.example.com", Origin: "https://login.example.com"},
		auth: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA),
	}
	begun, err := n.Users.RegisterPasskey(t.Context(), minnie(), user.RegisterPasskey{UserID: "minnie"})
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(begun.Options))
	if err != nil {
		t.Fatal(err)
	}
	response := virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *asked)
	_, err = n.Users.VerifyPasskey(t.Context(), minnie(), user.VerifyCredential{UserID: "minnie", ID: begun.ID, Name: "phone", Response: []byte(response)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *device) answer(t testing.TB, at session.Changed) []byte {
	t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(string(at.Challenged.WebAuthn))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *asked))
}

func askPasskey(t testing.TB, n *commandtest.Node) session.Changed {
	t.Helper()
	out, err := n.Sessions.Create(t.Context(), loginPage(), session.Create{
		Checks:     session.Checks{UserID: "minnie"},
		Challenges: session.Challenges{WebAuthn: &session.WebAuthnChallenge{Verification: webauthn.VerificationRequired}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProofByPasskey(t *testing.T) {
	t.Parallel()
	n := scene(t)
	d := enrolled(t, n)
	at := askPasskey(t, n)
	answer := d.answer(t, at)
	if _, err := attempt(t, n, at.ID, session.Checks{WebAuthn: answer}); err != nil {
		t.Fatal(err)
	}
	then(t, n, at, "session.webauthn.checked", "session.token.set")
	checked := recorded(t, n, at.ID, at.Receipt.Version)[0].(*eventv1.SessionWebAuthnChecked)
	if !checked.GetUserVerified() || !good(t, n, at.ID) {
		t.Errorf("%v", checked)
	}
	_, err := attempt(t, n, at.ID, session.Checks{WebAuthn: answer})
	refused(t, "the answer again", err, session.ErrNoChallenge)
}

// A wrong answer voids its question, and only its.
func TestAWrongAnswerVoidsTheQuestion(t *testing.T) {
	t.Parallel()
	n := scene(t)
	d := enrolled(t, n)
	at, other := askPasskey(t, n), askPasskey(t, n)
	_, err := attempt(t, n, at.ID, session.Checks{WebAuthn: d.answer(t, other)})
	refused(t, "the answer to another question", err, user.ErrAssertionRejected)
	then(t, n, at, "session.webauthn.failed")
	_, err = attempt(t, n, at.ID, session.Checks{WebAuthn: d.answer(t, at)})
	refused(t, "the right one afterwards", err, session.ErrNoChallenge)
	if _, err := attempt(t, n, other.ID, session.Checks{WebAuthn: d.answer(t, other)}); err != nil {
		t.Error(err)
	}
	if good(t, n, at.ID) {
		t.Error("the session is good")
	}
}

// One answer that comes many times at once, on two nodes: it is taken once.
func TestAnAnswerIsTakenOnce(t *testing.T) {
	t.Parallel()
	n := scene(t)
	nodes := []*commandtest.Node{n, n.Another(t)}
	d := enrolled(t, n)
	at := askPasskey(t, n)
	answer := d.answer(t, at)
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := attempt(t, nodes[i%2], at.ID, session.Checks{WebAuthn: answer})
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, session.ErrNoChallenge):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("taken %d times", won.Load())
	}
}

// succeeded records a sign-in at a provider as history would have left it, and returns its token.
func succeeded(t testing.TB, n *commandtest.Node, providerID, id string) string {
	t.Helper()
	digest, err := n.Runtime.Vault.Digest(t.Context(), n.Tenant, "intent-token:"+id, "token of "+id)
	if err != nil {
		t.Fatal(err)
	}
	end := timestamppb.New(n.Clock.Now().Add(hour))
	given(t, n.IntentStates, command.Call[intent.State]{Tenant: n.Tenant, ID: id}, command.Decision{Subject: "#intent:" + id},
		&eventv1.IntentStarted{ProviderId: providerID, ExpiresAt: end},
		&eventv1.IntentSucceeded{TokenDigest: digest, ExpiresAt: end, Information: &eventv1.IntentInformation{ExternalId: "e"}, Credentials: &eventv1.IntentCredentials{}})
	return "token of " + id
}

func given[S any](t testing.TB, x *command.Executor[S], call command.Call[S], d command.Decision, events ...proto.Message) {
	t.Helper()
	call.Actor = "test"
	for _, e := range events {
		d.Events = append(d.Events, command.Event{ID: newID(), Message: e})
	}
	call.Decide = func(context.Context, *command.Snapshot[S]) (command.Decision, error) { return d, nil }
	if _, _, err := x.Execute(t.Context(), call); err != nil {
		t.Fatal(err)
	}
}

func TestProofByProvider(t *testing.T) {
	t.Parallel()
	n := scene(t)
	foreign := federationtest.NewOpenIDProvider(t, commandtest.ExternalURL+"/idps/callback")
	added, err := n.Providers.Add(t.Context(), admin(), provider.Add{
		Settings: &eventv1.IdentityProvider{
			Name: "Foreign", Oidc: &eventv1.OIDCProvider{Issuer: foreign.Issuer, ClientId: foreign.ClientID}, LinkingAllowed: true, CreationAllowed: true,
		},
		Credentials: &eventv1.ProviderCredentials{ClientSecret: foreign.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	claim, err := user.LinkClaim(t.Context(), n.Runtime.Vault, n.Tenant, added.ID, "e")
	if err != nil {
		t.Fatal(err)
	}
	given(t, n.UserStates, command.Call[user.State]{Tenant: n.Tenant, ID: "minnie"}, command.Decision{Subject: "minnie", Claims: []eventstore.Claim{claim}},
		&eventv1.UserIDPLinked{ProviderId: added.ID, ExternalId: "e", Username: "m"})
	token := succeeded(t, n, added.ID, "i")
	of := func(userID, token string) session.Create {
		return session.Create{Checks: session.Checks{UserID: userID, IntentID: "i", IntentToken: token}}
	}
	_, err = n.Sessions.Create(t.Context(), loginPage(), of("minnie", "wrong"))
	kind(t, "a wrong token", err, failure.InvalidArgument)
	_, err = n.Sessions.Create(t.Context(), loginPage(), of("daisy", token))
	refused(t, "another user", err, intent.ErrOtherUser)
	at, err := n.Sessions.Create(t.Context(), loginPage(), of("minnie", token))
	if err != nil {
		t.Fatal(err)
	}
	then(t, n, session.Changed{ID: at.ID}, "session.added", "session.user.checked", "session.intent.checked", "session.token.set")
	if !good(t, n, at.ID) {
		t.Error("not good")
	}
	_, err = n.Sessions.Create(t.Context(), loginPage(), of("minnie", token))
	refused(t, "once more", err, intent.ErrNotSucceeded)
}
