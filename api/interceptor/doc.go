// Package interceptor holds what every request passes on its way to a handler, from the outside in:
//
//   - Authentication (an http.Handler, so that nothing of a stranger's body is decoded) finds the caller of a bearer token, but for
//     procedures that are open to everybody.
//   - Observer counts, times, recovers from panics and puts the request id into the answer.
//   - Errors translates refusals and faults to status codes: the only place that does.
//   - Consistency reads the caller's demand on freshness and answers with the position that was shown.
//   - Validation holds requests against the rules in their message definitions.
//
// No decision about permissions is made here: guards live with the commands and queries, so that every door has them.
package interceptor
