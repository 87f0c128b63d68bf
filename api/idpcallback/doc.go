// Package idpcallback is where browsers come back to from identity providers, and where SAML providers find the metadata of
// this installation.
//
//	GET, POST  /idps/callback            OpenID Connect and OAuth 2.0
//	GET, POST  /idps/{id}/saml/acs       SAML
//	GET        /idps/{id}/saml/metadata  SAML
//
// Nobody is authenticated here: the state that a callback brings is what entitles it. A callback whose state is known ends
// in a redirect to the application that began the sign-in; every other one in a plain page without a link, which says the
// same whatever was wrong.
package idpcallback
