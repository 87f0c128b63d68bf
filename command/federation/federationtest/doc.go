// Package federationtest runs identity providers of another make for tests: complete ones, with a user who is signed in
// without a page, as foreign to this code as those it will meet.
package federationtest
