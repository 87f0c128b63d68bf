// Package provider is the aggregate of identity providers: where people may sign in besides here.
//
// A provider belongs to an organization, or to the whole instance when the organization is empty. It is of one kind for
// life: OpenID Connect, OAuth 2.0, LDAP or SAML 2.0.
//
//	        Add            Remove
//	Unknown ───► Active ───────────► Removed
//	              └──┘ Update
//
// Settings are open in the events and in the read model. Credentials are sealed with the provider's own data key; only
// the commands open them, to hand them to the clients of package federation, and no answer ever holds them. An update
// without credentials keeps the ones there are.
//
// An id is made here and never used again, so that links of users cannot come to mean an account somewhere else.
//
// Nothing is asked of a provider while a decision is being made. Test is the one command that talks to one, and it
// records nothing.
//
// Refusals are *failure.Error. Settings that cannot work are refused before anything is written: the client that would use
// them is built once to find out.
package provider
