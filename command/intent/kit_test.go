package intent_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/permission"
	"github.com/signet-iam/signet/command/provider"
	"github.com/signet-iam/signet/eventstore"
	"github.com/signet-iam/signet/eventstore/codec"
)

const (
	success = commandtest.LoginOrigin + "/done?app=1"
	failed  = commandtest.LoginOrigin + "/sorry"
)

func loginPage() *permission.Caller { return commandtest.Caller("login-page") }

// scene is a node with a provider of OpenID Connect, and that provider.
type scene struct {
	*commandtest.Node
	foreign  *federationtest.OpenIDProvider
	provider string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Node: commandtest.New(t, database(t))}
	s.foreign = federationtest.NewOpenIDProvider(t, commandtest.ExternalURL+"/idps/callback")
	added, err := s.Providers.Add(t.Context(), commandtest.Admin(), provider.Add{
		Settings: &eventv1.IdentityProvider{
			Name: "Foreign", Oidc: &eventv1.OIDCProvider{Issuer: s.foreign.Issuer, ClientId: s.foreign.ClientID},
			LinkingAllowed: true, CreationAllowed: true,
		},
		Credentials: &eventv1.ProviderCredentials{ClientSecret: s.foreign.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.provider = added.ID
	return s
}

// start begins a sign-in.
func (s *scene) start(t *testing.T) intent.Begun {
	t.Helper()
	begun, err := s.Intents.Start(t.Context(), loginPage(), intent.Start{
		ProviderID: s.provider, Browser: &intent.Browser{SuccessURL: success, FailureURL: failed},
	})
	if err != nil {
		t.Fatal(err)
	}
	return begun
}

// back signs in at the provider and returns what the browser brings back.
func (s *scene) back(t *testing.T, begun intent.Begun) intent.Callback {
	t.Helper()
	arrived, err := url.Parse(s.foreign.SignIn(t, begun.URL))
	if err != nil {
		t.Fatal(err)
	}
	return intent.Callback{State: arrived.Query().Get("state"), Answer: arrived.Query()}
}

// succeed goes all the way and returns the entitlement.
func (s *scene) succeed(t *testing.T) intent.Retrieve {
	t.Helper()
	target, err := s.Intents.Callback(t.Context(), s.back(t, s.start(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(target, commandtest.LoginOrigin+"/done?") {
		t.Fatalf("sent to %s", target)
	}
	q := query(t, target)
	return intent.Retrieve{ID: q.Get("id"), Token: q.Get("token")}
}

func query(t *testing.T, target string) url.Values {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// given appends events to an intent's stream as history would have left them.
func (s *scene) given(t *testing.T, id string, events ...proto.Message) {
	t.Helper()
	_, _, err := s.IntentStates.Execute(t.Context(), command.Call[intent.State]{
		Tenant: s.Tenant, ID: id, Actor: "test",
		Decide: func(context.Context, *command.Snapshot[intent.State]) (command.Decision, error) {
			d := command.Decision{Subject: id}
			for _, e := range events {
				d.Add(s.Runtime.NewID(), e)
			}
			return d, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *scene) intentStream(id string) eventstore.StreamID {
	return eventstore.StreamID{Tenant: s.Tenant, Kind: intent.Kind, ID: id}
}

// recorded returns the events of an intent, opened.
func (s *scene) recorded(t *testing.T, id string) []proto.Message {
	t.Helper()
	events, err := s.Store.ReadStream(t.Context(), s.intentStream(id), 0)
	if err != nil {
		t.Fatal(err)
	}
	messages, _, err := s.Runtime.Codec.DecodeAll(t.Context(), events, codec.Secret)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]proto.Message, len(messages))
	for i, m := range messages {
		out[i] = m.Proto
	}
	return out
}

// link gives minnie the foreign account.
func (s *scene) link(t *testing.T) {
	t.Helper()
	claim, err := linkClaim(t, s)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.UserStates.Execute(t.Context(), claim)
	if err != nil {
		t.Fatal(err)
	}
}
