// Command signet is the whole platform in one binary: the server, and what operators do beside it.
//
//	signet start                    serve; without configuration with a private database and NATS
//	signet migrate                  bring the schema up to date and leave
//	signet projection status        how the read models stand
//	signet projection rebuild NAME  fill a read model anew beside the running server
//	signet projection verify NAME   compare a read model with the log; exit 1 on a difference
//	signet projection retry|skip    go on with a parked stream
//	signet events tail              the log as JSON lines
//	signet keys rotate              a new master key, and every data key under it
//	signet tenant create NAME       another tenant, with an administrator of its own
//	signet tenant list              the tenants and their host names
//	signet tenant hosts NAME        other host names for a tenant
//	signet tenant delete NAME       put a tenant out of reach for good
//	signet apply -f DIR             bring organizations, projects, policies, … to what files say; --plan only prints the changes
//	signet admin-token              a new token for the administrator
//	signet version
//
// What goes wrong is said in one line on standard error, with what to do about it; the exit code is then 1. Mistakes in the files of
// signet apply follow that line, one a line. A plan with changes ends with exit code 2.
package main
