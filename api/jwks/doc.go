// Package jwks publishes the keys with which access tokens are signed, for services that verify tokens themselves.
//
//	GET, HEAD  /.well-known/jwks.json  JSON Web Key Set (RFC 7517, section 5)
//
// Nobody is authenticated here: the keys are public. A key is published some minutes before it signs, and the answer says for how
// long it may be kept: who keeps to that knows each key in time. What verifies in this way learns of a revocation only when the
// token expires.
package jwks
