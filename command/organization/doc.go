// Package organization is the aggregate of organizations: who users, projects and policies belong to.
//
//	       Add            Deactivate
//	Absent ───► Active ◄──────────────► Inactive
//	              │        Activate        │
//	              └───────► Removed ◄──────┘
//	                 Remove
//
// Nobody of an inactive organization is let in, and everything it has is kept. Removal is for good: the id is never used
// again, and whatever hangs on an organization ends with it without events of its own, because whoever stands on an
// organization looks at its stream, or at what its node remembers of it (Directory). Users are the exception: their names are to be
// free again, so Clearing removes them one by one afterwards. The instance's default organization cannot be removed, nor can the one
// its caller belongs to unless the caller may remove any.
//
// # Domains
//
// An organization may say that a domain is its own. Once it has shown that it controls the domain (a file on the domain's web
// server, or a TXT record beside it) the domain is verified: only one organization of a tenant can hold it, by the claim
// "org-domain", and people can be added by naming it. The first verified domain is the primary one, which stays.
//
// A proof is a token that is shown once; the log knows its keyed digest. Asking for another voids the one before. Looking for a
// proof costs a request to a place of the caller's choice, so how often that may be done is bounded for each domain, before
// anything is sent. Nothing is asked of the network while a decision is being made: what was found is compared with the proof
// that counts when the decision is made.
//
// # Metadata
//
// Values that applications keep with an organization are open in the log. They are bounded as those of users are.
//
// # Failure
//
// Refusals are *failure.Error. Who may not do something to an organization is denied whether it exists or not.
package organization
