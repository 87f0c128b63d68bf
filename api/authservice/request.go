package authservice

import (
	"cmp"
	"context"

	"connectrpc.com/connect"

	"github.com/signet-iam/signet/command/permission"
)

// Headers that say where a caller acts. The first of each kind that is set counts; the others are what clients of other systems send.
func organizationHeaders() [2]string { return [...]string{"X-Signet-Orgid", "X-Zitadel-Orgid"} }

// headerProject names the project that a caller asks about, as its tokens name none.
const headerProject = "X-Signet-Projectid"

// header returns a header of the request; empty if there is none.
func header(ctx context.Context, name string) string {
	if info, ok := connect.CallInfoForHandlerContext(ctx); ok {
		return info.RequestHeader().Get(name)
	}
	return ""
}

// acting returns the organization in which the caller acts: the one that the request names, or else the caller's own.
func acting(ctx context.Context, caller *permission.Caller) string {
	if !caller.Authenticated() {
		return ""
	}
	named := ""
	for _, name := range organizationHeaders() {
		named = cmp.Or(named, header(ctx, name))
	}
	return cmp.Or(named, caller.Organization)
}
