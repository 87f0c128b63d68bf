// Package apply brings a running installation to what files say: organizations, projects with their roles and grants, policies,
// identity providers, and machine users with their memberships and authorizations. It is a client of the public API and nothing
// more: the permissions of the token decide what it can do, and the server refuses what it refuses to anybody.
//
// Three parts follow each other. [Read] turns files into a desired [State] or lists every mistake in them. [Server.Read] asks the
// server how the things that the files name stand there. [Diff] compares the two and returns the changes in the order in which they
// can be made; [Server.Make] makes one of them. Read and Diff are pure, so that a plan is exactly what would be done.
//
// Files say things by name. What no file names is left alone, and so is a field that is not written: only `state: absent` removes.
// Things come to be before what stands on them, go after that, dependents first, and become inactive last of all. A run that is cut
// short leaves the changes that were made; the next run goes on, because it compares again. Nothing guards against somebody
// else's change between reading and writing, and the last one stands.
//
// Secrets stand in no file. A file says from which variable of the environment a secret comes, no output holds it, and because it
// cannot be read back it is written only along with a change of something else, or when rotation is asked for.
package apply
