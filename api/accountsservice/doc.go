// Package accountsservice implements signet.accounts.v1.AccountsService and PublicAccountsService.
//
// The messages of both are nearly empty: what an answer is about travels in its headers, where clients of this contract look for
// it. The header `authorization` has the access token, `session-id` the session token, and a cookie of that name the same for
// browsers. Scripts cannot read the cookie, and a page of another site cannot have it sent.
package accountsservice
