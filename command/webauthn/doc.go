// Package webauthn is the relying party's side of Web Authentication (WebAuthn Level 3): what a browser is asked, and whether
// its answer is true.
//
// It keeps nothing. A ceremony is a challenge and what was demanded with it; who runs one keeps both until the answer comes,
// and forgets them then, because the same answer would be true a second time. Domains and origins are those that were
// configured: an answer from any other page is refused, whatever the authenticator signed.
//
// # Failure
//
// ErrDomain refuses a domain that is not served. ErrUnreadable says that an answer is no answer at all, ErrRejected that it is
// one to another question: their causes are for logs.
package webauthn
