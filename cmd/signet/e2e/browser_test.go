package e2e_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	userv2 "github.com/signet-iam/signet/api/gen/signet/user/v2"
)

//go:embed web/passkey.html
var passkeyPage []byte

// A person registers a passkey with a browser of the real world, on a page that asks the server itself.
func TestABrowserRegistersAPasskey(t *testing.T) {
	t.Parallel()
	page, elsewhere := servePage(t), servePage(t)
	n := start(t, settings{args: []string{"--webauthn-origins", "https://login.example.com," + page}})
	browser := startBrowser(t)
	ctx, admin := t.Context(), n.admin()

	ada, err := admin.users.AddHumanUser(ctx, verified("browser@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	link := func() *userv2.PasskeyRegistrationCode {
		made, err := admin.users.CreatePasskeyRegistrationLink(ctx, &userv2.CreatePasskeyRegistrationLinkRequest{
			UserId: ada.GetUserId(), Medium: &userv2.CreatePasskeyRegistrationLinkRequest_ReturnCode{},
		})
		if err != nil {
			t.Fatal(err)
		}
		return made.GetCode()
	}
	register := func(from string, code *userv2.PasskeyRegistrationCode) outcome {
		return browser.register(t, from, registration{
			Server: n.url(), Token: n.token(), UserID: ada.GetUserId(), CodeID: code.GetId(), Code: code.GetCode(),
		})
	}

	// The browser lets any port of localhost use the domain; the server does not.
	if got := register(elsewhere, link()); got.Reason != "USER_WEBAUTHN_CREATE_CREDENTIAL_FAILED" {
		t.Errorf("on a page that is not configured: %+v", got)
	}
	code := link()
	done := register(page, code)
	if done.Error != "" || done.CredentialID == "" {
		t.Fatalf("on the page: %+v", done)
	}
	if got := register(page, code); got.Reason != "USER_CODE_INVALID" {
		t.Errorf("with the same code: %+v", got)
	}
	// The browser finds the passkey among those that the server excludes now.
	if got := register(page, link()); got.Error != "InvalidStateError" {
		t.Errorf("the same authenticator again: %+v", got)
	}
	if _, err := admin.users.RemovePasskey(ctx, &userv2.RemovePasskeyRequest{UserId: ada.GetUserId(), PasskeyId: done.PasskeyID}); err != nil {
		t.Fatal(err)
	}
	if again := register(page, link()); again.Error != "" || again.PasskeyID == done.PasskeyID {
		t.Errorf("once the passkey was removed: %+v", again)
	}
}

// servePage serves the page and returns its origin.
func servePage(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(passkeyPage)
	})}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "http://localhost:" + port
}

// browser is a headless Chromium with a virtual authenticator.
type browser struct {
	tab context.Context
}

// startBrowser skips the test where there is no Chromium, unless SIGNET_E2E_BROWSER demands one.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program, err := findBrowser()
	if err != nil {
		if os.Getenv("SIGNET_E2E_BROWSER") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP localhost 127.0.0.1"),
	)...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	if _, err := chromedp.Call(tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		},
	}); err != nil {
		t.Fatal(err)
	}
	return &browser{tab}
}

func findBrowser() (string, error) {
	var program string
	var err error
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if program, err = exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", err
}

// registration is what the page has to know.
type registration struct {
	Server, Token, UserID, CodeID, Code string
}

// outcome is what the page says in the end.
type outcome struct {
	PasskeyID, CredentialID string
	Error, Reason           string // what went wrong, and the server's reason where it was the server
}

// register opens a page and runs its registration.
func (b *browser) register(t *testing.T, page string, r registration) outcome {
	t.Helper()
	argument, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.tab, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(page)); err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	out, err := chromedp.Run(ctx, chromedp.Evaluate[outcome]("register("+string(argument)+")", chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	return out
}
