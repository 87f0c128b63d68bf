package intent_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/user"
)

// linkClaim is the command that gives minnie the foreign account, without asking any rule.
func linkClaim(t *testing.T, s *scene) (command.Call[user.State], error) {
	t.Helper()
	claim, err := user.LinkClaim(t.Context(), s.Runtime.Vault, s.Tenant, s.provider, federationtest.ExternalID)
	return command.Call[user.State]{
		Tenant: s.Tenant, ID: "minnie", Actor: "test",
		Decide: func(context.Context, *command.Snapshot[user.State]) (command.Decision, error) {
			d := command.Decision{Owner: "default", Subject: "minnie"}
			d.Claims = append(d.Claims, claim)
			d.Add(s.Runtime.NewID(), &eventv1.UserHumanAdded{OrganizationId: "default", Username: "minnie"})
			d.Add(s.Runtime.NewID(), &eventv1.UserIDPLinked{ProviderId: s.provider, ExternalId: federationtest.ExternalID})
			return d, nil
		},
	}, err
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	begun := s.start(t)
	if begun.Form != nil || begun.Done != nil || begun.Receipt.Version != 1 {
		t.Fatalf("begun: %+v", begun)
	}
	if state := query(t, begun.URL).Get("state"); !strings.HasPrefix(state, begun.ID+".") {
		t.Errorf("state %q of intent %s", state, begun.ID)
	}
	target, err := s.Intents.Callback(t.Context(), s.back(t, begun))
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, target)
	if q.Get("id") != begun.ID || q.Get("token") == "" || q.Has("user") || q.Get("app") != "1" {
		t.Errorf("sent to %s", target)
	}
	out, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: begun.ID, Token: q.Get("token")})
	if err != nil {
		t.Fatal(err)
	}
	if i := out.Information; i.GetExternalId() != federationtest.ExternalID || i.GetUsername() != federationtest.Username || i.GetFamilyName() != federationtest.FamilyName || !i.GetEmailVerified() {
		t.Errorf("information: %v", i)
	}
	if out.Credentials.GetAccessToken() == "" || out.Credentials.GetIdToken() == "" || out.UserID != "" || out.ProviderID != s.provider || out.Receipt.Version != 2 {
		t.Errorf("outcome: %+v", out)
	}
	if got := commandtest.Types(s.recorded(t, begun.ID)); !slices.Equal(got, []string{"intent.started", "intent.succeeded"}) {
		t.Errorf("recorded %q", got)
	}
}

