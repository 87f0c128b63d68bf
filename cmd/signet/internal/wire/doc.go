// Package wire puts the parts of Signet together: it is the only place that knows all of them.
//
// A Core is what every subcommand needs: the database (a private one is started, or joined if another process runs it), the
// log on it, and the keys. A Node is a Core that serves: commands, queries, projections and notification behind one port.
//
// What all tenants share is a domain: one cache of states, one hasher, one set of limits. What knows a tenant's name or its URLs is a
// tenancy, built when the tenant is first asked for; tenants finds it by the host name of a request, and passes to each of them what
// this process and others append.
//
// Parts start in the order of their needs and stop in the reverse order: the port first, so that nothing new comes in, then
// what works in the background, then the log, and the private database last.
package wire
