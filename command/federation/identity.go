package federation

import (
	"context"
	"net/url"
	"time"
)

// Identity is what a provider says about the person who signed in there, as it says it: nothing but ExternalID has to be there,
// and nothing was checked for its form or length besides Options.MaxBody.
type Identity struct {
	ExternalID    string // stable and unique at the provider
	Username      string
	GivenName     string
	FamilyName    string
	NickName      string
	DisplayName   string
	Email         string
	EmailVerified bool // the provider vouches for it; false where it says nothing
	Phone         string
	PhoneVerified bool
	Language      string // a BCP 47 tag, as the provider wrote it
	AvatarURL     string
	ProfileURL    string

	// Raw is a JSON object of everything the provider said: claims and user information, or attributes.
	Raw []byte
	// AccessToken, IDToken and RefreshToken are the provider's (OpenID Connect, OAuth 2.0). They are secrets.
	AccessToken, IDToken, RefreshToken string
	// Assertion is the XML of the response (SAML).
	Assertion []byte
	// Attributes of the person (SAML, LDAP). Values that are not text are in hexadecimal.
	Attributes map[string][]string
	// ExpiresAt is the end of the person's session at the provider; zero: the provider does not say (SAML).
	ExpiresAt time.Time
}

// Begin is what a sign-in at a provider starts with.
type Begin struct {
	State       string // unguessable, one per sign-in, at most 80 bytes (SAML's limit); the provider sends it back
	CallbackURL string // absolute; the provider knows it
	LoginHint   string // who wants to sign in, if known; only a hint
}

// Begun is where to send the browser: to URL, or with Form by a POST.
type Begun struct {
	URL  string
	Form *Form
	// Flow belongs to this sign-in and is secret: the nonce, the PKCE verifier, the id of the SAML request. Finish needs it.
	Flow []byte
}

// Form is what a browser posts (SAML's POST binding, section 3.5 of saml-bindings-2.0-os).
type Form struct {
	URL    string
	Fields map[string]string
}

// Finish is what a provider sent back.
type Finish struct {
	Flow        []byte     // of Begin; it is given to Finish once
	CallbackURL string     // the one of Begin
	State       string     // the one of Begin
	Answer      url.Values // query or form of the callback
}

// Redirecting is a provider where people sign in on pages of its own: *OIDC, *OAuth2 and *SAML.
type Redirecting interface {
	// Begin prepares a sign-in.
	Begin(context.Context, Begin) (Begun, error)
	// Finish judges the answer. It may be called once for what Begin returned.
	Finish(context.Context, Finish) (Identity, error)
	// Test finds out whether the configuration works as far as that shows without a person.
	Test(context.Context) error
}

var (
	_ Redirecting = (*OIDC)(nil)
	_ Redirecting = (*OAuth2)(nil)
	_ Redirecting = (*SAML)(nil)
)
