// Package memberservice serves signet.member.v1.MemberService: one file per RPC, each of which translates a request to a
// command or a query and its outcome to an answer.
package memberservice
