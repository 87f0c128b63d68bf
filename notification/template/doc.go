// Package template renders the platform's messages: subject, text and HTML of a mail, or the text of an SMS, in English or
// German.
//
// Each language has a file of named texts for each kind of message; one layout puts them together for text and one for
// HTML. Texts are parsed twice, by text/template and by html/template, so that HTML escapes every value by its context and
// plain text does not.
//
// # Links
//
// A message carries a link when the caller gave a URL template or the platform has a default for that kind. URL
// templates are Go text templates that know UserID, Code and OrgID, and CodeID where a passkey is to be registered.
// They come from callers, so only plain uses of these names, conditions and comparisons are accepted: nothing that
// loops, pads or calls. Every value is escaped for use in a query. The result must be an absolute http or https URL of
// at most 2048 bytes; a template that yields something else falls back to the default link, and without one the message
// goes without: its code is what counts.
//
// # Values
//
// Names are what users call themselves, and mail in the platform's name must not carry their advertisements: a name that
// holds control characters or looks like an address or a link is left out of the greeting. The same goes for the name of the
// application somebody is invited to; the platform's own stands in for it.
//
// # SMS
//
// An SMS has at most 160 characters of the GSM alphabet, one segment. A default link that does not fit is left out; a link
// the caller asked for stays, at the price of further segments.
package template
