package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"connectrpc.com/connect"

	auditv1 "github.com/signet-iam/signet/api/gen/signet/audit/v1"
	idpv1 "github.com/signet-iam/signet/api/gen/signet/idp/v1"
	"github.com/signet-iam/signet/api/gen/signet/idp/v1/idpv1connect"
	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
	"github.com/signet-iam/signet/command/federation/federationtest"
)

// A person signs in at a provider of another make, becomes a user, and is that user the next time.
func TestSignInAtAnOpenIDProvider(t *testing.T) {
	t.Parallel()
	const application = "https://login.example.com"
	n := start(t, settings{args: []string{"--federation-allow-private", "127.0.0.0/8", "--redirect-origins", application}})
	_, port, _ := strings.Cut(n.address, ":")
	callback := "http://localhost:" + port + "/idps/callback"
	foreign := federationtest.NewOpenIDProvider(t, callback)
	providers := idpv1connect.NewProviderServiceClient(httpClient(t, n.token(), false), n.url())
	users := n.admin().users
	ctx := t.Context()

	added, err := providers.AddProvider(ctx, &idpv1.AddProviderRequest{
		Settings: &idpv1.ProviderSettings{
			Name: "Foreign", LinkingAllowed: true, CreationAllowed: true,
			Kind: &idpv1.ProviderSettings_Oidc{Oidc: &idpv1.OIDCSettings{Issuer: foreign.Issuer, ClientId: foreign.ClientID}},
		},
		Credentials: &idpv1.ProviderCredentials{ClientSecret: foreign.ClientSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	if added.GetCallbackUrl() != callback {
		t.Fatalf("callback %s, want %s", added.GetCallbackUrl(), callback)
	}
	if _, err := providers.TestProvider(ctx, &idpv1.TestProviderRequest{ProviderId: added.GetProviderId()}); err != nil {
		t.Fatalf("test: %v", err)
	}

	// signIn goes to the provider and back, and returns what the application is told.
	signIn := func() url.Values {
		t.Helper()
		begun, err := users.StartIdentityProviderIntent(ctx, &userv2.StartIdentityProviderIntentRequest{
			IdpId: added.GetProviderId(),
			Content: &userv2.StartIdentityProviderIntentRequest_Urls{Urls: &userv2.RedirectURLs{
				SuccessUrl: application + "/done", FailureUrl: application + "/sorry",
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		back := strings.Replace(foreign.SignIn(t, begun.GetAuthUrl()), "localhost", "127.0.0.1", 1)
		status, target, _ := visit(t, back)
		if status != http.StatusSeeOther || !strings.HasPrefix(target, application+"/done?") {
			t.Fatalf("after the sign-in: %d, %s", status, target)
		}
		if status, target, body := visit(t, back); status != http.StatusBadRequest || target != "" || strings.Contains(body, foreign.Issuer) {
			t.Errorf("the callback once more: %d, %q, %s", status, target, body)
		}
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query()
	}

	told := signIn()
	if told.Has("user") {
		t.Errorf("a user nobody added: %v", told)
	}
	outcome, err := users.RetrieveIdentityProviderIntent(ctx, &userv2.RetrieveIdentityProviderIntentRequest{IdpIntentId: told.Get("id"), IdpIntentToken: told.Get("token")})
	if err != nil {
		t.Fatal(err)
	}
	if i := outcome.GetIdpInformation(); i.GetUserId() != federationtest.ExternalID || i.GetOauth().GetAccessToken() == "" || len(i.GetRawInformation().GetFields()) == 0 {
		t.Errorf("information: %v", i)
	}
	if outcome.GetUserId() != "" || outcome.GetCreateUser() == nil {
		t.Fatalf("proposed: %v", outcome)
	}
	created, err := users.AddHumanUser(ctx, outcome.GetAddHumanUser())
	if err != nil {
		t.Fatalf("the proposal: %v", err)
	}
	told = signIn()
	if told.Get("user") != created.GetUserId() {
		t.Errorf("the next time: %v, want user %s", told, created.GetUserId())
	}
	outcome, err = users.RetrieveIdentityProviderIntent(ctx, &userv2.RetrieveIdentityProviderIntentRequest{IdpIntentId: told.Get("id"), IdpIntentToken: told.Get("token")})
	if err != nil {
		t.Fatal(err)
	}
	if outcome.GetAddHumanUser() != nil || outcome.GetUpdateUser().GetUserId() != created.GetUserId() || outcome.GetUpdateHumanUser().GetUserId() != created.GetUserId() {
		t.Fatalf("proposed for somebody who is linked: %v", outcome)
	}
	if _, err := users.UpdateHumanUser(ctx, outcome.GetUpdateHumanUser()); err != nil {
		t.Errorf("the proposed change: %v", err)
	}
	if _, err := users.UpdateUser(ctx, outcome.GetUpdateUser()); err != nil {
		t.Errorf("the same by UpdateUser: %v", err)
	}
	_, err = users.RetrieveIdentityProviderIntent(ctx, &userv2.RetrieveIdentityProviderIntentRequest{IdpIntentId: told.Get("id"), IdpIntentToken: "wrong"})
	if connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Errorf("with a wrong token: %v", err)
	}
	account := &userv2.IDPLink{IdpId: added.GetProviderId(), UserId: federationtest.ExternalID, UserName: "name"}
	_, err = users.AddIDPLink(ctx, &userv2.AddIDPLinkRequest{UserId: created.GetUserId(), IdpLink: account})
	if connect.CodeOf(err) != connect.CodeAlreadyExists {
		t.Errorf("linked once more: %v", err)
	}
	if _, err := users.RemoveIDPLink(ctx, &userv2.RemoveIDPLinkRequest{UserId: created.GetUserId(), IdpId: account.GetIdpId(), LinkedUserId: account.GetUserId()}); err != nil {
		t.Error(err)
	}
	secretsStay(ctx, t, n, providers, added.GetProviderId(), foreign.ClientSecret)
}

// secretsStay looks for a provider's secret in everything that shows providers.
func secretsStay(ctx context.Context, t *testing.T, n *server, providers idpv1connect.ProviderServiceClient, id, secret string) {
	t.Helper()
	one, err := providers.GetProvider(ctx, &idpv1.GetProviderRequest{ProviderId: id})
	if err != nil {
		t.Fatal(err)
	}
	all, err := providers.ListProviders(ctx, &idpv1.ListProvidersRequest{})
	if err != nil || len(all.GetProviders()) != 1 || all.GetDetails().GetTotalResult() != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	history, err := n.admin().audit.ListEvents(ctx, &auditv1.ListEventsRequest{StreamKind: "idp", StreamId: id})
	if err != nil || len(history.GetEvents()) != 1 {
		t.Fatalf("%v, %v", history, err)
	}
	for what, shown := range map[string]fmt.Stringer{"get": one, "list": all, "history": history} {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("%s shows the secret", what)
		}
	}
	if strings.Contains(n.log(), secret) {
		t.Error("the log shows the secret")
	}
}

// A SAML provider reads the metadata from where it stands, and its answer comes as a form.
func TestSignInAtASAMLProvider(t *testing.T) {
	t.Parallel()
	n := start(t, settings{args: []string{"--federation-allow-private", "127.0.0.0/8"}})
	_, port, _ := strings.Cut(n.address, ":")
	application := "http://localhost:" + port // the installation's own origin
	foreign := federationtest.NewSAMLProvider(t)
	providers := idpv1connect.NewProviderServiceClient(httpClient(t, n.token(), false), n.url())
	users, ctx := n.admin().users, t.Context()
	added, err := providers.AddProvider(ctx, &idpv1.AddProviderRequest{Settings: &idpv1.ProviderSettings{
		Name: "SAML", Kind: &idpv1.ProviderSettings_Saml{Saml: &idpv1.SAMLSettings{
			Source: &idpv1.SAMLSettings_MetadataUrl{MetadataUrl: foreign.MetadataURL}, SignRequests: true,
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	status, _, metadata := visit(t, n.url()+"/idps/"+added.GetProviderId()+"/saml/metadata")
	if status != http.StatusOK {
		t.Fatalf("metadata: %d, %s", status, metadata)
	}
	foreign.Register(t, []byte(metadata))
	begun, err := users.StartIdentityProviderIntent(ctx, &userv2.StartIdentityProviderIntentRequest{
		IdpId: added.GetProviderId(),
		Content: &userv2.StartIdentityProviderIntentRequest_Urls{Urls: &userv2.RedirectURLs{
			SuccessUrl: application + "/done", FailureUrl: application + "/sorry",
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := foreign.SignIn(t, begun.GetAuthUrl(), nil)
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(strings.Replace(added.GetCallbackUrl(), "localhost", "127.0.0.1", 1), answer)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	sent, err := res.Location()
	if err != nil || res.StatusCode != http.StatusSeeOther || sent.Path != "/done" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("%s, %v, %v", res.Status, sent, err)
	}
	outcome, err := users.RetrieveIdentityProviderIntent(ctx, &userv2.RetrieveIdentityProviderIntentRequest{
		IdpIntentId: sent.Query().Get("id"), IdpIntentToken: sent.Query().Get("token"),
	})
	if err != nil || outcome.GetIdpInformation().GetUserId() != federationtest.SAMLName || len(outcome.GetIdpInformation().GetSaml().GetAssertion()) == 0 {
		t.Errorf("%v, %v", outcome.GetIdpInformation(), err)
	}
	if outcome.GetAddHumanUser() != nil || outcome.GetCreateUser() != nil {
		t.Error("a new user is proposed where none may be created")
	}
}

// Callbacks without a state that is known end here, whatever they bring.
func TestCallbacksLeadNowhere(t *testing.T) {
	t.Parallel()
	n := start(t, settings{})
	for _, path := range []string{
		"/idps/callback", "/idps/callback?state=a.b&code=c", "/idps/callback?state=&error=access_denied",
		"/idps/callback?state=%00&redirect_uri=https://evil.example", "/idps/x/saml/acs?RelayState=a.b&SAMLResponse=PHg+",
		"/idps/x/saml/metadata", "/idps/", "/idps//saml/acs",
	} {
		status, target, body := visit(t, n.url()+path)
		if status < 300 || status >= 500 || strings.Contains(target, "evil") || strings.Contains(body, "evil") {
			t.Errorf("%s: %d, %q, %s", path, status, target, body)
		}
	}
}

// visit is one request of a browser, which does not go where it is sent.
func visit(t *testing.T, target string) (status int, location, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(text)
}
