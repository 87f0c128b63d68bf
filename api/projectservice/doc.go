// Package projectservice serves signet.project.v2.ProjectService: one file per RPC, each of which translates a request to a command or
// a query and its outcome to an answer.
package projectservice
