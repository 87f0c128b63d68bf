// Package intent is the aggregate of sign-ins at identity providers.
//
// An intent begins when an application asks for a sign-in, and ends with what the provider said of the person, which only
// the holder of a token can fetch.
//
//	        Start             Callback             Use
//	Unknown ─────► Started ─────────────► Succeeded ────► Used
//	                  └─────────────────► Failed
//
// # What holds it together
//
// The state that travels through the provider is the intent's id and 128 random bits, of which the log keeps a keyed
// digest. Without them a callback is told nothing, not even that the intent exists, and is sent nowhere. What belongs to
// the protocol (nonce, code verifier, request id) is the flow of package federation, sealed in the log.
//
// A callback is worked on once: it spends the intent's one attempt before the provider is asked, so that of two that
// arrive together one is turned away, and a replay finds the intent finished.
//
// The token that entitles to the outcome leaves once, with the redirect or the answer; the log keeps its digest. Guesses at
// it are counted before they are compared.
//
// The browser is sent only to URLs whose origin the operator has allowed, and which were checked before anything else
// happened (Redirects). Which browser comes back cannot be told here: an application binds the intent's id to the session
// it started it for.
//
// # Life
//
// An intent that is not finished after 10 minutes has failed. Its outcome can be fetched for an hour, or until the session
// at the provider ends, and be spent once.
//
// # Failure
//
// Refusals are *failure.Error. What a provider does wrong ends in a failed intent with one of a few reasons; the details
// are for logs. Nothing is asked of a provider while a decision is being made.
package intent