// The user who is linked with the account comes with the answers.
func TestSignInOfALinkedUser(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.link(t)
	target, err := s.Intents.Callback(t.Context(), s.back(t, s.start(t)))
	if err != nil {
		t.Fatal(err)
	}
	q := query(t, target)
	if q.Get("user") != "minnie" {
		t.Errorf("sent to %s", target)
	}
	out, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: q.Get("id"), Token: q.Get("token")})
	if err != nil || out.UserID != "minnie" {
		t.Errorf("user %q, %v", out.UserID, err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	browser := &intent.Browser{SuccessURL: success, FailureURL: failed}
	for name, c := range map[string]struct {
		as   *permission.Caller
		when intent.Start
		want error
	}{
		"nobody":                        {nil, intent.Start{ProviderID: s.provider, Browser: browser}, permission.ErrUnauthenticated},
		"unknown provider":              {loginPage(), intent.Start{ProviderID: "nothing", Browser: browser}, intent.ErrProviderNotFound},
		"no content":                    {loginPage(), intent.Start{ProviderID: s.provider}, intent.ErrNoContent},
		"both contents":                 {loginPage(), intent.Start{ProviderID: s.provider, Browser: browser, Directory: &intent.Login{Username: "a", Password: "b"}}, intent.ErrNoContent},
		"a login where there is a page": {loginPage(), intent.Start{ProviderID: s.provider, Directory: &intent.Login{Username: "a", Password: "b"}}, intent.ErrWrongKind},
		"a login without a password":    {loginPage(), intent.Start{ProviderID: s.provider, Directory: &intent.Login{Username: "a"}}, intent.ErrLoginInvalid},
	} {
		if _, err := s.Intents.Start(t.Context(), c.as, c.when); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A callback that belongs to no sign-in is told nothing, sent nowhere, and leaves the sign-in as it was.
func TestCallbacksThatBelongToNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	good := s.back(t, s.start(t))
	id, secret, _ := strings.Cut(good.State, ".")
	other, _, _ := strings.Cut(query(t, s.start(t).URL).Get("state"), ".")
	for name, cb := range map[string]intent.Callback{
		"no state":                 {Answer: good.Answer},
		"the id alone":             {State: id, Answer: good.Answer},
		"an empty secret":          {State: id + ".", Answer: good.Answer},
		"another secret":           {State: id + "." + strings.Repeat("A", len(secret)), Answer: good.Answer},
		"the secret of another":    {State: other + "." + secret, Answer: good.Answer},
		"an unknown intent":        {State: "nothing." + secret, Answer: good.Answer},
		"an id that cannot be one": {State: "#digest." + secret, Answer: good.Answer},
		"the path of a provider":   {State: good.State, ProviderID: "another", Answer: good.Answer},
	} {
		if target, err := s.Intents.Callback(t.Context(), cb); !errors.Is(err, intent.ErrUnknownState) || target != "" {
			t.Errorf("%s: %q, %v", name, target, err)
		}
	}
	if _, err := s.Intents.Callback(t.Context(), good); err != nil {
		t.Errorf("the right one, after all: %v", err)
	}
}

func TestACallbackIsGoodOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	another := s.Another(t)
	cb := s.back(t, s.start(t))
	var done atomic.Int32
	var callbacks sync.WaitGroup
	for i := range 8 {
		node := []*commandtest.Node{s.Node, another}[i%2]
		callbacks.Go(func() {
			target, err := node.Intents.Callback(context.Background(), cb)
			switch {
			case err == nil && strings.Contains(target, "token="):
				done.Add(1)
			case err == nil:
				t.Errorf("sent to %s", target)
			case !errors.Is(err, intent.ErrUnknownState):
				t.Error(err)
			}
		})
	}
	callbacks.Wait()
	if done.Load() != 1 || s.foreign.Exchanges() != 1 {
		t.Errorf("%d callbacks succeeded, the provider was asked %d times", done.Load(), s.foreign.Exchanges())
	}
	if _, err := s.Intents.Callback(t.Context(), cb); !errors.Is(err, intent.ErrUnknownState) {
		t.Errorf("a replay: %v", err)
	}
}

// What goes wrong at the provider ends at the failure URL with a reason, and the intent has failed.
func TestCallbacksThatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, s *scene, cb *intent.Callback)
		reason string
	}{
		"the person said no": {func(_ *testing.T, _ *scene, cb *intent.Callback) {
			cb.Answer = url.Values{"state": {cb.State}, "error": {"access_denied"}, "error_description": {"<script>"}}
		}, "access_denied"},
		"a code of somebody else": {func(_ *testing.T, _ *scene, cb *intent.Callback) { cb.Answer.Set("code", "made-up") }, "access_denied"},
		"no code":                 {func(_ *testing.T, _ *scene, cb *intent.Callback) { cb.Answer.Del("code") }, "invalid_response"},
		"too late":                {func(_ *testing.T, s *scene, _ *intent.Callback) { s.Clock.Advance(10 * time.Minute) }, "expired"},
		"the provider is gone": {func(t *testing.T, s *scene, _ *intent.Callback) {
			if _, err := s.Providers.Remove(t.Context(), commandtest.Admin(), s.provider); err != nil {
				t.Fatal(err)
			}
		}, "provider_removed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			begun := s.start(t)
			cb := s.back(t, begun)
			c.change(t, s, &cb)
			target, err := s.Intents.Callback(t.Context(), cb)
			if err != nil {
				t.Fatal(err)
			}
			if want := failed + "?" + (url.Values{"id": {begun.ID}, "error": {c.reason}}).Encode(); target != want {
				t.Errorf("sent to %s, want %s", target, want)
			}
			if got := commandtest.Types(s.recorded(t, begun.ID)); !slices.Equal(got, []string{"intent.started", "intent.failed"}) {
				t.Errorf("recorded %q", got)
			}
			if _, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: begun.ID, Token: "x"}); !errors.Is(err, intent.ErrNotSucceeded) {
				t.Errorf("retrieve: %v", err)
			}
		})
	}
}

func TestRetrieveRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(s *scene, r *intent.Retrieve)
		want   error
	}{
		"right":                {func(*scene, *intent.Retrieve) {}, nil},
		"right, just so":       {func(s *scene, _ *intent.Retrieve) { s.Clock.Advance(time.Hour - time.Second) }, nil},
		"right, too late":      {func(s *scene, _ *intent.Retrieve) { s.Clock.Advance(time.Hour) }, intent.ErrExpired},
		"wrong":                {func(_ *scene, r *intent.Retrieve) { r.Token = "A" + r.Token }, intent.ErrInvalidToken},
		"empty":                {func(_ *scene, r *intent.Retrieve) { r.Token = "" }, intent.ErrInvalidToken},
		"wrong, too late":      {func(s *scene, r *intent.Retrieve) { s.Clock.Advance(time.Hour); r.Token = "x" }, intent.ErrInvalidToken},
		"of an unknown intent": {func(_ *scene, r *intent.Retrieve) { r.ID = "nothing" }, intent.ErrInvalidToken},
		"of what is no id":     {func(_ *scene, r *intent.Retrieve) { r.ID = "\x00" }, intent.ErrInvalidToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			r := s.succeed(t)
			c.change(s, &r)
			if _, err := s.Intents.Retrieve(t.Context(), loginPage(), r); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	t.Run("by nobody", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		if _, err := s.Intents.Retrieve(t.Context(), nil, s.succeed(t)); !errors.Is(err, permission.ErrUnauthenticated) {
			t.Error(err)
		}
	})
	t.Run("before it is finished", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		r := intent.Retrieve{ID: s.start(t).ID, Token: "x"}
		if _, err := s.Intents.Retrieve(t.Context(), loginPage(), r); !errors.Is(err, intent.ErrNotSucceeded) {
			t.Error(err)
		}
		s.Clock.Advance(10 * time.Minute)
		if _, err := s.Intents.Retrieve(t.Context(), loginPage(), r); !errors.Is(err, intent.ErrExpired) {
			t.Errorf("and too late: %v", err)
		}
	})
}

