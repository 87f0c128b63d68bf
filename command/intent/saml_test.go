package intent_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	eventv1 "github.com/signet-iam/signet/api/gen/signet/event/v1"
	"github.com/signet-iam/signet/command/federation/federationtest"
	"github.com/signet-iam/signet/command/intent"
	"github.com/signet-iam/signet/command/internal/commandtest"
	"github.com/signet-iam/signet/command/provider"
)

func TestSignInWithSAML(t *testing.T) {
	t.Parallel()
	s := &scene{Node: commandtest.New(t, database(t))}
	foreign := federationtest.NewSAMLProvider(t)
	for name, settings := range map[string]*eventv1.SAMLProvider{
		"by redirect":         {MetadataUrl: foreign.MetadataURL},
		"by redirect, signed": {MetadataUrl: foreign.MetadataURL, SignRequests: true},
		"by form, signed":     {MetadataUrl: foreign.MetadataURL, SignRequests: true, Binding: eventv1.SAMLBinding_SAML_BINDING_POST},
	} {
		added, err := s.Providers.Add(t.Context(), commandtest.Admin(), provider.Add{Settings: &eventv1.IdentityProvider{Name: name, Saml: settings}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		metadata, err := s.Providers.Metadata(t.Context(), s.Tenant, added.ID)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		foreign.Register(t, metadata)
		s.provider = added.ID
		begun := s.start(t)
		target, form := begun.URL, url.Values(nil)
		if begun.Form != nil {
			target, form = begun.Form.URL, url.Values{}
			for field, value := range begun.Form.Fields {
				form.Set(field, value)
			}
		}
		if posted := settings.GetBinding() == eventv1.SAMLBinding_SAML_BINDING_POST; posted != (form != nil) {
			t.Errorf("%s: %+v", name, begun)
		}
		answer := foreign.SignIn(t, target, form)
		cb := intent.Callback{State: answer.Get("RelayState"), ProviderID: added.ID, Answer: answer}
		sent, err := s.Intents.Callback(t.Context(), cb)
		if err != nil || !strings.HasPrefix(sent, commandtest.LoginOrigin+"/done?") {
			t.Fatalf("%s: sent to %q, %v", name, sent, err)
		}
		out, err := s.Intents.Retrieve(t.Context(), loginPage(), intent.Retrieve{ID: begun.ID, Token: query(t, sent).Get("token")})
		if err != nil || out.Information.GetExternalId() != federationtest.SAMLName || len(out.Credentials.GetAssertion()) == 0 {
			t.Errorf("%s: %v, %v", name, out.Information, err)
		}
		if _, err := s.Intents.Callback(t.Context(), cb); !errors.Is(err, intent.ErrUnknownState) {
			t.Errorf("%s, once more: %v", name, err)
		}
	}
}
