// Package throttle slows down who tries too often.
//
// A limit counts attempts by a key: an identifier, an address, the recipient of a message. So many are free; after that each
// attempt has to wait, at first shortly, then twice as long each time, up to a bound. Attempts that come too soon are refused
// and say how long to wait; they do not count, so that nobody waits for ever. A key that is left alone is forgotten.
//
// The attempt is counted before it is judged, in one statement under a row lock: of many at once no more than are free get
// through. Keys are kept as keyed digests. Counters are rows, not events; the crossing of a limit is an event of a stream of its own.
//
// # Failure
//
// The refusal is of kind ResourceExhausted and carries the delay. A database that cannot be reached is a refusal of kind Unavailable:
// nobody gets through uncounted.
package throttle
