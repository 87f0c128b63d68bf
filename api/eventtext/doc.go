// Package eventtext says in the languages of people what happened to an account.
//
// There is a text for every type of event in a user's stream, in every language, in one table; a test holds the table against the
// types that are published. The texts name what happened and no value of the event, so that a person whose data were erased reads
// the same. A type that the table does not know, because a newer program recorded it, is shown by its name.
//
// The languages are those of the messages that the platform sends.
package eventtext
