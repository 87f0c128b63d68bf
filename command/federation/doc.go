// Package federation speaks to foreign identity providers: OpenID Connect, OAuth 2.0, SAML 2.0 and LDAP.
//
// A Client holds what all of them share: the one dialer, the time, the randomness. From a configuration it makes an *OIDC,
// an *OAuth2 or a *SAML, which send a person away (Begin) and judge what comes back (Finish), or an *LDAP, which asks the
// directory itself (Authenticate). The outcome is always an Identity. Nothing is stored here: Begin returns a flow, which is
// secret, and the caller gives it back to Finish once and never again. That the caller takes a flow only once is what keeps
// an answer from being used twice; that an answer fits only its own flow is kept here.
//
// # What is checked
//
// The state is the caller's and is compared in constant time before anything else of an answer is looked at. OpenID Connect
// and OAuth 2.0 always use PKCE with S256 (RFC 7636); the iss parameter (RFC 9207) is checked where it comes and demanded
// where the provider announces it. An ID token needs a signature by a key of the provider, with an asymmetric algorithm, the
// provider as issuer, this client as audience and authorized party, the nonce of the flow, and time left. User information
// counts only for the subject of the ID token. A SAML answer has to be signed over the assertion (or over the response around
// it) by a certificate of the provider's metadata with SHA-2, answer the request of the flow, be addressed to the callback
// and to this entity, and be of now; documents with a DTD, of unusual depth or size are not read at all. A directory is
// asked with an escaped filter, must know exactly one entry, is never asked with an empty password, and its referrals are not
// followed.
//
// # Where requests may go
//
// Endpoints come from administrators and from documents of foreign servers, so that every connection is made by one dialer
// that judges the resolved address: only addresses of the public internet pass, besides those that Options.AllowPrivate
// names. A name that resolves differently the second time gains nothing by it. Without TLS only addresses of AllowPrivate are
// spoken to. Proxies of the environment are ignored, at most three redirects are followed (none after a POST), answers are
// limited in size and time.
//
// # How it fails
//
// With a refusal (eventstore/failure) that is one of ErrDenied, ErrUntrusted, ErrUnreachable, ErrBlockedAddress and ErrConfig,
// for errors.Is. Its text says what is wrong in an administrator's words and holds no secret, no token and nothing of the person
// who signs in; whether an end user sees it is the caller's choice.
package federation
