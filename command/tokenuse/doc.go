// Package tokenuse remembers when personal access tokens were last used, so that their holders see which ones nobody needs.
//
// A use is noted in memory and written in the background, many at once: it costs a request a look into a map. A node writes a token
// at most once in five minutes, so a moment that is read may be that much older than the last use, and a node that is killed
// loses the uses of its last second.
//
// # Failure
//
// Uses that cannot be written are kept and tried again. Memory is bounded: beyond that uses are lost, and the next ones count.
package tokenuse
