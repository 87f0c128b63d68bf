// Package authenticationservice is the API for signing in with a password and for staying signed in (signet.authentication.v1):
// it translates messages to commands and queries and their answers back, one file per RPC.
//
// Logout, Get and Delete act on the caller; no other RPC has one. What strangers may learn, and how often they may ask, is
// decided by package command/signin.
package authenticationservice
