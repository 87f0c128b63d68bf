// Package local runs what Signet otherwise reaches over the network: a private PostgreSQL server as a child process and
// NATS with JetStream inside this process. `signet start` without configuration stands on it, and so do the tests.
//
// # Files
//
// Everything lives below the directory the caller names:
//
//	lock            held by the process that owns the server; says its pid
//	state.json      where the socket is, for a second process that wants to connect
//	postgres.log    what the server says, bounded to a few MiB, the older half in postgres.log.1
//	cluster/        the PostgreSQL data directory, owned by the server's account, mode 0700; holds the socket too
//	cluster.new-*   a cluster being made; removed at the next start
//
// # States of the private server
//
//	absent → initialized → running → stopped
//	                        ↑   ↓
//	                      restarting
//
// absent to initialized is one rename: initdb works in cluster.new-*, and what it leaves is flushed before the rename,
// so that a crash at any moment leaves either no cluster or a whole one. The database "signet" is created at the first
// start that finds none. A server that exits without being told is started again, at once and then with growing pauses,
// until it runs or Stop is called; only a cluster directory that is gone ends that, and closes Done.
//
// # One owner
//
// The lock is a flock, so it goes with its process however that ends. Who finds it taken gets ErrInUse, or connects to
// the owner's server by AttachPostgres.
//
// The server must not outlive its owner. On Linux the kernel sends it SIGINT (a fast shutdown) when the thread that
// started it ends; therefore one thread, kept for this alone, starts every child and lives as long as they do.
// Elsewhere, and while such a shutdown is still under way, the next start finds the predecessor, tells it to stop, and
// waits. A process is taken for the predecessor only when it works in this very cluster directory; a pid file that
// names anything else is stale, whatever process has that pid now.
//
// # Who may connect
//
// The server listens on no network, only on a Unix socket in a directory with mode 0700 that belongs to its account,
// and trusts who can open it: that account and root. PostgreSQL refuses to run as root, so for root the server runs as
// another account: the owner of the cluster, or "postgres", or "nobody". Where that account may not pass through a
// parent of the cluster directory (a data directory below /root, or made by mktemp -d), nothing is moved and no
// permission is changed: the server is handed the open directory and reaches it as /proc/self/fd/3. That needs Linux.
//
// The package needs Unix.
//
// A Unix socket's path is limited to about 104 bytes. A longer one makes the socket move to a new private directory
// below the temporary directory.
//
// # How it fails
//
// ErrNoBinaries, *VersionError, *InUseError, *UnreachableError and *StartError each say in one line what to do. After a
// crash of this process or of the machine nothing acknowledged is lost: the settings of durability are PostgreSQL's
// safe ones unless the caller overrides them. JetStream's messages survive a crash of the process; a crash of the
// machine may lose the last ones, which the notification reconciler publishes again.
package local
