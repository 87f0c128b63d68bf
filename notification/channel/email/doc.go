// Package email hands messages to a mail server over SMTP (RFC 5321) with STARTTLS, TLS from the start, or neither.
//
// Each mail has a plain and an HTML part, a Message-ID made from the event's id, so that every attempt at one message
// carries the same one, "Auto-Submitted: auto-generated" (RFC 3834), and RepeatHeader when it may have arrived before.
//
// # Connections
//
// A few connections are kept open between mails for a short while. A kept connection is asked (RSET) before it is used, and
// replaced when the server has closed it. A connection serves one mail at a time; any error ends it.
//
// # Failure
//
// A 5xx answer to RCPT or DATA is permanent: the server will not take this message. A 5xx answer before that (greeting,
// authentication, MAIL) says that server or configuration are wrong, not the message, and counts as temporary, as do 4xx
// answers and lost connections. If the connection breaks after the message's end was sent, the outcome is uncertain.
package email
