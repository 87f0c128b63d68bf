// Package userservice serves signet.user.v2.UserService: one file per RPC, each of which translates a request to a command
// or a query and its outcome to an answer. RPCs without a file answer "unimplemented".
package userservice
