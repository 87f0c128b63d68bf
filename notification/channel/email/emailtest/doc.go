// Package emailtest is a mail server for tests: it listens on a port of this machine, speaks SMTP with or without TLS and
// authentication, and hands each mail it takes to the test.
package emailtest