// An outcome does not outlive the session at the provider.
func TestOutcomeEndsWithTheProvidersSession(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	end := s.Clock.Now().Add(time.Minute)
	token := "token"
	digest, err := s.Runtime.Vault.Digest(t.Context(), s.Tenant, "intent-token:short", token)
	if err != nil {
		t.Fatal(err)
	}
	s.given(t, "short", &eventv1.IntentStarted{ProviderId: s.provider}, &eventv1.IntentSucceeded{
		TokenDigest: digest, Information: &eventv1.IntentInformation{ExternalId: "x"}, ExpiresAt: timestamppb.New(end),
	})
	if _, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: "short", Token: token}); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Minute)
	if _, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: "short", Token: token}); !errors.Is(err, intent.ErrExpired) {
		t.Errorf("after its end: %v", err)
	}
}

// However many try tokens at once, no more than the budget are compared: after that even the right one is refused.
func TestTokensAreGuessedAtFewTimes(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.succeed(t)
	wrong := intent.Retrieve{ID: r.ID, Token: "wrong"}
	var compared, refused atomic.Int32
	var guesses sync.WaitGroup
	for range 40 {
		guesses.Go(func() {
			switch _, err := s.Intents.Retrieve(context.Background(), loginPage(), wrong); {
			case errors.Is(err, intent.ErrInvalidToken):
				compared.Add(1)
			case errors.Is(err, intent.ErrThrottled):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	guesses.Wait()
	if compared.Load() != 10 || refused.Load() != 30 {
		t.Errorf("%d compared, %d refused", compared.Load(), refused.Load())
	}
	if _, err := s.Intents.Retrieve(t.Context(), loginPage(), r); !errors.Is(err, intent.ErrThrottled) {
		t.Errorf("the right one, after them: %v", err)
	}
}

func TestAnOutcomeIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.link(t)
	another := s.Another(t)
	r := s.succeed(t)
	use := intent.Use{ID: r.ID, Token: r.Token, UserID: "minnie"}
	var used atomic.Int32
	var uses sync.WaitGroup
	for i := range 8 {
		node := []*commandtest.Node{s.Node, another}[i%2]
		uses.Go(func() {
			switch out, err := node.Intents.Use(context.Background(), loginPage(), use); {
			case err == nil && out.UserID == "minnie":
				used.Add(1)
			case !errors.Is(err, intent.ErrNotSucceeded):
				t.Error(err)
			}
		})
	}
	uses.Wait()
	if used.Load() != 1 {
		t.Errorf("used %d times", used.Load())
	}
	if _, err := s.Intents.Retrieve(t.Context(), loginPage(), r); !errors.Is(err, intent.ErrNotSucceeded) {
		t.Errorf("retrieved after use: %v", err)
	}
}

func TestUseRefuses(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.succeed(t)
	for name, c := range map[string]struct {
		use  intent.Use
		want error
	}{
		"nobody is linked": {intent.Use{ID: r.ID, Token: r.Token, UserID: "minnie"}, intent.ErrOtherUser},
		"for nobody":       {intent.Use{ID: r.ID, Token: r.Token}, intent.ErrOtherUser},
		"a wrong token":    {intent.Use{ID: r.ID, Token: "x", UserID: "minnie"}, intent.ErrInvalidToken},
	} {
		if _, err := s.Intents.Use(t.Context(), loginPage(), c.use); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// The log, without its keys, shows neither state nor token nor what the provider said.
func TestWhatTheLogShows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	begun := s.start(t)
	cb := s.back(t, begun)
	target, err := s.Intents.Callback(t.Context(), cb)
	if err != nil {
		t.Fatal(err)
	}
	events, err := s.Store.ReadStream(t.Context(), s.intentStream(begun.ID), 0)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(cb.State, ".")
	for _, e := range events {
		all := string(e.Payload) + string(e.Personal) + string(e.Secret)
		for what, text := range map[string]string{
			"state": secret, "token": query(t, target).Get("token"), "name": federationtest.FamilyName, "verifier": "verifier", "URL": "example.com/done",
		} {
			if strings.Contains(all, text) {
				t.Errorf("%s shows the %s", e.Type, what)
			}
		}
	}
}
