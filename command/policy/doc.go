// Package policy is the aggregate of policies: what an installation asks of passwords, sign-ins and locks, and how it looks and
// speaks to people.
//
// # Levels
//
// The instance has policies, and each organization may have some of its own. What holds for an organization is its own policy of a
// kind, else the instance's, else the one that is built in (Defaults). A policy is one event, which is all of it; setting it replaces
// it whole. Reset takes an organization's own away. Languages and security are the instance's alone.
//
//	          Set               Set
//	(none) ─────────► own ◄──────────┐
//	   ▲               │ └───────────┘
//	   └─────Reset─────┘
//
// # Effect
//
// Complexity and age of passwords, locks, self-registration, which identifiers sign people in, forced second factors, messages about
// changed passwords and languages are held by the commands of packages user, session and signin, and by the notification. What is left
// is for the pages that applications make, which read it here: texts, colours, links, how long a proof may be remembered.
//
// # How new an answer is
//
// A node remembers states (command.Recent): a setter's answer counts at once on its node, and on the others as soon as they hear of
// it, as a revocation does.
//
// # Who may
//
// Policies of an organization are set with policy.write there, the instance's with instance.write. Users read those that hold for
// them: their own organization's and the instance's; others need policy.read. Security is read with policy.read on the
// instance. Commands of the platform ask Get, which asks for nothing.
//
// # Failure
//
// Refusals are *failure.Error (errors.go).
package policy
