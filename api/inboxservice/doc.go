// Package inboxservice serves signet.inbox.v1.InboxService, which shows what would have been sent while no provider is
// configured, and the page /inbox in front of it. The page itself is open and empty: it asks for a token and calls the
// service with it.
package inboxservice
