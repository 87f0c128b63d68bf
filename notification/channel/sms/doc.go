// Package sms hands text messages to a carrier: Twilio's REST API, or any gateway that takes an HTTP request.
//
// A Gateway is configured by the request it expects: method, URL, headers, and named fields sent as JSON or as a form. It
// gets the event's id as idempotency key, so that a carrier which honours it delivers once however often it is asked. Twilio
// has no such key.
//
// # Failure
//
// Status 429 and 5xx are temporary, with the carrier's Retry-After. What the carrier says about the message itself (400, 404,
// 422 by default) is permanent. Refused credentials (401, 403) and every other status are temporary, because the
// configuration is at fault, not the message. A connection that breaks or times out after the request was begun is
// uncertain; one that could not be opened is temporary. Redirects are not followed: they would carry credentials elsewhere.
// Answers are read up to 64 KiB.
package sms
