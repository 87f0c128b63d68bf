// Package call holds what one request carries through the API: who calls, how fresh the answer must be, where the request
// came from, and the position in the log that its answer shows.
//
// The authentication in front of the handlers makes one Call per request; handlers read it and say what they answered from.
// A context without a Call belongs to nobody: every guard behind it refuses.
package call
